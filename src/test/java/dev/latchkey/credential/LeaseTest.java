package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKeys;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Credentials;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class LeaseTest {

    private static final String PASSWORD = "9vNq3XzRk7Wm2TcYb8Ld";

    @Inject
    DataSource database;
    @Inject
    DataKeys dataKeys;

    private Api api;
    private Credentials credentials;
    private Created key;

    @BeforeEach
    void anOrganizationWithAKey() {
        api = Api.ofNewOrganization();
        credentials = new Credentials(api, database, dataKeys);
        key = api.aKey().scopes("credentials:use").create();
    }

    @Test
    void aBoundKeyIsHandedWhatSignsARequestIn() {
        String credential = credentials.basic("https://erp.example", "erp", PASSWORD);
        bind(credential);

        lease(credential).then().statusCode(200).header("Cache-Control", equalTo("no-store"))
                .body("headers.Authorization",
                        equalTo("Basic " + Base64.getEncoder().encodeToString(("erp:" + PASSWORD).getBytes())))
                .body("query.size()", equalTo(0)).body("expiresAt", nullValue());
    }

    @Test
    void aKeyOfAQueryIsHandedAsOne() {
        String credential = credentials.inQuery("https://carrier.example", "api_key", PASSWORD);
        bind(credential);

        lease(credential).then().statusCode(200).body("query", equalTo(Map.of("api_key", PASSWORD)))
                .body("headers.size()", equalTo(0));
    }

    @Test
    void whatRenewsACredentialIsNeverHandedOut() {
        String credential = credentials.oauth("https://shop.example", "atc-7Qm2VbXc9LkR1sNj", "rft-8PdYh6GaTe05uZqF",
                "cls-3XzRk7Wm2TcYb8Ld");
        bind(credential);

        Response answer = lease(credential);

        answer.then().statusCode(200).body("headers.Authorization", equalTo("Bearer atc-7Qm2VbXc9LkR1sNj"));
        assertThat(answer.asString()).doesNotContain("rft-8PdYh6GaTe05uZqF", "cls-3XzRk7Wm2TcYb8Ld");
    }

    @Test
    void anApplicationsOwnSecretIsNotHandedOutWithEachAccount() {
        String credential = credentials.oauth("https://api.etsy.com/v3/application", "atc-4Wm9XzRk3Tc2Yb8L",
                "rft-2LkR1sNj7QmVbXc9", "cls-6GaTe05uZqF8PdYh");
        new Behind(database).execute("update credential set provider = 'etsy' where id = ?", UUID.fromString(credential));
        bind(credential);

        Response answer = lease(credential);

        answer.then().statusCode(409).body("code", equalTo("conflict"));
        assertThat(answer.asString()).doesNotContain("cls-6GaTe05uZqF8PdYh", "atc-4Wm9XzRk3Tc2Yb8L");
        api.asOwner().get("/api/v1/activity?targetId=" + credential).then().body("items.size()", equalTo(0));
    }

    @Test
    void withoutALiveBindingNothingIsHandedOut() {
        String credential = credentials.basic("https://erp.example", "erp", PASSWORD);
        refused(credential, 403, "not-bound");
        String integration = bind(credential);
        api.asOwner().body(Map.of("active", false)).patch("/api/v1/integrations/" + integration).then().statusCode(200);
        refused(credential, 403, "not-bound");
        api.asOwner().get("/api/v1/activity?targetId=" + credential).then().body("items.size()", equalTo(0));
    }

    @Test
    void anothersCredentialDoesNotExist() {
        Api other = Api.ofNewOrganization();
        String foreign = new Credentials(other, database, dataKeys).basic("https://erp.example", "erp", PASSWORD);

        refused(foreign, 404, "not-found");
        refused(UUID.randomUUID().toString(), 404, "not-found");
    }

    @Test
    void peopleAndKeysWithoutTheScopeAreHandedNothing() {
        String credential = credentials.basic("https://erp.example", "erp", PASSWORD);
        Created writer = api.aKey().scopes("credentials:write", "credentials:read").create();
        api.asOwner().body(Map.of("name", "b", "keyIds", List.of(writer.id()), "credentialIds", List.of(credential)))
                .post("/api/v1/integrations").then().statusCode(201);

        Api.withKey(writer.key()).post(path(credential)).then().statusCode(403).body("code", equalTo("forbidden"));
        api.as("owner", "platform").post(path(credential)).then().statusCode(403).body("code", equalTo("forbidden"));
    }

    @Test
    void eachLeaseStandsInTheActivityLog() {
        String credential = credentials.basic("https://erp.example", "erp", PASSWORD);
        bind(credential);
        lease(credential).then().statusCode(200);
        lease(credential).then().statusCode(200);

        log(credential).body("items.action", contains("credential.leased", "credential.leased"))
                .body("items[0].actor.id", equalTo(key.id())).body("items[0].target.name", equalTo("ERP"))
                .body("items[0].changes.find { it.field == 'integration' }.after", equalTo("Stock"));
        assertThat(log(credential).extract().asString()).doesNotContain(PASSWORD);
        Eventually.holds(() -> assertThat(new Behind(database).count(
                "select count(*) from credential_last_use where credential_id = ?", UUID.fromString(credential))).isOne());
    }

    /** Whoever asks again within minutes gets the same, unless he may no longer have it. */
    @Test
    void aRepeatedLeaseIsOneUntilItIsUnbound() {
        String credential = credentials.basic("https://erp.example", "erp", PASSWORD);
        String integration = bind(credential);
        Api.withKey(key.key()).header("Idempotency-Key", "l-1").post(path(credential)).then().statusCode(200);

        Api.withKey(key.key()).header("Idempotency-Key", "l-1").post(path(credential)).then().statusCode(200)
                .header("Idempotency-Replayed", equalTo("true"));
        log(credential).body("items.size()", equalTo(1));
        api.asOwner().delete("/api/v1/integrations/" + integration).then().statusCode(204);
        Api.withKey(key.key()).header("Idempotency-Key", "l-1").post(path(credential)).then().statusCode(403);
    }

    @ParameterizedTest
    @CsvSource({ "invalid, 409", "reauthorization-required, 409", "not-connected, 409", "blocked-address, 409", "timeout, 200",
            "unreachable, 200", "rate-limited, 200", "expiring, 200" })
    void whatTheProviderHasRefusedIsNotHandedOut(String reason, int status) {
        String credential = credentials.basic("https://erp.example", "erp", PASSWORD);
        bind(credential);
        credentials.is(credential, reason);

        Response answer = lease(credential);

        assertThat(answer.statusCode()).isEqualTo(status);
        if (status == 409) {
            answer.then().body("code", equalTo("credential-unusable")).body("errors.field", contains("reason"))
                    .body("errors.message", contains(reason));
        }
    }

    @Test
    void oauthWithoutAnAccessTokenIsNotConnected() {
        String credential = credentials.stored("oauth2", null,
                "{\"grant\": \"authorization_code\", \"clientId\": \"app-1\", \"scopes\": [], \"clientAuth\": \"basic\", \"pkce\": true}",
                Map.of("clientSecret", "cls-4FtZw7Qm2VbXc9Lk"));
        bind(credential);

        lease(credential).then().statusCode(409).body("errors.message", contains("not-connected"));
    }

    private void refused(String credential, int status, String code) {
        lease(credential).then().statusCode(status).body("code", equalTo(code));
    }

    private Response lease(String credential) {
        return Api.withKey(key.key()).post(path(credential));
    }

    private static String path(String credential) {
        return "/api/v1/credentials/" + credential + "/lease";
    }

    private String bind(String credential) {
        return api.asOwner().body(Map.of("name", "Stock", "keyIds", List.of(key.id()), "credentialIds", List.of(credential)))
                .post("/api/v1/integrations").then().statusCode(201).extract().path("id");
    }

    private ValidatableResponse log(String credential) {
        return api.asOwner().get("/api/v1/activity?targetId=" + credential).then().statusCode(200);
    }
}
