package dev.latchkey.credential;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.Provider.Check;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Header;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/**
 * What a credential is tested by. A plan never spends anything: no authorization code, no refresh token.
 */
sealed interface ProbePlan {

    /** Nothing is sent: it is known already. */
    record Known(ProbeSentence sentence) implements ProbePlan {
    }

    /** The provider's test, or the merchant's own. */
    record Asked(OutboundRequest request, ProbeRule rule) implements ProbePlan {
    }

    /** There is no test but a base URL, which says something where it answers otherwise without the credentials. */
    record Compared(OutboundRequest with, OutboundRequest without) implements ProbePlan {
    }

    /** A token is asked for, and forgotten. */
    record TokenAsked(OutboundRequest request) implements ProbePlan {
    }

    /** Whom it asks, first of all; empty: nobody. */
    default Optional<Destination> asks() {
        if (this instanceof Asked asked) {
            return Optional.of(asked.request().to());
        }
        if (this instanceof Compared compared) {
            return Optional.of(compared.with().to());
        }
        return this instanceof TokenAsked asked ? Optional.of(asked.request().to()) : Optional.empty();
    }

    static ProbePlan of(ProbeSubject subject, OutboundLimits limits, Instant now) {
        try {
            Addresses addresses = Addresses.of(subject.provider(), subject.variables(), subject.baseUrl());
            if (subject.data() instanceof OAuth2 oauth) {
                if (oauth.grant() == Grant.CLIENT_CREDENTIALS) {
                    OutboundRequest request = new TokenCall(subject.provider(), subject.variables(), oauth)
                            .clientCredentials(addresses, limits);
                    return request == null ? new Known(ProbeSentence.NO_ADDRESS) : new TokenAsked(request);
                }
                ProbeSentence without = withoutToken(oauth, now);
                if (without != null) {
                    return new Known(without);
                }
            }
            Optional<Authentication> authentication = Authentication.of(subject.data(), subject.provider(),
                    subject.variables());
            return authentication.isEmpty() ? new Known(ProbeSentence.NOT_CONNECTED)
                    : asked(subject, addresses, authentication.get(), limits);
        } catch (ProblemException refused) {
            // A stored credential whose entry has changed since; what is being written is told by its fields before.
            return new Known(refused.code().status() == 409 ? ProbeSentence.UNSENDABLE : ProbeSentence.NO_ADDRESS);
        }
    }

    private static @Nullable ProbeSentence withoutToken(OAuth2 oauth, Instant now) {
        if (oauth.accessToken() == null) {
            return oauth.refreshToken() == null ? ProbeSentence.NOT_CONNECTED : ProbeSentence.WOULD_SPEND;
        }
        if (oauth.expiresAt() != null && !oauth.expiresAt().isAfter(now)) {
            return oauth.refreshToken() == null ? ProbeSentence.TOKEN_ENDED : ProbeSentence.TO_BE_RENEWED;
        }
        return null;
    }

    private static ProbePlan asked(ProbeSubject subject, Addresses addresses, Authentication authentication,
            OutboundLimits limits) {
        ProbeTest own = subject.test();
        if (own != null) {
            HttpMethod method = own.head() ? HttpMethod.HEAD : HttpMethod.GET;
            return new Asked(request(method, addresses.of("test.url", own.url()), authentication, limits, null),
                    ProbeRule.of(own));
        }
        Provider provider = subject.provider();
        Check check = provider == null ? null : provider.test(subject.data().type());
        if (check != null) {
            Destination there = addresses.at(check.at());
            return there == null ? new Known(ProbeSentence.NO_ADDRESS)
                    : new Asked(request(HttpMethod.valueOf(check.method()), there, authentication, limits, check),
                            ProbeRule.of(check));
        }
        String base = addresses.base();
        // An entry without a test says that no request tells; of a host of which nothing is known, one may.
        if (base != null && (provider == null || provider.baseUrl() == null && provider.ownHost() == null)) {
            Destination there = addresses.of("baseUrl", base);
            return new Compared(request(HttpMethod.GET, there, authentication, limits, null),
                    new OutboundRequest(HttpMethod.GET, there, List.of(accepting()), null, limits));
        }
        return new Known(ProbeSentence.NO_TEST);
    }

    private static OutboundRequest request(HttpMethod method, Destination there, Authentication authentication,
            OutboundLimits limits, @Nullable Check check) {
        List<Header> headers = new ArrayList<>(authentication.sent());
        if (headers.stream().noneMatch(header -> header.name().equalsIgnoreCase("Accept"))) {
            headers.add(accepting());
        }
        Buffer body = null;
        if (check != null && check.body() != null) {
            headers.add(new Header("Content-Type", check.contentType()));
            body = Buffer.buffer(check.body());
        }
        return new OutboundRequest(method, there.withTarget(authentication.addedTo(there.target())), headers, body, limits,
                true);
    }

    /** Most speak JSON, and some of them XML unless asked; a page for people will do as well. */
    private static Header accepting() {
        return new Header("Accept", "application/json, */*;q=0.5");
    }
}
