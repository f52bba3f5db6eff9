package dev.latchkey.key;

import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.container.ContainerResponseContext;

import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a key asks of our own operations against its limit, after it was let in, and tells in the answer what is left.
 * Verifications are not counted: they would use up the limit of a gateway's key with other people's requests; unless the
 * key names a limit of its own, which then is meant for just that.
 */
@RequestScoped
class OwnLimit {

    private final Verifier verifier;
    private @Nullable Quota quota;

    OwnLimit(Verifier verifier) {
        this.verifier = verifier;
    }

    @Nullable
    Quota quota() {
        return quota;
    }

    @ServerRequestFilter
    Uni<Void> count(RoutingContext request) {
        KeySnapshot key = KeyAuthentication.keyOf(request);
        if (key == null) {
            return Uni.createFrom().voidItem();
        }
        boolean verifies = request.normalizedPath().equals(KeyAuthentication.VERIFY);
        Question asked = KeyAuthentication.useOf(request);
        Question use = verifies ? KeyAuthentication.verificationBy(key, asked.ip()) : asked;
        boolean counted = key.limit() != null && (key.limit().own() || !verifies);
        if (!counted) {
            verifier.noteUse(key, Verdict.Code.VALID, use);
            return Uni.createFrom().voidItem();
        }
        return verifier.takeOwn(key, use).invoke(taken -> {
            quota = taken.orElse(null);
            if (quota != null && !quota.admitted()) {
                throw Refusals.limited(quota);
            }
        }).replaceWithVoid();
    }

    @ServerResponseFilter
    void tell(ContainerResponseContext response) {
        // Whatever has refused the request otherwise tells of its own.
        if (quota != null && !response.getHeaders().containsKey("RateLimit")) {
            response.getHeaders().putSingle("RateLimit", quota.limitField());
            response.getHeaders().putSingle("RateLimit-Policy", quota.policyField());
        }
    }
}
