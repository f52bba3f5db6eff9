package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.Provider.Check;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Outbound;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundOutcome;
import dev.latchkey.net.OutboundRequest;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Tests of credentials: one request that a provider answers otherwise to those whom it does not know, and what its answer
 * means. Nothing is stored, no refresh token and no authorization code is spent; a token that a test is given is forgotten.
 */
@Singleton
public class Probes {

    /** Of an answer, beyond which a text is not looked for. */
    static final int MAX_BODY_BYTES = 256 * 1024;

    private static final Duration TOTAL = Duration.ofSeconds(10);
    /** What a second request needs at least, to be worth it. */
    private static final Duration LEAST = Duration.ofSeconds(1);
    /** RFC 6749 section 5.2: codes that say something of the client itself. */
    private static final Set<String> OF_CLIENT = Set.of("invalid_client", "invalid_grant");
    /** They say nothing of the credentials, not even that nothing can be said. */
    private static final Set<ProbeSentence> KEEPING = EnumSet.of(ProbeSentence.TOO_MANY, ProbeSentence.BUSY,
            ProbeSentence.TO_BE_RENEWED, ProbeSentence.UNCOMPARED);
    private static final Pattern ERROR_CODE = Pattern.compile("[a-z_]{1,40}");

    private final Outbound outbound;
    private final UnaryOperator<OutboundRequest> detour;
    private final Duration total;
    private final InstantSource clock;
    private final MeterRegistry metrics;

    @Inject
    Probes(Outbound outbound, InstantSource clock, MeterRegistry metrics) {
        this(outbound, UnaryOperator.identity(), TOTAL, clock, metrics);
    }

    /**
     * @param detour where requests go instead: fakes of providers
     * @param total of a whole test
     */
    Probes(Outbound outbound, UnaryOperator<OutboundRequest> detour, Duration total, InstantSource clock) {
        this(outbound, detour, total, clock, new CompositeMeterRegistry());
    }

    private Probes(Outbound outbound, UnaryOperator<OutboundRequest> detour, Duration total, InstantSource clock,
            MeterRegistry metrics) {
        this.outbound = outbound;
        this.detour = detour;
        this.total = total;
        this.clock = clock;
        this.metrics = metrics;
    }

    /**
     * Tests a credential, in 10 s at most. Never fails: whatever can happen is a result, an address that does not fit
     * together among it. Who is writing a credential asks {@link Addresses} first, which names the field.
     */
    public Uni<ProbeResult> test(ProbeSubject subject) {
        return Uni.createFrom().deferred(() -> carriedOut(subject)).invoke(this::count);
    }

    /**
     * Host and port that a test of it asks; empty where it asks nobody. That a token has ended meanwhile changes nothing of
     * that, since it is renewed.
     */
    static String host(ProbeSubject subject) {
        return ProbePlan.of(subject, OutboundLimits.of(TOTAL, MAX_BODY_BYTES), Instant.EPOCH).asks()
                .map(Destination::authority).orElse("");
    }

    private Uni<ProbeResult> carriedOut(ProbeSubject subject) {
        ProbePlan plan = ProbePlan.of(subject, OutboundLimits.of(total, MAX_BODY_BYTES), clock.instant());
        Telling telling = new Telling(subject);
        if (plan instanceof ProbePlan.Known known) {
            return Uni.createFrom().item(() -> telling.of(known.sentence()));
        }
        if (plan instanceof ProbePlan.Asked asked) {
            return send(asked.request()).map(outcome -> outcome.answer() == null ? telling.of(asked.request(), outcome)
                    : telling.of(asked.rule().read(outcome.answer()), asked.request(), outcome));
        }
        if (plan instanceof ProbePlan.TokenAsked asked) {
            return send(asked.request()).map(outcome -> outcome.answer() == null ? telling.of(asked.request(), outcome)
                    : telling.of(token(subject, outcome.answer()), asked.request(), outcome));
        }
        return compare((ProbePlan.Compared) plan, telling);
    }

    private Uni<OutboundOutcome> send(OutboundRequest request) {
        return outbound.send(detour.apply(request));
    }

