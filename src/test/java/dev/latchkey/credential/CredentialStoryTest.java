package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.parsing.Parser;
import io.restassured.response.Response;
import org.junit.jupiter.api.Test;

/** The story that README tells. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class CredentialStoryTest {

    private static final String STOCK = "{\"items\": [{\"sku\": \"shirt-m\", \"stock\": 7}]}";

    @Test
    void anIntegrationReadsTheStockOfAnErpWhosePasswordItNeverSees() {
        Api api = Api.ofNewOrganization();
        String password = CredentialBuilder.aSecret();
        String signedIn = "Basic "
                + Base64.getEncoder().encodeToString(("sync:" + password).getBytes(StandardCharsets.UTF_8));
        try (FakeProvider erp = FakeProvider.start()) {
            erp.answers(asked -> asked.header("Authorization").equals(signedIn) ? new FakeProvider.Answer(200, STOCK)
                    : new FakeProvider.Answer(401, "{}"));

            api.aCredential().basic("sync", "mistyped").testedAt(erp.url()).requested().then().statusCode(422)
                    .body("code", equalTo("test-failed")).body("test.reason", equalTo("invalid"))
                    .body("test.httpStatus", equalTo(401));
            api.asOwner().get("/api/v1/credentials").then().body("items", empty());

            Response stored = api.aCredential().basic("sync", password).testedAt(erp.url()).requested();
            stored.then().statusCode(201).body("status", equalTo("green")).body("data.password.set", equalTo(true));
            assertThat(stored.asString()).doesNotContain(password);
            String credential = stored.path("id");

            Created key = api.aKey().scopes("credentials:use").create();
            String path = "/api/v1/proxy/" + credential + "/stock?sku=shirt-m";
            Api.withKey(key.key()).get(path).then().statusCode(403).body("code", equalTo("not-bound"));
            api.asOwner().body(Map.of("name", "Stock", "keyIds", List.of(key.id()), "credentialIds", List.of(credential)))
                    .post("/api/v1/integrations").then().statusCode(201);
            erp.asked();

            Response stock = Api.withKey(key.key()).get(path);
            stock.then().defaultParser(Parser.JSON).statusCode(200).header("X-Proxied", equalTo("true")).body("items.stock",
                    contains(7));
            assertThat(stock.asString() + stock.headers()).doesNotContain(password, signedIn);
            assertThat(erp.asked()).singleElement().satisfies(asked -> {
                assertThat(asked.target()).isEqualTo("stock?sku=shirt-m");
                assertThat(asked.headers()).doesNotContainKey("X-api-key");
            });
            api.asOwner().get("/api/v1/activity?action=credential.used").then().body("items", hasSize(1))
                    .body("items[0].actor.id", equalTo(key.id()));
        }
    }
}
