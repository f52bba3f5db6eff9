package dev.latchkey.credential;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;

import jakarta.inject.Singleton;

import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.net.Outbound;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * The first tokens of a credential that is being stored: by the client's own credentials, or by a refresh token that somebody
 * has pasted.
 *
 * <p>
 * A test spends nothing; saving does, and what it gets is stored with the credential, whatever a test of it shows: the refresh
 * token that was pasted may be worth nothing any more. What was refused is not stored. Where it is not known whether it was
 * spent, it is stored as presented once, and renewed like any other ({@link Renewal}), which presents it once more.
 */
@Singleton
class FirstTokens {

    private static final OutboundLimits LIMITS = OutboundLimits.of(Duration.ofSeconds(20), 256 * 1024);
    private static final int TOO_MANY = 429;
    private static final String BUSY = "busy";
    private static final String TLS = "tls";

    private final Outbound outbound;
    private final Probes probes;
    private final CredentialQueries queries;
    private final InstantSource clock;

    FirstTokens(Outbound outbound, Probes probes, CredentialQueries queries, InstantSource clock) {
        this.outbound = outbound;
        this.probes = probes;
        this.queries = queries;
        this.clock = clock;
    }

    /**
     * What is stored.
     *
     * @param tried what may be stored
     * @param isNew whether the refresh token is one that was said just now: another is its renewals' alone
     * @return the same where nothing is to be got
     * @throws ProblemException 422 where the provider gives no tokens
     */
    Uni<Credentials.Tried> of(Credentials.Tried tried, boolean isNew, Locale locale) {
        TokenRequests.Kind kind = tried.material().data() instanceof OAuth2 oauth ? kind(oauth, isNew) : null;
        if (kind == null || !(tried.material().data() instanceof OAuth2 data)) {
            return Uni.createFrom().item(tried);
        }
        OutboundRequest request = TokenRequests.of(tried.material(), data, kind, LIMITS);
        return queries.now().flatMap(asked -> outbound.send(request).flatMap(outcome -> {
            RefreshOutcome answered = TokenReading.read(outcome, tried.material().provider(), asked);
            Granted granted = answered.granted();
            if (granted != null) {
                return given(tried, data, granted, kind, locale);
            }
            // The test was given one just now: what came between passes, and a renewal asks again.
            if (kind == TokenRequests.Kind.REFRESH_TOKEN) {
                refuse(answered, request, locale);
            }
            boolean mayBeSpent = answered.code() == RefreshOutcome.Code.LOST
                    && !TokenRequests.survivesLoss(kind, tried.material().provider());
            return Uni.createFrom().item(new Credentials.Tried(tried.material(), tried.outcome(), tried.host(), tried.key(),
                    null, mayBeSpent ? 1 : 0));
        }));
    }

    private TokenRequests.@Nullable Kind kind(OAuth2 data, boolean isNew) {
        if (data.grant() == Grant.CLIENT_CREDENTIALS) {
            return TokenRequests.Kind.CLIENT;
        }
        boolean lives = data.accessToken() != null
                && (data.expiresAt() == null || data.expiresAt().isAfter(clock.instant()));
        return isNew && !lives && data.refreshToken() != null ? TokenRequests.Kind.REFRESH_TOKEN : null;
    }

    private Uni<Credentials.Tried> given(Credentials.Tried tried, OAuth2 data, Granted granted, TokenRequests.Kind kind,
            Locale locale) {
        CredentialMaterial material = NewPair.in(tried.material(), data, granted, true);
        if (kind == TokenRequests.Kind.CLIENT) {
            return Uni.createFrom()
                    .item(new Credentials.Tried(material, tried.outcome(), tried.host(), tried.key(), granted, 0));
        }
        ProbeSubject subject = material.subject(locale);
        return probes.test(subject).map(
                result -> new Credentials.Tried(material, Outcome.of(result), Probes.host(subject), tried.key(), granted, 0));
    }

    private void refuse(RefreshOutcome outcome, OutboundRequest request, Locale locale) {
        ProbeSentence sentence = switch (outcome.code()) {
            case GRANT_REFUSED -> ProbeSentence.REFRESH_REFUSED;
            case CLIENT_REFUSED -> ProbeSentence.CLIENT_REFUSED;
            case REJECTED, GRANTED, WITHOUT_PAIR -> ProbeSentence.GRANT_REFUSED;
            // That we are busy ourselves is no fault of the token's.
            case UNREACHED -> BUSY.equals(outcome.error()) ? null
                    : TLS.equals(outcome.error()) ? ProbeSentence.TLS : ProbeSentence.UNREACHABLE;
            case BUSY -> Integer.valueOf(TOO_MANY).equals(outcome.httpStatus()) ? null : ProbeSentence.FAILING;
            case LOST -> null;
        };
        if (sentence == null) {
            return;
        }
        ProbeReason reason = sentence.reason();
        ProbeTexts texts = ProbeTexts.in(locale);
        String said = texts.said(sentence, Map.of("host", request.to().authority(), "status",
                outcome.httpStatus() == null ? "" : outcome.httpStatus().toString(), "error",
                outcome.error() == null ? "" : outcome.error()));
        ProbeResult result = new ProbeResult(reason.status(), reason, said, outcome.httpStatus(), 0,
                clock.instant(), texts.nextStep(reason), false);
        throw new ProblemException(ProblemCode.TEST_FAILED, result.detail() + " " + result.nextStep()).telling("test", result);
    }
}
