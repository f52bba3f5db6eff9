package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Credentials that are worth a look are named, each with the call that mends it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class CredentialReviewTest {

    private static final String REVIEW = "/api/v1/credentials/review";

    @Inject
    DataSource source;

    private Api api;
    private Behind database;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        database = new Behind(source);
    }

    @Test
    void whatNoIntegrationUsesIsNamed() {
        String id = api.aCredential().create();

        api.as("viewer").get(REVIEW).then().statusCode(200).body("items", hasSize(1))
                .body("items[0].credential.id", equalTo(id)).body("items[0].reason", equalTo("unbound"))
                .body("items[0].action.method", equalTo("DELETE"))
                .body("items[0].action.path", equalTo("/api/v1/credentials/" + id))
                .body("items[0].action.allowed", equalTo(false)).body("nextCursor", nullValue());
        api.as("developer").get(REVIEW).then().body("items[0].action.allowed", equalTo(true));

        integration(id);
        api.asOwner().get(REVIEW).then().body("items", empty());
    }

    @Test
    void oneIsAskedAboutAlone() {
        String id = api.aCredential().create();
        api.aCredential().with("name", "Another").create();

        api.asOwner().get(REVIEW + "?credential=" + id).then().body("items.credential.id", contains(id));
        api.asOwner().get(REVIEW + "?credential=" + UUID.randomUUID()).then().statusCode(200).body("items", empty());
        api.asOwner().get(REVIEW + "?credential=erp").then().statusCode(422).body("errors[0].field", equalTo("credential"));
    }

    @Test
    void whatNobodyUsesIsNamedOnceItHadTimeToBe() {
        String id = api.aCredential().create();
        String integration = integration(id);
        database.execute("update credential set created_at = now() - interval '31 days' where id = ?", UUID.fromString(id));

        api.asOwner().header("Accept-Language", "es").get(REVIEW + "?reason=unused").then().body("items", hasSize(1))
                .body("items[0].detail", containsString("31 días"))
                .body("items[0].action.path", equalTo("/api/v1/integrations/" + integration))
                .body("items[0].action.body.credentialIds", empty());
        database.execute("insert into credential_last_use values (?, now())", UUID.fromString(id));
        api.asOwner().get(REVIEW).then().body("items", empty());
        database.execute("update credential_last_use set last_used_at = now() - interval '91 days' where credential_id = ?",
                UUID.fromString(id));
        api.asOwner().get(REVIEW).then().body("items.reason", contains("unused"));
    }

    @Test
    void anOldSecretIsNamedByTheOrganizationsPolicy() {
        String id = api.aCredential().create();
        integration(id);
        api.set(Map.of("keyMaxAge", "P30D")).then().statusCode(200);
        database.execute("update credential_secret set updated_at = now() - interval '31 days' where credential_id = ?",
                UUID.fromString(id));
        api.asOwner().get(REVIEW).then().body("items.reason", contains("older-than-policy"))
                .body("items[0].detail", containsString("31 days")).body("items[0].action.method", equalTo("PATCH"));

        api.asOwner().body(Map.of("data", Map.of("password", CredentialBuilder.aSecret()), "skipTest", true))
                .patch("/api/v1/credentials/" + id).then().statusCode(200);
        api.asOwner().get(REVIEW).then().body("items", empty());
    }

    @Test
    void whatEndsAndRenewsItselfIsNone() {
        String soon = Instant.now().plus(5, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS).toString();
        Map<String, Object> oauth = Map.of("grant", "authorization_code", "clientId", "shop", "tokenUrl",
                "http://127.0.0.1:9/token", "authorizeUrl", "http://127.0.0.1:9/authorize", "accessToken",
                CredentialBuilder.aSecret(), "expiresAt", soon);
        String ends = api.aCredential().of("oauth2", oauth).create();
        Map<String, Object> renewed = new HashMap<>(oauth);
        renewed.put("refreshToken", CredentialBuilder.aSecret());
        String goesOn = api.aCredential().of("oauth2", renewed).create();
        integration(ends, goesOn);

        api.asOwner().get(REVIEW).then().body("items", hasSize(1)).body("items[0].credential.id", equalTo(ends))
                .body("items[0].reason", equalTo("expiring-soon")).body("items[0].credential.expiresAt", equalTo(soon));
    }

    @Test
    void aPageMayEndAmidTheFindingsOfOne() {
        String older = api.aCredential().create();
        String newer = api.aCredential().create();
        for (String id : List.of(older, newer)) {
            database.execute("update credential_secret set updated_at = now() - interval '200 days' where credential_id = ?",
                    UUID.fromString(id));
        }
        String cursor = null;
        StringBuilder seen = new StringBuilder();
        do {
            var page = api.asOwner().get(REVIEW + "?limit=1" + (cursor == null ? "" : "&cursor=" + cursor)).then()
                    .body("items", hasSize(1)).extract();
            seen.append(page.<String> path("items[0].credential.id").equals(newer) ? "newer " : "older ")
                    .append(page.<String> path("items[0].reason")).append("; ");
            cursor = page.path("nextCursor");
        } while (cursor != null);

        assertThat(seen.toString()).isEqualTo(
                "newer older-than-policy; newer unbound; older older-than-policy; older unbound; ");
    }

    private String integration(String... credentials) {
        return api.asOwner().body(Map.of("name", "ERP", "kind", "erp", "keyIds", List.of(), "credentialIds",
                List.of(credentials), "active", true)).post("/api/v1/integrations").then().statusCode(201).extract().path("id");
    }
}
