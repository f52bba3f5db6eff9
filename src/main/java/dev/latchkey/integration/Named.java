package dev.latchkey.integration;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.latchkey.integration.IntegrationResource.Edit;
import dev.latchkey.integration.IntegrationResource.Warning;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * The keys and credentials that an integration names, as far as they matter to it. Read by statements, since keys and
 * credentials live on a higher floor.
 *
 * @param keys in the order named
 * @param credentials in the order named
 */
record Named(List<BoundKey> keys, List<BoundCredential> credentials) {

    /**
     * @param mayUse whether it has the scope {@code credentials:use}, or methods in its place
     * @param networks where it may be used from, as CIDRs; empty: anywhere
     */
    record BoundKey(UUID id, boolean mayUse, List<String> networks) {
    }

    /** One that the organization has. */
    record BoundCredential(UUID id) {
    }

    /** @throws ProblemException 422, naming each that the organization does not have */
    static Uni<Named> in(UUID organization, Edit wanted) {
        return Panache.getSession()
                .flatMap(session -> keys(session, organization, wanted.keyIds())
                        .flatMap(keys -> credentials(session, organization, wanted.credentialIds())
                                .map(credentials -> of(wanted, keys, credentials))));
    }

    /** What is accepted, since a key may be given its scope later, and does nothing as it is. */
    List<Warning> warnings() {
        List<Warning> warnings = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            if (!keys.get(i).mayUse()) {
                warnings.add(new Warning("keyIds[" + i + "]",
                        "is a key without the scope credentials:use, which cannot use any credential"));
            }
        }
        return warnings;
    }

    private static Named of(Edit wanted, List<BoundKey> keys, List<BoundCredential> credentials) {
        Map<UUID, BoundKey> keysById = keys.stream().collect(Collectors.toMap(BoundKey::id, Function.identity()));
        Map<UUID, BoundCredential> credentialsById = credentials.stream()
                .collect(Collectors.toMap(BoundCredential::id, Function.identity()));
        List<FieldError> unknown = new ArrayList<>();
        unknown.addAll(unknown("keyIds", wanted.keyIds(), keysById.keySet(), "is not a key of this organization"));
        unknown.addAll(unknown("credentialIds", wanted.credentialIds(), credentialsById.keySet(),
                "is not a credential of this organization"));
        if (!unknown.isEmpty()) {
            throw ProblemException.invalid(unknown);
        }
        return new Named(wanted.keyIds().stream().map(keysById::get).toList(),
                wanted.credentialIds().stream().map(credentialsById::get).toList());
    }

    private static List<FieldError> unknown(String field, List<UUID> named, Collection<UUID> found, String message) {
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < named.size(); i++) {
            if (!found.contains(named.get(i))) {
                errors.add(new FieldError(field + "[" + i + "]", message));
            }
        }
        return errors;
    }

    // By primary keys. Not locked: a key that goes meanwhile fails the insert of what binds it, by the foreign key.
    private static Uni<List<BoundKey>> keys(Mutiny.Session session, UUID organization, List<UUID> ids) {
        return ids.isEmpty() ? Uni.createFrom().item(List.of())
                : session.createNativeQuery("""
                        select cast(k.id as text), 'credentials:use' = any (k.scopes)
                                                   or cardinality(k.scopes) = 0 and k.methods is not null,
                               array_to_string(k.ip_allow_list, ',')
                          from api_key k where k.organization_id = :organization and k.id in (:ids)
                        """, Object[].class).setParameter("organization", organization).setParameter("ids", ids).getResultList()
                        .map(rows -> rows.stream().map(row -> new BoundKey(UUID.fromString((String) row[0]), (Boolean) row[1],
                                texts((String) row[2]))).toList());
    }

    // The same.
    private static Uni<List<BoundCredential>> credentials(Mutiny.Session session, UUID organization, List<UUID> ids) {
        return ids.isEmpty() ? Uni.createFrom().item(List.of())
                : session.createNativeQuery("""
                        select cast(c.id as text) from credential c
                         where c.organization_id = :organization and c.id in (:ids)
                        """, String.class).setParameter("organization", organization).setParameter("ids", ids).getResultList()
                        .map(rows -> rows.stream().map(row -> new BoundCredential(UUID.fromString(row))).toList());
    }

    static List<String> texts(String joined) {
        return joined.isEmpty() ? List.of() : List.of(joined.split(","));
    }
}