    /**
     * 401, and the credentials are wrong; taken or 403, it is asked whether everyone is answered like that: a firewall, or the
     * root of a gateway, refuses all the same, and knows nobody.
     */
    private Uni<ProbeResult> compare(ProbePlan.Compared plan, Telling telling) {
        return send(plan.with()).flatMap(with -> {
            if (with.answer() == null) {
                return Uni.createFrom().item(() -> telling.of(plan.with(), with));
            }
            ProbeSentence usual = ProbeRule.USUAL.read(with.answer());
            if (usual != ProbeSentence.ACCEPTED && usual != ProbeSentence.REFUSED_403) {
                // Nobody has said that there is anything at a base URL.
                boolean saysNothing = usual.reason() == ProbeReason.MISCONFIGURED;
                return Uni.createFrom()
                        .item(() -> telling.of(saysNothing ? ProbeSentence.SAYS_NOTHING : usual, plan.with(), with));
            }
            Duration left = total.minus(with.took());
            if (left.compareTo(LEAST) < 0) {
                return Uni.createFrom().item(() -> telling.of(ProbeSentence.UNCOMPARED, plan.with(), with));
            }
            OutboundRequest anyone = plan.without();
            return send(new OutboundRequest(anyone.method(), anyone.to(), anyone.headers(), null,
                    OutboundLimits.of(left, MAX_BODY_BYTES)))
                    .map(without -> telling.of(compared(usual, without.answer()), plan.with(), with,
                            with.took().plus(without.took())));
        });
    }

    /**
     * @param usual accepted, or refused by 403
     * @param anyone what is answered without the credentials; null: nothing
     */
    private static ProbeSentence compared(ProbeSentence usual, @Nullable OutboundAnswer anyone) {
        if (anyone == null || anyone.status() == 429 || anyone.status() >= 500) {
            return ProbeSentence.UNCOMPARED;
        }
        if (usual == ProbeSentence.REFUSED_403) {
            return anyone.status() == 401 ? usual : ProbeSentence.SAYS_NOTHING;
        }
        return anyone.status() == 401 || anyone.status() == 403 ? usual
                : anyone.status() / 100 == 2 ? ProbeSentence.ANSWERS_ANYONE : ProbeSentence.SAYS_NOTHING;
    }

    /**
     * What a test has shown, and what was answered to it.
     *
     * @param answer of the provider's own test, which may tell whose the credential is; missing where that was not asked
     */
    record Seen(ProbeResult result, JsonNode answer) {

        @Override
        public String toString() {
            return "Seen[" + result + "]";
        }
    }

    /** The same as {@link #test}, with what was answered. */
    Uni<Seen> look(ProbeSubject subject) {
        return Uni.createFrom().deferred(() -> {
            ProbePlan plan = ProbePlan.of(subject, OutboundLimits.of(total, MAX_BODY_BYTES), clock.instant());
            if (!(plan instanceof ProbePlan.Asked asked) || subject.test() != null) {
                return carriedOut(subject).map(result -> new Seen(result, MissingNode.getInstance()));
            }
            Telling telling = new Telling(subject);
            return send(asked.request()).map(outcome -> {
                OutboundAnswer answer = outcome.answer();
                return answer == null ? new Seen(telling.of(asked.request(), outcome), MissingNode.getInstance())
                        : new Seen(telling.of(asked.rule().read(answer), asked.request(), outcome), ProbeRule.json(answer));
            });
        }).invoke(seen -> count(seen.result()));
    }

    private void count(ProbeResult result) {
        metrics.counter("latchkey.credential.tests", "reason", result.reason().text()).increment();
    }

    /** RFC 6749 sections 5.1 and 5.2; some say an error with 200. */
    private static ProbeSentence token(ProbeSubject subject, OutboundAnswer answer) {
        String error = error(answer);
        if (error != null) {
            return OF_CLIENT.contains(error) ? ProbeSentence.CLIENT_REFUSED
                    : answer.status() == 429 ? ProbeSentence.TOO_MANY
                            : answer.status() >= 500 ? ProbeSentence.FAILING
                                    : answer.status() == 401 ? ProbeSentence.CLIENT_REFUSED : ProbeSentence.GRANT_REFUSED;
        }
        if (answer.status() / 100 != 2) {
            return ProbeRule.USUAL.read(answer);
        }
        Provider provider = subject.provider();
        ProviderOAuth oauth = provider == null ? null : provider.oauth2();
        JsonNode token = ProbeRule.json(answer)
                .at(JsonPointer.compile(oauth == null ? "/access_token" : oauth.answer().accessTokenAt()));
        return token.isTextual() && !token.asText().isEmpty() ? ProbeSentence.TOKEN_GIVEN : ProbeSentence.NO_TOKEN;
    }

