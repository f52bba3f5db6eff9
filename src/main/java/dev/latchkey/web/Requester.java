package dev.latchkey.web;

import java.util.UUID;

import io.quarkus.security.identity.SecurityIdentity;
import org.jspecify.annotations.Nullable;

/** Who makes a request, as far as HTTP needs to tell callers apart; the package {@code identity} knows the rest. */
public interface Requester {

    /** The attribute of the security identity that holds it. */
    String ATTRIBUTE = "latchkey.caller";

    /** One name for each caller of an organization: kind and id. */
    String requester();

    /** The organization that is acted for; null for none. */
    @Nullable
    UUID organizationId();

    /** Who makes the request that this identity was made for. */
    static Requester of(SecurityIdentity identity) {
        Requester requester = identity.getAttribute(ATTRIBUTE);
        if (requester == null) {
            throw new IllegalStateException("the operation demands no caller");
        }
        return requester;
    }
}
