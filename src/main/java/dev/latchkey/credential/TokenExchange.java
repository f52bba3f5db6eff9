package dev.latchkey.credential;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.Provider.BodyFormat;
import dev.latchkey.credential.Provider.Exchange;
import dev.latchkey.credential.Provider.OAuth;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Header;
import dev.latchkey.net.Outbound;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundOutcome;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Presents an authorization code at the token endpoint (RFC 6749 section 4.1.3), and trades what it is given for what lives
 * longer where the provider's entry says so. Each of the two is sent once: a code that is presented twice may cost whatever it
 * was given the first time (section 4.1.2).
 */
@Singleton
class TokenExchange {

    private static final OutboundLimits LIMITS = OutboundLimits.of(Duration.ofSeconds(20), 256 * 1024);
    private static final String ACCEPT = "Accept";
    private static final String JSON = "application/json";

    private final Outbound outbound;
    private final UnaryOperator<OutboundRequest> detour;
    private final InstantSource clock;

    @Inject
    TokenExchange(Outbound outbound, InstantSource clock) {
        this(outbound, UnaryOperator.identity(), clock);
    }

    /** @param detour where requests go instead: fakes of providers */
    TokenExchange(Outbound outbound, UnaryOperator<OutboundRequest> detour, InstantSource clock) {
        this.outbound = outbound;
        this.detour = detour;
        this.clock = clock;
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

        @Override
        public String toString() {
            return "Exchanged[" + outcome.code() + "]";
        }
    }

    /** Never fails for what the provider does. */
    Uni<Exchanged> present(@Nullable Provider provider, Variables variables, OAuth2 data, Code code) {
        OutboundRequest request;
        try {
            request = request(new TokenCall(provider, variables, data), provider, code);
        } catch (ProblemException unsendable) {
            return Uni.createFrom().item(new Exchanged(
                    RefreshOutcome.failed(RefreshOutcome.Code.REJECTED, "unsendable", null), MissingNode.getInstance()));
        }
        return sent(request, provider).flatMap(given -> {
            Granted granted = given.outcome().granted();
            Exchange exchange = provider == null || provider.oauth2() == null ? null : provider.oauth2().exchange();
            if (provider == null || exchange == null || granted == null) {
                return Uni.createFrom().item(given);
            }
            return traded(provider, variables, data, exchange, granted, given);
        });
    }

    private static OutboundRequest request(TokenCall call, @Nullable Provider provider, Code code) {
        Map<String, String> parameters = new LinkedHashMap<>();
        OAuth oauth = provider == null ? null : provider.oauth2();
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

    private Uni<Exchanged> traded(Provider provider, Variables variables, OAuth2 data, Exchange exchange, Granted granted,
            Exchanged given) {
        Destination there = destination(provider, variables, exchange);
        if (there == null) {
            return Uni.createFrom().item(new Exchanged(
                    RefreshOutcome.failed(RefreshOutcome.Code.REJECTED, "unsendable", null), given.answer()));
        }
        // Whose it is, the first answer tells.
        return sent(request(there, variables, data, exchange, granted), provider)
                .map(traded -> new Exchanged(traded.outcome(), given.answer()));
    }

    /** Within the provider's own hosts, like every address of its entry. */
    private static @Nullable Destination destination(Provider provider, Variables variables, Exchange exchange) {
        String url = exchange.url().fill(variables.values());
        Destination there = url == null ? null : Destination.parse(url).orNull();
        return there == null || !provider.admits(there) ? null : there;
    }

    private static OutboundRequest request(Destination there, Variables variables, OAuth2 data, Exchange exchange,
            Granted granted) {
        Map<String, String> values = new HashMap<>(variables.values());
        values.put(TextTemplate.CLIENT_ID, data.clientId());
        values.put(TextTemplate.ACCESS_TOKEN, granted.accessToken().reveal());
        if (data.clientSecret() != null) {
            values.put(TextTemplate.CLIENT_SECRET, data.clientSecret().reveal());
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        exchange.parameters().forEach((name, value) -> parameters.put(name, value.fill(values)));
        List<Header> headers = new ArrayList<>(List.of(new Header(ACCEPT, JSON)));
        return switch (exchange.body()) {
            case FORM -> {
                headers.add(new Header("Content-Type", "application/x-www-form-urlencoded"));
                yield new OutboundRequest(HttpMethod.POST, there, headers, Buffer.buffer(form(parameters)), LIMITS, false);
            }
            case JSON -> {
                headers.add(new Header("Content-Type", JSON));
                yield new OutboundRequest(HttpMethod.POST, there, headers,
                        new JsonObject(new LinkedHashMap<>(parameters)).toBuffer(), LIMITS, false);
            }
            case QUERY -> new OutboundRequest(HttpMethod.GET,
                    there.withTarget(there.target() + (there.target().indexOf('?') < 0 ? "?" : "&") + form(parameters)),
                    headers, null, LIMITS, false);
        };
    }

    private Uni<Exchanged> sent(OutboundRequest request, @Nullable Provider provider) {
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

    private static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(each -> URLEncoder.encode(each.getKey(), StandardCharsets.UTF_8) + "="
                        + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
