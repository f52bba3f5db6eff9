package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was sealed once is shown to nobody and sent nowhere else, whatever those who may edit put beside it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class CredentialSecrecyTest extends CredentialCase {

    private static final String CREDENTIALS = "/api/v1/credentials/";

    @Inject
    Providers providers;

    private String key;

    @BeforeEach
    void aNewOrganization() {
        key = CredentialBuilder.aSecret();
    }

    @Test
    void aUserNameThatWasSealedStaysSealedBesideALongPassword() {
        String id = api.aCredential().basic(key, "").testedAt(provider.url()).create();

        Response edited = patch(id, Map.of("data", Map.of("password", "abcd-long"), "skipTest", true));
        edited.then().statusCode(200).body("data.username.set", equalTo(true));

        assertThat(everywhere(id, edited)).doesNotContain(key);
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
    }

    @Test
    void aUserNameThatWasSealedIsAskedForBeforeItIsSentElsewhere() {
        String id = api.aCredential().basic(key, "").testedAt(provider.url()).create();
        try (FakeProvider mine = FakeProvider.start()) {
            mine.answers(200, "{}");

            patch(id, Map.of("baseUrl", mine.url(), "data", Map.of("password", "abcd-long"))).then().statusCode(422)
                    .body("errors.field", contains("data.username"));
            patch(id, Map.of("baseUrl", mine.url())).then().statusCode(422).body("errors.field",
                    containsInAnyOrder("data.username", "data.password"));

            assertThat(mine.asked()).isEmpty();
        }
    }

    @Test
    void aUserNameThatIsSaidAnewIsWhatItIsNow() {
        String id = api.aCredential().basic(key, "").testedAt(provider.url()).create();

        patch(id, Map.of("data", Map.of("username", "sync", "password", "a long password"))).then().statusCode(200)
                .body("data.username", equalTo("sync"));
        patch(id, Map.of("data", Map.of("password", "x"))).then().statusCode(200).body("data.username.set", equalTo(true));
    }

    @Test
    void whatTheCatalogueCallsASecretIsSealed() {
        int looked = 0;
        for (Provider entry : providers.all()) {
            for (Provider.Use use : entry.uses()) {
                for (Provider.Field field : use.fields().stream().filter(Provider.Field::secret).toList()) {
                    looked++;
                    assertThat(CredentialFields.secretNames(entry, use.type())).contains(field.name());
                    assertThat(CredentialFields.secretNames(use.type()).contains(field.name())
                            || CredentialFields.MAY_BE_SECRET.contains(field.name())
                            || use.type() == CredentialType.CUSTOM_HEADERS).as(entry.key() + " " + field.name()).isTrue();
                }
            }
        }
        assertThat(looked).isGreaterThan(30);

        Response stored = api.aCredential().with("provider", "woocommerce").with("baseUrl", provider.url())
                .basic(key, CredentialBuilder.aSecret()).requested();
        stored.then().statusCode(201).body("data.username.set", equalTo(true));
        String id = stored.path("id");
        Response edited = patch(id, Map.of("data", Map.of("password", CredentialBuilder.aSecret()), "skipTest", true));
        edited.then().statusCode(200).body("data.username.set", equalTo(true));
        assertThat(everywhere(id, stored, edited)).doesNotContain(key);

        // Said anew while the entry has gone, which nobody can ask any more.
        database.execute("update credential set provider = 'gone-since' where id = ?", UUID.fromString(id));
        patch(id, Map.of("data", Map.of("username", key + "x"), "skipTest", true)).then().statusCode(200)
                .body("data.username.set", equalTo(true));
        assertThat(everywhere(id)).doesNotContain(key);
    }

    private String everywhere(String id, Response... answers) {
        StringBuilder all = new StringBuilder();
        for (Response answer : answers) {
            all.append(answer.asString());
        }
        Response log = api.asOwner().get("/api/v1/activity?targetId=" + id);
        log.then().body("items.action", hasItem("credential.updated"));
        return all.append(api.asOwner().get(CREDENTIALS + id).asString()).append(log.asString())
                .append(api.asOwner().get("/api/v1/events").asString())
                .append(database.query("select to_jsonb(c)::text from credential c where id = ?", UUID.fromString(id)))
                .toString();
    }

    private Response patch(String id, Map<String, ?> patch) {
        return api.as("developer").contentType("application/merge-patch+json").body(patch).patch(CREDENTIALS + id);
    }
}
