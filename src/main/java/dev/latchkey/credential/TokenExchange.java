package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.latchkey.credential.ProviderOAuth.BodyFormat;
import dev.latchkey.credential.ProviderOAuth.Exchange;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Outbound;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundOutcome;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Presents an authorization code at the token endpoint (RFC 6749 section 4.1.3), and trades what it is given for what lives
 * longer where the provider's entry says so. Each of the two is sent once: a code that is presented twice may cost whatever it
 * was given the first time (section 4.1.2).
 */
@Singleton
class TokenExchange {

    private static final OutboundLimits LIMITS = OutboundLimits.of(Duration.ofSeconds(20), 256 * 1024);

    private final Outbound outbound;
    private final UnaryOperator<OutboundRequest> detour;

    @Inject
    TokenExchange(Outbound outbound) {
        this(outbound, UnaryOperator.identity());
    }

    /** @param detour where requests go instead: fakes of providers */
    TokenExchange(Outbound outbound, UnaryOperator<OutboundRequest> detour) {
        this.outbound = outbound;
        this.detour = detour;
    }

    /**
     * A code, and what it is presented with.
     *
     * @param there the token endpoint
     * @param redirect as it was sent to the authorize URL
     * @param verifier null: without PKCE
     */
    record Code(Destination there, Secret code, String redirect, @Nullable Secret verifier) {
    }

    /**
     * What came of it.
     *
     * @param answer of the code, for whose account it tells; missing where there was none
     */
    record Exchanged(RefreshOutcome outcome, JsonNode answer) {

        private static Exchanged unsendable(JsonNode answer) {
            return new Exchanged(RefreshOutcome.failed(RefreshOutcome.Code.REJECTED, "unsendable", null), answer);
        }

        @Override
        public String toString() {
            return "Exchanged[" + outcome.code() + "]";
        }
    }

    /**
     * Never fails for what the provider does.
     *
     * @param call of the client
     * @param clock the database's
     */
    Uni<Exchanged> present(TokenCall call, Code code, InstantSource clock) {
        Provider provider = call.provider();
        OutboundRequest request;
        try {
            request = request(call, code);
        } catch (ProblemException unsendable) {
            return Uni.createFrom().item(Exchanged.unsendable(MissingNode.getInstance()));
        }
        return sent(request, provider, clock).flatMap(given -> {
            Granted granted = given.outcome().granted();
            Exchange exchange = provider == null || provider.oauth2() == null ? null : provider.oauth2().exchange();
            if (provider == null || exchange == null || granted == null) {
                return Uni.createFrom().item(given);
            }
            return traded(call, exchange, granted, given.answer(), clock);
        });
    }

    private static OutboundRequest request(TokenCall call, Code code) {
        Map<String, String> parameters = new LinkedHashMap<>();
        ProviderOAuth oauth = call.oauth();
        if (oauth != null) {
            oauth.tokenParameters().forEach((name, value) -> parameters.put(name, value.fill(call.values())));
        }
        parameters.put(call.nameOf("grant_type"), "authorization_code");
        parameters.put(call.nameOf("code"), code.code().reveal());
        parameters.put(call.nameOf("redirect_uri"), code.redirect());
        Secret verifier = code.verifier();
        if (verifier != null) {
            parameters.put(call.nameOf("code_verifier"), verifier.reveal());
        }
        return call.request(code.there(), parameters, oauth == null ? BodyFormat.FORM : oauth.body(), LIMITS, true,
                false);
    }

    /** Whose it is, and for what, the first answer tells where the second does not. */
    private Uni<Exchanged> traded(TokenCall call, Exchange exchange, Granted first, JsonNode answer, InstantSource clock) {
        OutboundRequest request;
        try {
            request = request(call, exchange, first);
        } catch (ProblemException unsendable) {
            return Uni.createFrom().item(Exchanged.unsendable(answer));
        }
        return sent(request, call.provider(), clock).map(traded -> {
            RefreshOutcome outcome = traded.outcome();
            Granted granted = outcome.granted();
            return new Exchanged(granted == null || !granted.scopes().isEmpty() ? outcome
                    : new RefreshOutcome(outcome.code(), new Granted(granted.accessToken(), granted.refreshToken(),
                            granted.expiresAt(), granted.refreshEndsAt(), first.scopes()), null, outcome.httpStatus(), null),
                    answer);
        });
    }

    /** Within the provider's own hosts, like every address of its entry. What signs the client in stands in the entry. */
    private static OutboundRequest request(TokenCall call, Exchange exchange, Granted granted) {
        Provider provider = call.provider();
        String url = exchange.url().fill(call.variables().values());
        Destination there = url == null ? null : Destination.parse(url).orNull();
        if (there == null || provider == null || !provider.admits(there)) {
            throw ProblemException.invalid("variables", "lead to a host that is none of this provider's");
        }
        Map<String, String> values = call.values();
        values.put(TextTemplate.ACCESS_TOKEN, granted.accessToken().reveal());
        Secret clientSecret = call.data().clientSecret();
        if (clientSecret != null) {
            values.put(TextTemplate.CLIENT_SECRET, clientSecret.reveal());
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        exchange.parameters().forEach((name, value) -> parameters.put(name, value.fill(values)));
        return call.request(there, parameters, exchange.body(), LIMITS, false, false);
    }

    private Uni<Exchanged> sent(OutboundRequest request, @Nullable Provider provider, InstantSource clock) {
        return Uni.createFrom().deferred(() -> {
            Instant sent = clock.instant();
            return outbound.send(detour.apply(request))
                    .map(outcome -> new Exchanged(TokenReading.read(outcome, provider, sent), tree(outcome)));
        });
    }

    private static JsonNode tree(OutboundOutcome outcome) {
        OutboundAnswer answer = outcome.answer();
        return answer == null ? MissingNode.getInstance() : ProbeRule.json(answer);
    }
}
