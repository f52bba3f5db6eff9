package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.Secret;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a test of OAuth 2 shows, without spending what can be spent once. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ProbesOfTokensTest extends ProbeCase {

    private static OAuth2 oauth(Grant grant, @Nullable String accessToken, @Nullable String refreshToken,
            @Nullable Instant expiresAt, @Nullable String tokenUrl) {
        return new OAuth2(grant, "client-1", Secret.of("client-s3cret-8Qz"), tokenUrl, null, null, List.of("stock.read"),
                accessToken == null ? null : Secret.of(accessToken), refreshToken == null ? null : Secret.of(refreshToken),
                expiresAt, ClientAuth.BASIC, true, null);
    }

    @Test
    void clientCredentialsAreTestedByATokenThatIsForgotten() {
        erp.answers(200, "{\"access_token\": \"t0ken-8sKq2LmPx71\", \"expires_in\": 60}");
        ProbeResult result = test(null, oauth(Grant.CLIENT_CREDENTIALS, null, null, null, erp.url() + "/token"), null);

        assertThat(result.reason()).isEqualTo(ProbeReason.VALID);
        assertThat(result.toString()).doesNotContain("t0ken-8sKq2LmPx71");
        assertThat(erp.asked()).singleElement().satisfies(asked -> {
            assertThat(asked.method()).isEqualTo("POST");
            assertThat(asked.body()).isEqualTo("grant_type=client_credentials&scope=stock.read");
            assertThat(asked.header("Authorization")).isEqualTo("Basic Y2xpZW50LTE6Y2xpZW50LXMzY3JldC04UXo=");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "401 | {\"error\": \"invalid_client\"} | invalid",
            "400 | {\"error\": \"invalid_client\"} | invalid", "200 | {\"error\": \"invalid_client\"} | invalid",
            "400 | {\"error\": \"invalid_scope\"} | misconfigured",
            "400 | {\"error\": \"unauthorized_client\"} | misconfigured",
            "401 | nobody | invalid", "403 | | limited", "404 | | misconfigured", "429 | | rate-limited",
            "500 | {\"error\": \"server_error\"} | provider-error", "200 | {} | misconfigured", "200 | <html> | misconfigured",
            "200 | {\"access_token\": \"\"} | misconfigured", "200 | {\"access_token\": {}} | misconfigured" })
    void theErrorsOfATokenEndpointAreToldApart(int status, @Nullable String body, String reason) {
        erp.answers(status, body == null ? "" : body);
        ProbeResult result = test(null, oauth(Grant.CLIENT_CREDENTIALS, null, null, null, erp.url() + "/token"), null);

        assertThat(result.reason().text()).isEqualTo(reason);
        assertThat(result.httpStatus()).isEqualTo(status);
    }

    @ParameterizedTest
    @EnumSource(names = { "AUTHORIZATION_CODE", "REFRESH_TOKEN" })
    void noRefreshTokenAndNoCodeIsEverSpent(Grant grant) {
        String token = erp.url() + "/token";
        assertThat(test(erp.url(), oauth(grant, null, null, null, token), stock()).reason())
                .isEqualTo(ProbeReason.NOT_CONNECTED);
        assertThat(test(erp.url(), oauth(grant, null, "rt-81", null, token), stock()).reason())
                .isEqualTo(ProbeReason.NOT_VERIFIABLE);
        ProbeResult ended = test(erp.url(), oauth(grant, "at-81", "rt-81", NOW, token), stock());
        assertThat(ended.reason()).isEqualTo(ProbeReason.NOT_VERIFIABLE);
        assertThat(ended.keepsFormerStatus()).isTrue();
        assertThat(test(erp.url(), oauth(grant, "at-81", null, NOW, token), stock()).reason())
                .isEqualTo(ProbeReason.REAUTHORIZATION_REQUIRED);
        assertThat(erp.asked()).isEmpty();
    }

    @Test
    void anAccessTokenIsTriedWhereThatCostsNothing() {
        erp.answers(request -> new FakeProvider.Answer(request.header("Authorization").equals("Bearer at-81") ? 200 : 401, ""));

        assertThat(test(null, oauth(Grant.AUTHORIZATION_CODE, "at-81", "rt-81", NOW.plusSeconds(60), null), stock()).reason())
                .isEqualTo(ProbeReason.VALID);
        assertThat(test(null, oauth(Grant.AUTHORIZATION_CODE, "at-82", "rt-81", NOW.plusSeconds(60), null), stock()).reason())
                .isEqualTo(ProbeReason.INVALID);
        assertThat(test(null, oauth(Grant.AUTHORIZATION_CODE, "at-82", null, null, null), stock()).reason())
                .isEqualTo(ProbeReason.REAUTHORIZATION_REQUIRED);
    }

    @Test
    void whatEndsSoonAndIsNotRenewedIsYellow() {
        erp.answers(200, "");
        ProbeResult soon = test(null, oauth(Grant.AUTHORIZATION_CODE, "at", null, NOW.plus(Duration.ofDays(14)), null),
                stock());

        assertThat(soon.reason()).isEqualTo(ProbeReason.EXPIRING);
        assertThat(soon.status()).isEqualTo(CredentialStatus.YELLOW);
        assertThat(soon.detail()).contains("2026-12-06T09:30:00Z");
        assertThat(
                test(null, oauth(Grant.AUTHORIZATION_CODE, "at", null, NOW.plus(Duration.ofDays(15)), null), stock()).reason())
                .isEqualTo(ProbeReason.VALID);
        assertThat(
                test(null, oauth(Grant.AUTHORIZATION_CODE, "at", "rt", NOW.plus(Duration.ofDays(1)), null), stock()).reason())
                .isEqualTo(ProbeReason.VALID);
    }
}