    private static @Nullable String error(OutboundAnswer answer) {
        String error = ProbeRule.json(answer).path("error").asText("");
        return ERROR_CODE.matcher(error).matches() ? error : null;
    }

    /** Puts what was seen into words. */
    private final class Telling {

        private final ProbeSubject subject;

        Telling(ProbeSubject subject) {
            this.subject = subject;
        }

        /** Nobody was asked. */
        ProbeResult of(ProbeSentence sentence) {
            return result(sentence, Map.of(), null, Duration.ZERO);
        }

        /** Nobody answered. */
        ProbeResult of(OutboundRequest request, OutboundOutcome outcome) {
            ProbeSentence sentence = switch (outcome.code()) {
                // What a look at the address tells is told; what a name leads to is not, see docs/egress.md.
                case BLOCKED -> outbound.refusalAtSight(request.to()).isPresent() ? ProbeSentence.BLOCKED
                        : ProbeSentence.UNREACHABLE;
                case UNRESOLVED, UNREACHABLE -> ProbeSentence.UNREACHABLE;
                case TLS -> ProbeSentence.TLS;
                case TIMEOUT -> ProbeSentence.TIMEOUT;
                case BUSY -> ProbeSentence.BUSY;
                case BROKEN, ANSWERED -> ProbeSentence.BROKEN;
            };
            return result(sentence, values(request.to(), null), null, outcome.asTold().took());
        }

        ProbeResult of(ProbeSentence sentence, OutboundRequest request, OutboundOutcome outcome) {
            return of(sentence, request, outcome, outcome.took());
        }

        ProbeResult of(ProbeSentence read, OutboundRequest request, OutboundOutcome outcome, Duration took) {
            OutboundAnswer answer = outcome.answer();
            Map<String, String> values = values(request.to(), answer);
            Instant end = Ending.forGood(subject.data(), subject.provider());
            ProbeSentence sentence = read;
            if (read.reason() == ProbeReason.VALID && end != null
                    && !end.isAfter(clock.instant().plus(Ending.SOON))) {
                sentence = ProbeSentence.ENDS_SOON;
                values.put("date", end.truncatedTo(ChronoUnit.SECONDS).toString());
            } else if (read.reason() == ProbeReason.INVALID && subject.data() instanceof OAuth2 oauth
                    && oauth.grant() == CredentialData.Grant.AUTHORIZATION_CODE && oauth.refreshToken() == null) {
                sentence = ProbeSentence.TOKEN_REFUSED;
            }
            return result(sentence, values, answer == null ? null : answer.status(), took);
        }

        private Map<String, String> values(Destination asked, @Nullable OutboundAnswer answer) {
            Map<String, String> values = new HashMap<>();
            values.put("host", asked.authority());
            values.put("seconds", Long.toString(total.toSeconds()));
            values.put("size", MAX_BODY_BYTES / 1024 + " KiB");
            values.put("expected", expected());
            if (answer != null) {
                values.put("status", Integer.toString(answer.status()));
                String error = error(answer);
                values.put("error", error == null ? "" : error);
            }
            return values;
        }

        private String expected() {
            ProbeTest own = subject.test();
            Check check = subject.provider() == null ? null : subject.provider().test(subject.data().type());
            ProbeRule rule = own != null ? ProbeRule.of(own) : check != null ? ProbeRule.of(check) : ProbeRule.USUAL;
            return rule.expect().isEmpty() ? "2xx"
                    : rule.expect().stream().map(Object::toString).collect(Collectors.joining(", "));
        }

        private ProbeResult result(ProbeSentence sentence, Map<String, String> values, @Nullable Integer httpStatus,
                Duration took) {
            ProbeReason reason = sentence.reason();
            ProbeTexts texts = ProbeTexts.in(subject.locale());
            return new ProbeResult(reason.status(), reason, texts.said(sentence, values), httpStatus, took.toMillis(),
                    clock.instant(), texts.nextStep(reason),
                    KEEPING.contains(sentence));
        }
    }
}
