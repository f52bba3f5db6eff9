package dev.latchkey.integration;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import dev.latchkey.catalog.ApiPath;
import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission;
import dev.latchkey.integration.IntegrationResource.Edit;
import dev.latchkey.integration.Named.BoundCredential;
import dev.latchkey.integration.Named.BoundKey;
import dev.latchkey.net.CidrSet;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * What a key could use itself, and the rule that it binds nothing more: a binding gives whoever holds the bound key the use of
 * the credential. People bind whatever their organization has. A key that is limited to stores binds nothing at all.
 *
 * <p>
 * A key that widens an integration must reach all of the result: it needs the scope, methods that allow a lease, and a network
 * wherever a bound key has one. One that narrows or renames it need not: what stays was someone else's gift. And never does it
 * widen one of its own: what it is given to use, others say.
 *
 * @param networks empty: from anywhere
 * @param methods null: all
 */
record Reach(CidrSet networks, @Nullable MethodPatterns methods) {

    /**
     * @param before null: it does not exist yet
     * @throws ProblemException 403, naming each field that goes too far
     */
    static Uni<Void> require(Caller caller, Named named, @Nullable Edit before, Edit wanted) {
        return caller.kind() == Caller.Kind.PERSON || !isWider(before, wanted) ? Uni.createFrom().voidItem()
                : of(UUID.fromString(caller.id())).invoke(reach -> reach.require(caller, named)).replaceWithVoid();
    }

    private static boolean isWider(@Nullable Edit before, Edit wanted) {
        return wanted.active() && (before == null || !before.active() || !before.keyIds().containsAll(wanted.keyIds())
                || !before.credentialIds().containsAll(wanted.credentialIds()));
    }

    private void require(Caller caller, Named named) {
        List<FieldError> errors = new ArrayList<>();
        if (!caller.may(Permission.CREDENTIALS_USE)) {
            errors.add(new FieldError("credentialIds", "your key lacks the scope credentials:use"));
        }
        for (int i = 0; i < named.credentials().size(); i++) {
            BoundCredential credential = named.credentials().get(i);
            if (methods != null && !methods.allow("POST", leaseOf(credential))) {
                errors.add(new FieldError("credentialIds[" + i + "]", "your key's methods do not allow to lease it"));
            }
        }
        for (int i = 0; i < named.keys().size(); i++) {
            BoundKey key = named.keys().get(i);
            CidrSet theirs = CidrSet.parse(key.networks()).orNull();
            if (key.id().equals(UUID.fromString(caller.id()))) {
                errors.add(new FieldError("keyIds[" + i + "]", "is your own key, which cannot give itself anything to use"));
            } else if (!networks.isEmpty() && (theirs == null || theirs.isEmpty() || !networks.containsAll(theirs))) {
                errors.add(new FieldError("keyIds[" + i + "]", "may be used from networks that your key does not allow"));
            }
        }
        if (!errors.isEmpty()) {
            throw new ProblemException(ProblemCode.ESCALATION, "Nobody can bind what he could not use himself.", errors);
        }
    }

    private static ApiPath leaseOf(BoundCredential credential) {
        return ApiPath.parse("/api/v1/credentials/" + credential.id() + "/lease");
    }

    // By primary key. As text, since native queries of Hibernate know no arrays; neither networks nor patterns hold what
    // parts them here.
    private static Uni<Reach> of(UUID key) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                select array_to_string(k.ip_allow_list, ','), array_to_string(k.methods, '\n')
                  from api_key k where k.id = :key
                """, Object[].class).setParameter("key", key).getSingleResultOrNull()).onItem().ifNull()
                .failWith(ProblemException::notFound).map(Reach::of);
    }

    private static Reach of(Object[] row) {
        String methods = (String) row[1];
        CidrSet networks = CidrSet.parse(Named.texts((String) row[0])).orNull();
        if (networks == null) {
            throw new IllegalStateException("the networks of a key cannot be read");
        }
        return new Reach(networks, methods == null ? null : MethodPatterns.stored(List.of(methods.split("\n"))));
    }
}
