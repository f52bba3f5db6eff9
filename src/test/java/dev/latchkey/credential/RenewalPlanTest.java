package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.TokenRequests.Kind;
import dev.latchkey.crypto.Secret;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a pair is renewed: early enough to try again, late enough not to do it all the time. */
class RenewalPlanTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration LEAD = Duration.ofMinutes(5);

    private final Providers providers = new Providers((String) null);

    private static OAuth2 data(Grant grant, @Nullable String access, @Nullable String refresh, @Nullable Instant expiresAt) {
        return new OAuth2(grant, "app-1", null, "https://id.example/token", null, null, List.of(),
                access == null ? null : Secret.of(access), refresh == null ? null : Secret.of(refresh), expiresAt,
                ClientAuth.BASIC, true, null);
    }

    private static RenewalPlan plan(OAuth2 data, @Nullable Provider provider, @Nullable Instant refreshEndsAt) {
        return RenewalPlan.of(TokenRequests.kind(data, provider), data, provider, NOW, refreshEndsAt, LEAD);
    }

    @ParameterizedTest
    @CsvSource({ "PT60S, PT30S, PT6S", "PT8M, PT4M, PT48S", "PT10M, PT5M, PT1M", "PT20M, PT15M, PT2M", "PT1H, PT48M, PT6M",
            "PT24H, PT19H12M, PT10M", "PT1440H, PT1152H, PT10M" })
    void itIsEarlierByTheLeadOrAFifthAndNeverByMoreThanHalf(Duration life, Duration due, Duration spread) {
        RenewalPlan plan = plan(data(Grant.AUTHORIZATION_CODE, "a", "r", NOW.plus(life)), null, null);

        assertThat(plan.at()).isEqualTo(NOW.plus(due));
        assertThat(plan.spread()).isEqualTo(spread);
    }

    @Test
    void withoutATokenItIsDueAtOnce() {
        assertThat(plan(data(Grant.CLIENT_CREDENTIALS, null, null, null), null, null).at()).isEqualTo(NOW);
        assertThat(plan(data(Grant.REFRESH_TOKEN, null, "r", null), null, null).at()).isEqualTo(NOW);
        assertThat(plan(data(Grant.REFRESH_TOKEN, "a", "r", NOW.minusSeconds(5)), null, null).at()).isEqualTo(NOW);
    }

    @Test
    void whatNothingRenewsIsNeverDue() {
        assertThat(plan(data(Grant.AUTHORIZATION_CODE, null, null, null), null, null).at()).isNull();
        assertThat(plan(data(Grant.AUTHORIZATION_CODE, "a", null, NOW.plusSeconds(60)), null, null).at()).isNull();
        assertThat(plan(data(Grant.AUTHORIZATION_CODE, "a", "r", NOW.plusSeconds(60)), providers.get("meta"), null).at())
                .isNull();
        assertThat(plan(data(Grant.AUTHORIZATION_CODE, "a", "r", null), null, null).at()).isNull();
    }

    @Test
    void aRefreshTokenThatEndsFirstIsUsedBefore() {
        OAuth2 data = data(Grant.AUTHORIZATION_CODE, "a", "r", NOW.plus(Duration.ofDays(10)));

        assertThat(plan(data, null, NOW.plus(Duration.ofHours(10))).at()).isEqualTo(NOW.plus(Duration.ofHours(8)));
        assertThat(plan(data(Grant.AUTHORIZATION_CODE, "a", "r", null), null, NOW.plus(Duration.ofHours(10))).at())
                .isEqualTo(NOW.plus(Duration.ofHours(8)));
    }

    @Test
    void whatIsTooYoungForItsProviderWaits() {
        Provider instagram = providers.get("instagram");
        OAuth2 data = data(Grant.AUTHORIZATION_CODE, "a", null, NOW.plus(Duration.ofDays(2)));

        assertThat(TokenRequests.kind(data, instagram)).isEqualTo(Kind.ACCESS_TOKEN);
        assertThat(plan(data, instagram, null).notBefore()).isEqualTo(NOW.plus(Duration.ofHours(24)));
        // Pasted, of unknown age: it is not left to end.
        assertThat(plan(data(Grant.AUTHORIZATION_CODE, "a", null, NOW.plus(Duration.ofHours(10))), instagram, null).notBefore())
                .isNull();
    }

    @Test
    void onlyWhereTheEntrySaysSoALostAnswerLosesNothing() {
        assertThat(TokenRequests.survivesLoss(Kind.REFRESH_TOKEN, null)).isFalse();
        assertThat(TokenRequests.survivesLoss(Kind.REFRESH_TOKEN, providers.get("etsy"))).isFalse();
        assertThat(TokenRequests.survivesLoss(Kind.REFRESH_TOKEN, providers.get("shopify"))).isFalse();
        assertThat(TokenRequests.survivesLoss(Kind.REFRESH_TOKEN, providers.get("google-analytics"))).isTrue();
        assertThat(TokenRequests.survivesLoss(Kind.ACCESS_TOKEN, providers.get("instagram"))).isTrue();
        assertThat(TokenRequests.survivesLoss(Kind.CLIENT, null)).isTrue();
    }
}
