package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

import dev.latchkey.credential.RefreshOutcome.Code;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Header;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundOutcome;
import dev.latchkey.net.Phases;
import dev.latchkey.testing.Beside;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a token endpoint answers is read as what it means for the pair. */
@Beside
class TokenReadingTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    private final Providers providers = new Providers((String) null);

    private static OutboundOutcome answered(int status, String body, Header... headers) {
        return new OutboundOutcome(OutboundOutcome.Code.ANSWERED,
                new OutboundAnswer(status, List.of(headers), Buffer.buffer(body), false), true, Phases.NONE, Duration.ZERO,
                null);
    }

    private static RefreshOutcome read(int status, String body, Header... headers) {
        return TokenReading.read(answered(status, body, headers), null, NOW);
    }

    private static Granted granted(String body) {
        RefreshOutcome outcome = read(200, body);
        assertThat(outcome.code()).as(body).isEqualTo(Code.GRANTED);
        return Objects.requireNonNull(outcome.granted());
    }

    private static @Nullable Instant expiry(String members) {
        return granted("{\"access_token\": \"a-1\", " + members + "}").expiresAt();
    }

    @Test
    void aStandardAnswerIsAPair() {
        Granted granted = granted("""
                {"access_token": "a-1", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r-1",
                 "refresh_token_expires_in": 86400, "scope": "read write"}""");

        assertThat(granted).isEqualTo(new Granted(Secret.of("a-1"), Secret.of("r-1"), NOW.plusSeconds(3600),
                NOW.plusSeconds(86400), List.of("read", "write")));
        assertThat(granted.toString()).doesNotContain("a-1").doesNotContain("r-1");
    }

    @Test
    void aScopeThatNoColumnHoldsIsLeftOut() {
        assertThat(granted("{\"access_token\": \"a-1\", \"scope\": \"read wri\\u0000te orders:write\"}").scopes())
                .containsExactly("read", "orders:write");
        assertThat(granted("{\"access_token\": \"a-1\", \"scope\": [\"read\", \"a b\", \"\"]}").scopes())
                .containsExactly("read");
    }

    @ParameterizedTest
    @ValueSource(strings = { "", ", \"refresh_token\": null", ", \"refresh_token\": \"\"", ", \"refresh_token\": \"  \"" })
    void anOmittedRefreshTokenLeavesTheOneThatThereIs(String member) {
        assertThat(granted("{\"access_token\": \"a-1\"" + member + "}").refreshToken()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = { "\"expires_in\": \"3600\"", "\"expires_in\": 3600.0", "\"expires_in\": \"3600.5\"",
            "\"expiresIn\": 3600", "\"expires_in\": 0, \"expires_at\": 1795431600", "\"expires_at\": 1795431600",
            "\"expires_at\": \"1795431600\"", "\"expires_on\": \"1795431600\"", "\"expiry_date\": 1795431600000",
            "\"expires_in\": 1795431600", "\"expires_in\": \"1795431600000\"", "\"expires_at\": \"2026-11-23T11:00:00Z\"",
            "\"expires_at\": \"2026-11-23T12:00:00+01:00\"", "\"expires_at\": \"2026-11-23T11:00:00.000+0000\"",
            "\"expiresAt\": \"2026-11-23T11:00:00\"", "\"expires_at\": \"2026-11-23 11:00:00\"",
            "\"expires_at\": \"2026-11-23 11:00:00 UTC\"", "\".expires\": \"Mon, 23 Nov 2026 11:00:00 GMT\"",
            "\"expires\": 3600", "\"expiration\": \" 2026-11-23T11:00:00Z \"", "\"expires_in\": \"2026-11-23T11:00:00Z\"" })
    void anHourIsAnHourInEverySpelling(String members) {
        assertThat(Objects.requireNonNull(expiry(members)).getEpochSecond()).as(members)
                .isEqualTo(NOW.plusSeconds(3600).getEpochSecond());
    }

    @ParameterizedTest
    @ValueSource(strings = { "\"x\": 1", "\"expires_in\": null", "\"expires_in\": 0", "\"expires_in\": -1",
            "\"expires_in\": \"never\"", "\"expires_in\": \"\"", "\"expires_in\": {}", "\"expires_in\": []",
            "\"expires_in\": 99999999999999999999", "\"expires_in\": \"1e400\"", "\"expires_in\": true",
            // A clock that goes wrong.
            "\"expires_at\": \"2026-11-23T09:59:59Z\"", "\"expires_at\": 1795427999", "\"expires_at\": \"2026-13-23\"" })
    void whatSaysNoTimeIsNone(String members) {
        assertThat(expiry(members)).as(members).isNull();
    }

    @Test
    void aTokenThatIsAJwtSaysItselfWhenItEnds() {
        String claims = Base64.getUrlEncoder().withoutPadding()
                .encodeToString(("{\"exp\": " + NOW.plusSeconds(600).getEpochSecond() + "}").getBytes(StandardCharsets.UTF_8));

        assertThat(granted("{\"access_token\": \"eyJh." + claims + ".sig\"}").expiresAt()).isEqualTo(NOW.plusSeconds(600));
    }

    @Test
    void whatAnswersSayNothingOfTheEntryKnows() {
        RefreshOutcome outcome = TokenReading.read(answered(200, "{\"access_token\": \"a-1\"}"), providers.get("hubspot"), NOW);

        assertThat(Objects.requireNonNull(outcome.granted()).expiresAt()).isEqualTo(NOW.plus(Duration.ofMinutes(30)));
    }

    @Test
    void tokensAreFoundWhereTheEntrySaysThatTheyStand() {
        Provider nested = providers.get("tiktok-ads");
        RefreshOutcome outcome = TokenReading.read(answered(200, """
                {"code": 0, "message": "OK", "data": {"access_token": "a-1", "refresh_token": "r-1", "expires_in": 86400}}"""),
                nested, NOW);

        assertThat(outcome.granted()).isEqualTo(
                new Granted(Secret.of("a-1"), Secret.of("r-1"), NOW.plusSeconds(86400), null, List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = { "access_token=a-1&expires=5184000&scope=a%2Cb", "access_token=a-1&scope=a,b&token_type=bearer" })
    void aFormIsAnAnswerToo(String body) {
        Granted granted = granted(body);

        assertThat(granted.accessToken()).isEqualTo(Secret.of("a-1"));
        assertThat(granted.scopes()).containsExactly("a", "b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "\"scope\": \"a b\"", "\"scope\": \"a,b\"", "\"scope\": \"a, b,,a\"",
            "\"scope\": [\"a\", \"b\"]", "\"scopes\": [\"a\", \"b\"]" })
    void scopesAreReadHoweverTheyAreParted(String member) {
        assertThat(granted("{\"access_token\": \"a-1\", " + member + "}").scopes()).containsExactly("a", "b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "400 | {\"error\": \"invalid_grant\"} | GRANT_REFUSED | invalid_grant",
            "401 | {\"error\": \"invalid_grant\", \"error_description\": \"r-1 was used\"} | GRANT_REFUSED | invalid_grant",
            "200 | {\"error\": \"invalid_grant\"} | GRANT_REFUSED | invalid_grant",
            "200 | {\"ok\": false, \"error\": \"invalid_refresh_token\"} | GRANT_REFUSED | invalid_refresh_token",
            "200 | error=bad_refresh_token&error_description=gone | GRANT_REFUSED | bad_refresh_token",
            "400 | {\"error\": \"invalid_client\"} | CLIENT_REFUSED | invalid_client",
            "401 | {\"error\": \"invalid_client\"} | CLIENT_REFUSED | invalid_client",
            "403 | {\"error\": \"unauthorized_client\"} | CLIENT_REFUSED | unauthorized_client",
            "401 | '' | CLIENT_REFUSED | status-401",
            "400 | {\"error\": \"invalid_scope\"} | REJECTED | invalid_scope",
            "400 | {\"error\": \"r-1 is not good\"} | REJECTED | unknown-error",
            "400 | {\"error\": {\"code\": 400, \"status\": \"INVALID_ARGUMENT\"}} | REJECTED | unknown-error",
            "404 | <html>r-1</html> | REJECTED | status-404",
            "302 | '' | REJECTED | status-302",
            "400 | {\"status\": \"BAD_REFRESH_TOKEN\", \"message\": \"r-1\"} | GRANT_REFUSED | bad_refresh_token",
            "200 | {\"status\": \"BAD_REFRESH_TOKEN\", \"message\": \"r-1\"} | GRANT_REFUSED | bad_refresh_token",
            "200 | {\"status\": \"error\", \"message\": \"r-1 is unknown\"} | REJECTED | unknown-error",
            "401 | {\"status\": \"error\", \"message\": \"r-1 is unknown\"} | CLIENT_REFUSED | status-401",
            "200 | {\"status\": \"ok\"} | WITHOUT_PAIR | no-token",
            "200 | {} | WITHOUT_PAIR | no-token",
            "200 | {\"access_token\": \"\"} | WITHOUT_PAIR | no-token",
            "200 | {\"access_token\": {\"a\": 1}} | WITHOUT_PAIR | no-token",
            "429 | '' | BUSY | rate-limited",
            "429 | {\"error\": \"invalid_grant\"} | BUSY | invalid_grant",
            "409 | {\"message\": \"refresh in progress\"} | BUSY | provider-error",
            "500 | {\"error\": \"server_error\"} | BUSY | server_error",
            "502 | <html>Bad Gateway</html> | BUSY | provider-error",
            "503 | '' | BUSY | provider-error",
            "400 | {\"error\": \"temporarily_unavailable\"} | BUSY | temporarily_unavailable",
            "200 | {\"error\": \"ratelimited\"} | BUSY | ratelimited",
            "200 | <!doctype html><p>We are back soon | BUSY | no-token-answer",
            "200 | {\"access_token\": \"a-1\", \"refresh | LOST | unreadable-answer",
            "200 | '' | LOST | unreadable-answer",
            "204 | '' | LOST | unreadable-answer" })
    void everyErrorIsWhatItMeans(int status, String body, Code code, String error) {
        RefreshOutcome outcome = read(status, body);

        assertThat(outcome.code()).isEqualTo(code);
        assertThat(outcome.error()).isEqualTo(error);
        assertThat(outcome.httpStatus()).isEqualTo(status);
        assertThat(outcome.toString()).doesNotContain("r-1").doesNotContain("a-1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "instagram | {\"error\": {\"message\": \"x\", \"type\": \"OAuthException\", \"code\": 190}} | GRANT_REFUSED",
            "instagram | {\"error\": {\"code\": 4}} | BUSY", "instagram | {\"error\": {\"code\": 2}} | BUSY",
            "instagram | {\"error\": {\"code\": 200}} | REJECTED",
            "tiktok-ads | {\"code\": 40105, \"message\": \"x\"} | GRANT_REFUSED",
            "tiktok-ads | {\"code\": 40100} | BUSY" })
    void whatTheEntryKnowsOfErrorsHolds(String provider, String body, Code code) {
        assertThat(TokenReading.read(answered(200, body), providers.get(provider), NOW).code()).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(strings = { "{\"access_token\": \"a-1\", \"errorCode\": \"0\"}",
            "{\"access_token\": \"a-1\", \"error\": {\"code\": \"ok\"}}", "{\"access_token\": \"a-1\", \"status\": \"error\"}",
            "{\"error\": \"\", \"access_token\": \"a-1\"}" })
    void aTokenIsATokenWhateverIsSaidBesideIt(String body) {
        assertThat(granted(body).accessToken()).isEqualTo(Secret.of("a-1"));
    }

    @Test
    void aTokenThatIsTooLongToBeKeptIsNotTakenForOneThatWasLeftOut() {
        RefreshOutcome outcome = read(200,
                "{\"access_token\": \"a-1\", \"refresh_token\": \"" + "r".repeat(Secret.MAX_CHARACTERS + 1) + "\"}");

        assertThat(outcome.code()).isEqualTo(Code.WITHOUT_PAIR);
        assertThat(outcome.error()).isEqualTo("token-too-long");
    }

    @Test
    void halfOfAnAnswerIsALostOne() {
        OutboundOutcome truncated = new OutboundOutcome(OutboundOutcome.Code.ANSWERED,
                new OutboundAnswer(200, List.of(), Buffer.buffer("{\"access_token\": \"a-1\"}"), true), true, Phases.NONE,
                Duration.ZERO, null);

        assertThat(TokenReading.read(truncated, null, NOW).code()).isEqualTo(Code.LOST);
    }

    @ParameterizedTest
    @CsvSource({ "TIMEOUT, true, LOST, timeout", "BROKEN, true, LOST, connection-broken", "TIMEOUT, false, UNREACHED, timeout",
            "UNREACHABLE, false, UNREACHED, unreachable", "UNRESOLVED, false, UNREACHED, unreachable",
            "BLOCKED, false, UNREACHED, unreachable", "TLS, false, UNREACHED, tls", "BUSY, false, UNREACHED, busy" })
    void aConnectionThatDidNotComeAboutIsNoLostAnswer(OutboundOutcome.Code how, boolean sent, Code code, String error) {
        RefreshOutcome outcome = TokenReading
                .read(new OutboundOutcome(how, null, sent, Phases.NONE, Duration.ZERO, null), null, NOW);

        assertThat(outcome.code()).isEqualTo(code);
        assertThat(outcome.error()).isEqualTo(error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "120 | PT2M", "'Mon, 23 Nov 2026 10:05:00 GMT' | PT5M", "99999999 | PT24H",
            "0 |", "-5 |", "soon |", "'Mon, 23 Nov 2026 09:00:00 GMT' |" })
    void retryAfterIsReadInBothForms(String header, @Nullable Duration wait) {
        assertThat(read(429, "", new Header("Retry-After", header)).retryAfter()).isEqualTo(wait);
        assertThat(read(503, "", new Header("retry-after", header)).retryAfter()).isEqualTo(wait);
    }
}
