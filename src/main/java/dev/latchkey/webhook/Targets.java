package dev.latchkey.webhook;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.DataKeys;
import dev.latchkey.crypto.SealBrokenException;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Header;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Opens webhooks for whoever sends to them, many at once, and remembers them opened for as long as they are used.
 *
 * <p>
 * <b>Invariant:</b> what is sent by a version was stored under it, or later: a webhook that has changed gets nothing at its
 * former address, or signed by its former secret alone, on behalf of whoever has read the new version. So the caller says
 * which version he has read, an entry of an older one counts as none, and a slow load never replaces a newer entry.
 */
@Singleton
class Targets {

    private static final int MOST = 10_000;
    private static final Duration UNUSED = Duration.ofMinutes(10);

    private final Pool database;
    private final DataKeys dataKeys;
    private final WebhookSeals seals;
    private final Cache<UUID, Boolean> shut = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(UNUSED).build();
    private final Cache<UUID, Target> opened = Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(UNUSED).build();

    Targets(Pool database, DataKeys dataKeys, WebhookSeals seals) {
        this.database = database;
        this.dataKeys = dataKeys;
        this.seals = seals;
    }

    /**
     * The webhooks of these ids, each in this version or a later one. Absent are those that are deleted, and those that do not
     * open, for which the operator is called.
     */
    Uni<Map<UUID, Target>> of(Map<UUID, Long> versions) {
        Map<UUID, Target> found = new HashMap<>();
        List<UUID> missing = new ArrayList<>();
        versions.forEach((webhook, version) -> {
            Target known = opened.getIfPresent(webhook);
            if (known == null || known.version() < version) {
                missing.add(webhook);
            } else {
                found.put(webhook, known);
            }
        });
        return missing.isEmpty() ? Uni.createFrom().item(found)
                : load(missing).invoke(found::putAll).replaceWith(found);
    }

    /** Whether it is there, and did not open the last time. */
    boolean isShut(UUID webhook) {
        return shut.getIfPresent(webhook) != null;
    }

    // By primary keys, and the unique organization of data_key. A former secret whose time is over is not opened any more.
    private Uni<Map<UUID, Target>> load(List<UUID> webhooks) {
        return database.preparedQuery("""
                select w.id, w.organization_id, w.version, w.url, w.headers, w.headers_version, w.secret, w.secret_version,
                       case when w.previous_until > now() then w.previous_secret end as previous_secret, w.previous_version,
                       w.previous_until, d.id as data_key_id, d.wrapped as data_key
                  from webhook w left join data_key d on d.organization_id = w.organization_id
                 where w.id = any($1) and w.deleted_at is null
                """).execute(Tuple.of(webhooks.toArray(UUID[]::new))).map(rows -> {
            Map<UUID, Target> loaded = new HashMap<>();
            Map<UUID, DataKey> keys = new HashMap<>();
            shut.invalidateAll(webhooks);
            for (Row row : rows) {
                UUID id = row.getUUID("id");
                try {
                    DataKey key = keys.computeIfAbsent(row.getUUID("organization_id"), organization -> key(organization, row));
                    loaded.put(id, opened.asMap().merge(id, opened(row, key),
                            (one, other) -> one.version() > other.version() ? one : other));
                } catch (SealBrokenException | IllegalArgumentException | IllegalStateException broken) {
                    shut.put(id, Boolean.TRUE);
                    seals.alarm(row.getUUID("organization_id"), id, broken.getMessage());
                }
            }
            return loaded;
        });
    }

    private DataKey key(UUID organization, Row row) {
        UUID id = row.getUUID("data_key_id");
        if (id == null) {
            throw new IllegalArgumentException("the data key of the organization is not there");
        }
        return dataKeys.unwrapped(organization, id, row.get(Buffer.class, "data_key").getBytes());
    }

    private static Target opened(Row row, DataKey key) {
        Destination to = Destination.parse(row.getString("url")).orNull();
        if (to == null) {
            throw new IllegalArgumentException("its URL is none");
        }
        return new Target(row.getUUID("id"), row.getLong("version"), row.getUUID("organization_id"), to, headers(row, key),
                signatures(row, key));
    }

    private static Signatures signatures(Row row, DataKey key) {
        WebhookSecret current = secret(row, key, "secret", "secret_version");
        return row.getValue("previous_secret") == null ? Signatures.of(current)
                : Signatures.of(current, secret(row, key, "previous_secret", "previous_version"),
                        row.getOffsetDateTime("previous_until").toInstant());
    }

    private static WebhookSecret secret(Row row, DataKey key, String column, String version) {
        return WebhookSeals.openSecret(key,
                WebhookSeals.ofSecret(row.getUUID("organization_id"), row.getUUID("id"), row.getLong(version)),
                row.get(Buffer.class, column).getBytes());
    }

    private static List<Header> headers(Row row, DataKey key) {
        if (row.getValue("headers") == null) {
            return List.of();
        }
        List<Header> headers = WebhookSeals.openHeaders(key,
                WebhookSeals.ofHeaders(row.getUUID("organization_id"), row.getUUID("id"), row.getLong("headers_version")),
                row.get(Buffer.class, "headers").getBytes());
        if (headers.stream().anyMatch(
                each -> !Header.isName(each.name()) || !Header.isValue(each.value()) || Header.isReserved(each.name()))) {
            throw new IllegalArgumentException("a header cannot be sent");
        }
        return headers;
    }
}
