package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;

import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.TokenRequests.Kind;
import org.jspecify.annotations.Nullable;

/**
 * When a pair is renewed: before it ends by a fifth of its life or by the lead, whichever is more, and never by more than half
 * of it, so that tokens of a minute are not renewed all the time. Each is earlier by a share of the spread that is its own and
 * stands in its row, so that what was made at once does not come due at once for ever.
 *
 * @param at the latest moment; null: not by itself
 * @param spread by how much it may be earlier
 * @param notBefore of providers that renew nothing that is younger; null: any time
 */
record RenewalPlan(@Nullable Instant at, Duration spread, @Nullable Instant notBefore) {

    private static final RenewalPlan NEVER = new RenewalPlan(null, Duration.ZERO, null);
    private static final int FIFTH = 5;
    private static final int TENTH = 10;
    private static final Duration WIDEST = Duration.ofMinutes(10);

    /**
     * Of a pair.
     *
     * @param kind by what it is renewed; null: by nothing
     * @param issued when the pair was given or, where nobody knows, when it was stored
     * @param refreshEndsAt when the refresh token ends; null: it does not, or nobody knows
     * @param lead of the operator's
     */
    static RenewalPlan of(@Nullable Kind kind, OAuth2 data, @Nullable Provider provider, Instant issued,
            @Nullable Instant refreshEndsAt, Duration lead) {
        if (kind == null) {
            return NEVER;
        }
        if (data.accessToken() == null) {
            return new RenewalPlan(issued, Duration.ZERO, null);
        }
        ProviderOAuth oauth = provider == null ? null : provider.oauth2();
        Duration earliest = oauth == null ? null : oauth.renewal().earliest();
        Instant notBefore = earliest == null ? null : issued.plus(earliest);
        Instant end = kind == Kind.REFRESH_TOKEN ? sooner(data.expiresAt(), refreshEndsAt) : data.expiresAt();
        if (end == null) {
            return NEVER;
        }
        // Whoever pasted it knows how old it is; it is not left to end because nobody here does.
        notBefore = notBefore == null || notBefore.isBefore(end) ? notBefore : null;
        Duration life = Duration.between(issued, end);
        if (life.isNegative() || life.isZero()) {
            return new RenewalPlan(issued, Duration.ZERO, notBefore);
        }
        Duration fifth = life.dividedBy(FIFTH);
        Duration half = life.dividedBy(2);
        Duration early = fifth.compareTo(lead) > 0 ? fifth : lead;
        Duration tenth = life.dividedBy(TENTH);
        return new RenewalPlan(end.minus(early.compareTo(half) > 0 ? half : early),
                tenth.compareTo(WIDEST) > 0 ? WIDEST : tenth, notBefore);
    }

    private static @Nullable Instant sooner(@Nullable Instant one, @Nullable Instant other) {
        return one == null || other != null && other.isBefore(one) ? other : one;
    }
}
