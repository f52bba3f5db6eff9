package dev.latchkey.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalIssuerTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final InstantSource TIME = InstantSource.fixed(NOW);

    private final SecureRandom random = new SecureRandom();

    @TempDir
    Path temporary;

    private DataDirectory data;

    @BeforeEach
    void open() {
        data = DataDirectory.open(temporary);
    }

    @AfterEach
    void close() {
        data.close();
    }

    @Test
    void theOwnersTokenNamesOwnerAndPlatformOfTheDefaultOrganizationFor90Days() throws Exception {
        Path file = LocalIssuer.in(data, random, TIME).writeOwnerToken(data);

        JsonObject claims = verifiedClaims(Files.readString(file));
        assertThat(claims.getString("iss")).isEqualTo("latchkey-local");
        assertThat(claims.getString("sub")).isEqualTo("owner@localhost").isEqualTo(claims.getString("upn"));
        assertThat(claims.getString("org")).isEqualTo("default");
        assertThat(claims.getJsonArray("groups")).containsExactlyInAnyOrder("owner", "platform");
        assertThat(Instant.ofEpochSecond(claims.getLong("iat"))).isEqualTo(NOW);
        assertThat(Instant.ofEpochSecond(claims.getLong("exp"))).isEqualTo(NOW.plus(Duration.ofDays(90)));
    }

    @Test
    void theTokenFileHoldsTheTokenAlone() throws IOException {
        Path file = LocalIssuer.in(data, random, TIME).writeOwnerToken(data);

        assertThat(Files.readString(file)).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+");
    }

    @Test
    void tokenAndPrivateKeyAreTheOwnersAlone() throws IOException {
        LocalIssuer.in(data, random, TIME).writeOwnerToken(data);

        for (String name : List.of("admin.token", "issuer/private.pem")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve(name)))).as(name)
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void tokensStayGoodOverRestarts() throws Exception {
        String token = LocalIssuer.in(data, random, TIME).mint("ann", "acme", Set.of("viewer"), Duration.ofHours(1));

        LocalIssuer.in(data, random, TIME);

        assertThat(verifiedClaims(token).getJsonArray("groups")).isEqualTo(new JsonArray().add("viewer"));
    }

    @Test
    void anExpiredTokenWasIssuedBeforeItExpired() throws Exception {
        String token = LocalIssuer.in(data, random, TIME).mint("ann", "acme", Set.of("viewer"), Duration.ofHours(-1));

        JsonObject claims = verifiedClaims(token);
        assertThat(Instant.ofEpochSecond(claims.getLong("exp"))).isEqualTo(NOW.minus(Duration.ofHours(1)));
        assertThat(claims.getLong("iat")).isLessThan(claims.getLong("exp"));
    }

    @Test
    void aPrivateKeyThatCannotBeReadIsNamedAndNotReplaced() throws IOException {
        LocalIssuer.in(data, random, TIME);
        Files.writeString(temporary.resolve("issuer/private.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA\n");

        assertThatThrownBy(() -> LocalIssuer.in(data, random, TIME)).isInstanceOf(StartRefused.class)
                .hasMessageContaining(data.resolve("issuer/private.pem").toString());
    }

    /** With plain Java, so that another library's mistake is not shared. */
    private JsonObject verifiedClaims(String token) throws GeneralSecurityException, IOException {
        String[] parts = token.split("\\.", -1);
        Path publicKey = Path.of(URI.create(LocalIssuer.in(temporary, TIME).publicKeyLocation()));
        String pem = Files.readString(publicKey).replaceAll("-----[A-Z ]+-----|\\s", "");
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(
                KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(pem))));
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).as("signature").isTrue();
        return new JsonObject(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
    }
}
