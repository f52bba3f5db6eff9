package dev.latchkey.key;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.key.KeySnapshot.Identity;
import dev.latchkey.key.KeySnapshot.Life;
import dev.latchkey.key.KeySnapshot.Limit;
import dev.latchkey.key.KeySnapshot.Reach;
import dev.latchkey.key.KeySnapshot.Tenancy;
import dev.latchkey.net.Cidr;
import dev.latchkey.net.CidrSet;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** Reads what a verdict depends on from the database: the one statement of a cold verification. */
@Singleton
class KeySnapshotQuery {

    /** A gateway's request waits for this; a database that is this slow is as good as away. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Pool database;
    private final Peppers peppers;

    KeySnapshotQuery(Pool database, Peppers peppers) {
        this.database = database;
        this.peppers = peppers;
    }

    // Everything that a verdict depends on, in one statement and so in one snapshot of the database. By the unique index on
    // key_material.digest, for all peppers at once while they rotate; a secret's predecessor by the partial index on previous
    // material; the rest by primary keys. A parameter for each pepper and not an array: PostgreSQL guesses ten elements of one,
    // takes that for dearer than the one that it sees, and so makes a plan for each execution, which takes ten times as long as
    // the execution.
    /** The key whose material has this fingerprint; empty when none has, or its organization is being deleted. */
    Uni<Optional<KeySnapshot>> read(byte[] fingerprint) {
        Tuple digests = Tuple.tuple();
        peppers.digests(fingerprint).forEach(digest -> digests.addValue(Buffer.buffer(digest.bytes())));
        return database.preparedQuery("""
                select k.id, k.name, k.environment, k.scopes, k.methods, k.all_stores, k.ip_allow_list, k.active,
                       k.revoked_at is not null as revoked, k.expires_at, k.limit_source, k.rate_limit, k.rate_window_seconds,
                       k.metadata, m.id as material_id, m.state = 'replaced' as replaced, m.dies_at,
                       m.secret_digest, m.secret_pepper_id, f.id as former_id, f.secret_digest as former_digest,
                       f.secret_pepper_id as former_pepper_id, f.dies_at as former_dies_at,
                       o.id as organization_id, o.key as organization, o.active as organization_active,
                       o.default_limit, o.default_window_seconds, o.require_store, o.unknown_operations,
                       """ + Rows.STORES + """
                  from key_material m
                  join api_key k on k.id = m.key_id
                  join organization o on o.id = k.organization_id
                  left join key_material f on f.key_id = m.key_id and f.state = 'previous' and f.digest is null
                                          and m.state = 'current' and m.secret_digest is not null
                 where m.digest in (%s) and o.deletion_requested_at is null
                """.formatted(parameters(digests.size()))).execute(digests).ifNoItem().after(PATIENCE).fail().map(rows -> {
            for (Row row : rows) {
                return Optional.of(snapshot(row));
            }
            return Optional.empty();
        });
    }

    private static String parameters(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(number -> "$" + number).collect(Collectors.joining(", "));
    }

    private static KeySnapshot snapshot(Row row) {
        return new KeySnapshot(
                new Identity(row.getUUID("id"), row.getUUID("material_id"), row.getString("name"),
                        row.getString("environment"), row.getValue("metadata").toString(), secrets(row)),
                new Life(row.getBoolean("active"), row.getBoolean("revoked"), Rows.instant(row, "expires_at"),
                        row.getBoolean("replaced"), Rows.instant(row, "dies_at")),
                new Reach(List.of(row.getArrayOfStrings("scopes")), methods(row.getArrayOfStrings("methods")),
                        Rows.stores(row), networks(row.getArrayOfStrings("ip_allow_list"))),
                limit(row), new Tenancy(row.getUUID("organization_id"), row.getString("organization"),
                        row.getBoolean("organization_active"), row.getBoolean("require_store"),
                        row.getString("unknown_operations").equals("allow")));
    }

    private static @Nullable MethodPatterns methods(String @Nullable [] texts) {
        return texts == null ? null : MethodPatterns.stored(Arrays.asList(texts));
    }

    private static @Nullable PairedSecrets secrets(Row row) {
        Peppers.Digest secret = digest(row, "secret_digest", "secret_pepper_id");
        Peppers.Digest former = digest(row, "former_digest", "former_pepper_id");
        return secret == null ? null
                : new PairedSecrets(secret, former == null ? null
                        : new PairedSecrets.Former(row.getUUID("former_id"), former,
                                row.getOffsetDateTime("former_dies_at").toInstant()));
    }

    private static Peppers.@Nullable Digest digest(Row row, String digest, String pepper) {
        Buffer bytes = row.get(Buffer.class, digest);
        // Peppers are few, and memory holds a name for each key otherwise.
        return bytes == null ? null : new Peppers.Digest(row.getString(pepper).intern(), bytes.getBytes());
    }

    private static CidrSet networks(String[] texts) {
        return new CidrSet(Arrays.stream(texts).map(text -> ((Cidr.Valid) Cidr.parse(text)).cidr()).toList());
    }

    private static @Nullable Limit limit(Row row) {
        return switch (LimitSource.of(row.getString("limit_source"))) {
            case UNLIMITED -> null;
            case ORGANIZATION -> new Limit(row.getInteger("default_limit"), row.getInteger("default_window_seconds"), false);
            case KEY -> new Limit(row.getInteger("rate_limit"), row.getInteger("rate_window_seconds"), true);
        };
    }
}
