package dev.latchkey.key;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import io.vertx.mutiny.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/**
 * A key about which something was found, and what it was found by.
 *
 * @param about the key
 * @param reasons at least one, the most urgent first
 * @param scopes what it holds
 * @param maxAgeDays its organization's policy
 * @param at when this was read, by the database's clock
 * @param evidence of its use
 */
record ReviewedKey(About about, List<ReviewReason> reasons, List<String> scopes, int maxAgeDays, Instant at,
        Evidence evidence) {

    /** @param tokenSince since when it has had its current token */
    record About(UUID id, String name, String start, Instant createdAt, Instant tokenSince, @Nullable Instant expiresAt,
            @Nullable Instant lastUsedAt) {
    }

    /**
     * @param grantedAt when it was last given a scope or all stores
     * @param scopes that it used; empty where that is not known
     * @param store the only one that it used, by its key; null where there is no such one
     * @param networksLately from how many networks it was used lately; 0 for a key that is limited to some
     * @param networks that it was used from, as far back as use counts
     * @param networksAreAll whether that is all of them, as far as can be known
     * @param bound to several integrations; null where it is not
     */
    record Evidence(Instant grantedAt, List<String> scopes, @Nullable String store, long networksLately, List<String> networks,
            boolean networksAreAll, @Nullable Bound bound) {
    }

    /**
     * @param integrations active ones that bind the key; at least two
     * @param newest of them
     * @param others that the newest binds
     */
    record Bound(long integrations, UUID newest, List<UUID> others) {
    }

    static ReviewedKey of(Row row) {
        About about = new About(row.getUUID("id"), row.getString("name"), row.getString("start"), at(row, "created_at"),
                at(row, "token_since"), Rows.instant(row, "expires_at"), Rows.instant(row, "last_used_at"));
        return new ReviewedKey(about,
                texts(row, "reasons").stream().map(ReviewReason::of).sorted().toList(),
                texts(row, "scopes"), row.getInteger("key_max_age_days"), at(row, "read_at"),
                new Evidence(at(row, "granted_at"), texts(row, "scopes_used"), row.getString("store_used"),
                        row.getLong("networks_lately"), texts(row, "networks"), row.getBoolean("networks_are_all"),
                        bound(row)));
    }

    private static @Nullable Bound bound(Row row) {
        Long integrations = row.getLong("integrations");
        return integrations == null || integrations < 2 ? null
                : new Bound(integrations, row.getUUID("integration_id"),
                        Arrays.asList(row.getArrayOfUUIDs("integration_others")));
    }

    private static Instant at(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant();
    }

    private static List<String> texts(Row row, String column) {
        String[] texts = row.getArrayOfStrings(column);
        return texts == null ? List.of() : Arrays.asList(texts);
    }
}
