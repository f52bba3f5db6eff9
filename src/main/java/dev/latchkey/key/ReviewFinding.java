package dev.latchkey.key;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.latchkey.identity.Permission;
import org.jspecify.annotations.Nullable;

/**
 * One finding about a key, in words, and the one call that mends it. A call that is made as it stands here ends the finding,
 * and the key goes on doing what it is known to have done: what it is left is what the finding was judged by. Where that
 * cannot be known, what is advised leaves it all: a token that is replaced, with time to change over. A key that several
 * integrations share is the exception: it leaves one of them, which the advice says beforehand.
 *
 * @param key about which
 * @param reason what was found
 */
record ReviewFinding(ReviewedKey key, ReviewReason reason) {

    /** A predecessor of a replaced token lives on for as long, so that whoever uses it has time to change over. */
    private static final Duration TO_CHANGE_OVER = Duration.ofDays(7);

    /**
     * A call of this API.
     *
     * @param handsOut whether its answer is the key itself, for which the caller has to hold whatever the key holds
     * @param permission that it demands
     */
    record Call(String method, String path, Map<String, Object> body, boolean handsOut, Permission permission) {
    }

    String detail(Locale locale) {
        ReviewedKey.Bound bound = bound();
        return bound != null ? ReviewReason.BOUND.in(locale).formatted(bound.integrations())
                : reason.detail().in(locale).formatted(switch (reason) {
                    case EXPIRING_SOON -> new Object[] { key.about().expiresAt() };
                    case SHARED -> new Object[] { networks(), ReviewReason.NETWORKS_WITHIN.toDays() };
                    case NEVER_USED -> new Object[] { daysSince(key.about().createdAt()) };
                    case UNUSED_90_DAYS -> new Object[] { daysSince(key.about().lastUsedAt()) };
                    case OLDER_THAN_POLICY -> new Object[] { daysSince(key.about().tokenSince()), key.maxAgeDays() };
                    case NO_EXPIRY -> new Object[0];
                    case ALL_STORES_BUT_USES_ONE -> new Object[] { key.evidence().store(), daysKnown() };
                    case UNUSED_SCOPES -> new Object[] { String.join(", ", unused()), daysKnown() };
                });
    }

    String advice(Locale locale) {
        if (bound() != null) {
            return ReviewReason.UNBIND.in(locale);
        }
        boolean isUnsure = reason == ReviewReason.SHARED && !key.evidence().networksAreAll();
        return (isUnsure ? ReviewReason.HAND_OVER : reason.advice()).in(locale);
    }

    Call call() {
        ReviewedKey.Bound bound = bound();
        if (bound != null) {
            return new Call("PATCH", "/api/v1/integrations/" + bound.newest(), Map.of("keyIds", bound.others()), false,
                    Permission.CREDENTIALS_WRITE);
        }
        return switch (reason) {
            case EXPIRING_SOON -> replace(Map.of("gracePeriod", ReviewReason.SOON.toString(), "expiresAt", byPolicy()));
            case SHARED -> key.evidence().networksAreAll() ? edit(Map.of("ipAllowList", key.evidence().networks()))
                    : replace(Map.of("gracePeriod", TO_CHANGE_OVER.toString()));
            case NEVER_USED -> new Call("POST", path() + "/revoke", Map.of("reason", "Never used"), false,
                    Permission.KEYS_WRITE);
            case UNUSED_90_DAYS -> edit(Map.of("active", false));
            case OLDER_THAN_POLICY -> replace(Map.of("gracePeriod", TO_CHANGE_OVER.toString()));
            case NO_EXPIRY -> edit(Map.of("expiresAt", byPolicy()));
            case ALL_STORES_BUT_USES_ONE ->
                edit(Map.of("access", Map.of("type", "stores", "stores", List.of(String.valueOf(key.evidence().store())))));
            case UNUSED_SCOPES -> edit(Map.of("scopes", used()));
        };
    }

    /** What makes it shared, if that is it: it explains the many networks, too. */
    private ReviewedKey.@Nullable Bound bound() {
        return reason == ReviewReason.SHARED ? key.evidence().bound() : null;
    }

    private Call edit(Map<String, Object> patch) {
        return new Call("PATCH", path(), patch, false, Permission.KEYS_WRITE);
    }

    private Call replace(Map<String, Object> body) {
        return new Call("POST", path() + "/regenerate", body, true, Permission.KEYS_WRITE);
    }

    private String path() {
        return "/api/v1/keys/" + key.about().id();
    }

    private String byPolicy() {
        return key.at().truncatedTo(ChronoUnit.SECONDS).plus(key.maxAgeDays(), ChronoUnit.DAYS).toString();
    }

    private List<String> used() {
        return key.scopes().stream().filter(key.evidence().scopes()::contains).toList();
    }

    private List<String> unused() {
        return key.scopes().stream().filter(scope -> !key.evidence().scopes().contains(scope)).toList();
    }

    private String networks() {
        long count = key.evidence().networksLately();
        return count < UsageTable.NETWORKS ? Long.toString(count) : UsageTable.NETWORKS + "+";
    }

    /** For how long the key's use is known since it was last given something, as far back as it counts. */
    private long daysKnown() {
        return Math.min(ReviewReason.LOOKED_BACK.toDays(), daysSince(key.evidence().grantedAt()));
    }

    private long daysSince(@Nullable Instant since) {
        return since == null ? 0 : Duration.between(since, key.at()).toDays();
    }
}
