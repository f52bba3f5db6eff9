package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.latchkey.credential.CredentialData.ApiKey;
import dev.latchkey.credential.CredentialData.Basic;
import dev.latchkey.credential.CredentialData.Bearer;
import dev.latchkey.credential.CredentialData.CustomHeaders;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.CredentialData.Placement;
import dev.latchkey.crypto.Secret;
import dev.latchkey.web.Problem.FieldError;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What would break out of its place in a request is refused, by the field that says it, and not repeated. */
@NullUnmarked
class CredentialRulesTest {

    private static final String GOOD = "q8Zr2mTx0Lw5";

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(header("X-Key", GOOD + "\r\nX-Admin: 1"), "data.key"),
                Arguments.of(header("X-Key", GOOD + "\n"), "data.key"),
                Arguments.of(header("X-Key", " " + GOOD), "data.key"),
                Arguments.of(header("X-Key", "clé-secrète"), "data.key"),
                Arguments.of(header("X-Key", ""), "data.key"),
                Arguments.of(header("X Key", GOOD), "data.name"),
                Arguments.of(header("X-Key:", GOOD), "data.name"),
                Arguments.of(header("X-Key\r\nHost", GOOD), "data.name"),
                Arguments.of(header("Host", GOOD), "data.name"),
                Arguments.of(header("hOsT", GOOD), "data.name"),
                Arguments.of(header("Content-Length", GOOD), "data.name"),
                Arguments.of(header("Content-Type", GOOD), "data.name"),
                Arguments.of(header("Transfer-Encoding", GOOD), "data.name"),
                Arguments.of(header("Connection", GOOD), "data.name"),
                Arguments.of(new ApiKey(Secret.of(GOOD), null, Placement.HEADER, "X-Key", "Token\r\n"), null),
                Arguments.of(new ApiKey(Secret.of(GOOD), null, Placement.HEADER, "X-Key", "To\r\nken"), "data.prefix"),
                Arguments.of(new ApiKey(Secret.of(GOOD), Secret.of("a\nb"), Placement.HEADER, "X-Key", null), "data.secret"),
                Arguments.of(new ApiKey(Secret.of(GOOD), null, Placement.QUERY, "key&admin", null), "data.name"),
                Arguments.of(new ApiKey(Secret.of(GOOD), null, Placement.QUERY, "key=x#", null), "data.name"),
                Arguments.of(new ApiKey(Secret.of("a\0b"), null, Placement.QUERY, "key", null), "data.key"),
                Arguments.of(new Bearer(Secret.of(GOOD + " " + GOOD)), "data.token"),
                Arguments.of(new Bearer(Secret.of(GOOD + "\r\n")), "data.token"),
                Arguments.of(basic("sync:x", GOOD), "data.username"),
                Arguments.of(basic("sync\r\n", GOOD), "data.username"),
                Arguments.of(basic("sync", "a\u0007b"), "data.password"),
                Arguments.of(basic("sync", "a\u0085b"), "data.password"),
                Arguments.of(basic("", ""), "data.username"),
                Arguments.of(headers("X-A", "a\rb"), "data.headers.X-A"),
                Arguments.of(headers("Host", "elsewhere.example"), "data.headers.Host"),
                Arguments.of(headers("Content-Length", "0"), "data.headers.Content-Length"),
                Arguments.of(headers("Upgrade", "h2c"), "data.headers.Upgrade"),
                Arguments.of(headers("X-A", "a", "x-a", "b"), "data.headers.x-a"),
                Arguments.of(oauth(Grant.CLIENT_CREDENTIALS, null, null), "data.clientSecret"),
                Arguments.of(oauth(Grant.REFRESH_TOKEN, GOOD, null), "data.refreshToken"),
                Arguments.of(oauth(Grant.REFRESH_TOKEN, GOOD, "a\r\nb"), "data.refreshToken"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatNoRequestCanCarryIsRefused(CredentialData data, @Nullable String field) {
        List<FieldError> errors = CredentialRules.errors(data);

        // A prefix is stripped before it is sent: what ends it with a line break ends nothing.
        assertThat(errors.stream().map(FieldError::field)).isEqualTo(field == null ? List.of() : List.of(field));
        assertThat(errors.stream().map(FieldError::message).collect(Collectors.joining())).doesNotContain(GOOD, "X-Admin");
    }

    static Stream<CredentialData> taken() {
        return Stream.of(header("X-API-Key", GOOD), header("Authorization", GOOD), header("Cookie", "sid=" + GOOD),
                new ApiKey(Secret.of("schlüssel mit Blank"), null, Placement.QUERY, "filter[key]", null),
                new Bearer(Secret.of(GOOD + "==")), basic("usuario", "contraseña con ñ"), basic("", GOOD), basic(GOOD, ""),
                headers("X-A", "a b", "X-B", "c"), oauth(Grant.CLIENT_CREDENTIALS, GOOD, null),
                oauth(Grant.AUTHORIZATION_CODE, null, null), oauth(Grant.REFRESH_TOKEN, GOOD, GOOD));
    }

    @ParameterizedTest
    @MethodSource("taken")
    void whatServicesReallyWantIsTaken(CredentialData data) {
        assertThat(CredentialRules.errors(data)).isEmpty();
    }

    /** Services that take a key as user name have nothing worth the name behind it. */
    @Test
    void aUserNameWithoutAPasswordIsTheSecret() {
        assertThat(CredentialFields.sealed(basic(GOOD, "x"), Set.of())).containsOnlyKeys("password", "username");
        assertThat(CredentialFields.sealed(basic("sync", GOOD), Set.of())).containsOnlyKeys("password");
        assertThat(CredentialFields.sealed(basic("sync", GOOD), Set.of("username"))).as("what is sealed stays so")
                .containsOnlyKeys("password", "username");
    }

    @Test
    void whatIsRenewedDoesNotEndForGood() {
        Instant end = Instant.parse("2027-01-15T08:00:00Z");
        OAuth2 connected = new OAuth2(Grant.AUTHORIZATION_CODE, "client", null, "https://id.example/token", null, null,
                List.of(), Secret.of(GOOD), null, end, null, null, null);

        assertThat(Ending.presented(connected)).isEqualTo(end);
        assertThat(Ending.forGood(connected, null)).isEqualTo(end);
        Providers providers = new Providers((String) null);
        assertThat(Ending.forGood(connected, providers.get("instagram"))).as("renewed by its access token").isNull();
        assertThat(Ending.forGood(connected, providers.get("meta"))).as("renewed by nothing").isEqualTo(end);
    }

    @Test
    void aJwtTellsWhenItEnds() {
        String claims = Base64.getUrlEncoder().withoutPadding()
                .encodeToString("{\"exp\": 1800000000}".getBytes(StandardCharsets.UTF_8));

        assertThat(Ending.ofJwt("eyJhbGciOiJub25lIn0." + claims + ".x")).hasToString("2027-01-15T08:00:00Z");
        assertThat(Ending.ofJwt("eyJhbGciOiJub25lIn0.%%%.x")).isNull();
        assertThat(Ending.ofJwt("eyJhbGciOiJub25lIn0.eyJ4IjoxfQ.x")).isNull();
        assertThat(Ending.ofJwt(GOOD)).isNull();
    }

    private static ApiKey header(String name, String key) {
        return new ApiKey(Secret.of(key), null, Placement.HEADER, name, null);
    }

    private static Basic basic(String username, String password) {
        return new Basic(Secret.of(username), Secret.of(password));
    }

    private static CustomHeaders headers(String... pairs) {
        Map<String, Secret> headers = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            headers.put(pairs[i], Secret.of(pairs[i + 1]));
        }
        return new CustomHeaders(headers);
    }

    private static OAuth2 oauth(Grant grant, @Nullable String secret, @Nullable String refreshToken) {
        return new OAuth2(grant, "client", secret == null ? null : Secret.of(secret), "https://id.example/token", null, null,
                List.of("https://www.example.com/auth/read"), null, refreshToken == null ? null : Secret.of(refreshToken),
                null, null, null, null);
    }
}
