package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import jakarta.inject.Inject;

import dev.latchkey.credential.FakeProvider.Answer;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What changes while others are asked, what does not fit or open any more, and what there is too much of. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class CredentialMendTest extends CredentialCase {

    private static final String CREDENTIALS = "/api/v1/credentials/";

    @Inject
    LastUses uses;

    private String id;
    private String password;

    @BeforeEach
    void aStoredCredential() {
        password = CredentialBuilder.aSecret();
        id = api.aCredential().basic("sync", password).testedAt(provider.url()).create();
        provider.asked();
    }

    @Test
    void aNewSecretInheritsNoColour() {
        provider.answers(429, "");
        patch(Map.of("data", Map.of("password", CredentialBuilder.aSecret()))).then().statusCode(200)
                .body("status", equalTo("unknown")).body("reason", equalTo("rate-limited")).body("checkedAt", nullValue());

        provider.answers(401, "");
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("reason", equalTo("invalid"));
        provider.answers(429, "");
        patch(Map.of("data", Map.of("password", CredentialBuilder.aSecret()))).then().statusCode(200)
                .body("status", equalTo("unknown")).body("reason", equalTo("rate-limited"));
    }

    @Test
    void whatStaysTheSameKeepsItsColour() {
        patch(Map.of("data", Map.of("password", password), "skipTest", true)).then().statusCode(200)
                .header("ETag", "\"0\"").body("status", equalTo("green")).body("checkedAt", notNullValue());
        assertThat(provider.asked()).isEmpty();
        api.asOwner().get("/api/v1/events?type=credential.status_changed").then().body("items.size()", equalTo(0));
    }

    @Test
    void anEditThatWasOvertakenDuringItsTestReplacesNothing() throws Exception {
        Held slow = held(() -> patch(Map.of("data", Map.of("password", CredentialBuilder.aSecret()))));

        patch(Map.of("name", "Renamed")).then().statusCode(200);

        slow.answered().then().statusCode(409).body("code", equalTo("conflict"));
        api.asOwner().get(CREDENTIALS + id).then().header("ETag", "\"1\"").body("name", equalTo("Renamed"));
    }

    @Test
    void aTestOfWhatWasReplacedMeanwhileSaysSo() throws Exception {
        Held slow = held(() -> api.asOwner().post(CREDENTIALS + id + "/test"));

        patch(Map.of("data", Map.of("password", CredentialBuilder.aSecret()), "skipTest", true)).then().statusCode(200);

        slow.answered().then().statusCode(409).body("detail", containsString("does not count"));
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("unknown"));
    }

    @Test
    void theTestThatWasBegunLaterCounts() throws Exception {
        Held slow = held(() -> api.asOwner().post(CREDENTIALS + id + "/test"));

        provider.answers(401, "");
        api.asOwner().post(CREDENTIALS + id + "/test").then().statusCode(200).body("reason", equalTo("invalid"));

        slow.answered().then().statusCode(409);
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("red"));
    }

    @Test
    void whatItsEntryDoesNotAdmitAnyMoreIsMendedWithItsSecrets() {
        database.execute("update credential set provider = 'woocommerce', base_url = null, test = null where id = ?",
                UUID.fromString(id));
        api.asOwner().post(CREDENTIALS + id + "/test").then().statusCode(200).body("reason", equalTo("misconfigured"));

        patch(Map.of("baseUrl", provider.url(), "skipTest", true)).then().statusCode(422).body("errors.field",
                containsInAnyOrder("data.username", "data.password"));
        patch(Map.of("baseUrl", provider.url(), "data", Map.of("username", "sync", "password", password))).then()
                .statusCode(200).body("status", equalTo("green"));
    }

    @Test
    void whatHasLostItsEntryIsEditedWithoutIt() {
        database.execute("update credential set provider = 'gone-since', variables = '{\"shop\": \"acme\"}' where id = ?",
                UUID.fromString(id));

        patch(Map.of("data", Map.of("password", CredentialBuilder.aSecret()))).then().statusCode(200)
                .body("status", equalTo("green")).body("provider", equalTo("gone-since"))
                .body("variables.shop", equalTo("acme"));
    }

    @Test
    void aDeletionThatCannotLookSaysThatTheTokenMayLive() {
        String oauth = oauth();
        database.execute("update credential_secret set sealed = substr(sealed, 1, 20) where credential_id = ?",
                UUID.fromString(oauth));

        api.asOwner().delete(CREDENTIALS + oauth).then().statusCode(200).body("revoked", equalTo(false))
                .body("httpStatus", nullValue()).body("detail", containsString("Withdraw it there"));
        api.asOwner().get(CREDENTIALS + oauth).then().statusCode(404);
    }

    @Test
    void aDeletionWaitsForWhatCannotBeOpenedNow() {
        String oauth = oauth();
        UUID organization = database.organization(api);
        database.execute("create table kept_data_key as select * from data_key where organization_id = '" + organization + "'");
        try {
            database.execute("delete from data_key where organization_id = ?", organization);

            api.asOwner().delete(CREDENTIALS + oauth).then().statusCode(503);
            api.asOwner().post(CREDENTIALS + oauth + "/test").then().statusCode(503);
            assertThat(database.count("select count(*) from data_key where organization_id = ?", organization))
                    .as("none is made that would stand in the way").isZero();
            database.execute("insert into data_key select * from kept_data_key");
        } finally {
            database.execute("drop table kept_data_key");
        }
        api.asOwner().post(CREDENTIALS + id + "/test").then().statusCode(200).body("status", equalTo("green"));
        api.asOwner().delete(CREDENTIALS + oauth).then().statusCode(200).body("revoked", equalTo(true));
    }

    @Test
    void anOrganizationThatTestsWithoutEndIsHeldBack() {
        Response answer = null;
        int tests = 0;
        do {
            answer = api.aCredential().of("oauth2", Map.of("grant", "refresh_token", "clientId", "shop", "refreshToken",
                    password, "tokenUrl", provider.url() + "/token")).tried();
            tests++;
        } while (answer.statusCode() == 200 && tests < 100);

        answer.then().statusCode(429).header("Retry-After", notNullValue()).body("code", equalTo("rate-limited"));
        assertThat(tests).isBetween(29, 60);
        api.asOwner().post(CREDENTIALS + id + "/test").then().statusCode(429);
        api.aCredential().testedAt(provider.url()).requested().then().statusCode(429);
        assertThat(provider.asked()).isEmpty();
        Api others = Api.ofNewOrganization();
        others.aCredential().testedAt(provider.url()).requested().then().statusCode(201);
    }

    @Test
    void whatCostsNothingIsToldBeforeAnybodyIsAsked() {
        api.aCredential().with("store", "nowhere").testedAt(provider.url()).requested().then().statusCode(422)
                .body("errors.field", contains("store"));
        database.execute(
                """
                        insert into credential (id, organization_id, name, variables, type, data, sealed, created_by_type, created_by_id,
                                                created_by_name, created_at, updated_at)
                        select gen_random_uuid(), organization_id, 'many', variables, type, data, sealed, created_by_type,
                               created_by_id, created_by_name, now(), now() from credential, generate_series(1, 999) where id = ?
                        """,
                UUID.fromString(id));
        api.aCredential().testedAt(provider.url()).requested().then().statusCode(409).body("detail",
                containsString("1000 credentials"));
        assertThat(provider.asked()).isEmpty();
    }

    @Test
    void aRedCreationMayBeRepeatedUnderItsKeyOnceItsProviderIsMended() {
        String once = UUID.randomUUID().toString();
        provider.answers(401, "");
        for (int status : List.of(422, 422)) {
            create(once).then().statusCode(status).body("code", equalTo("test-failed"));
        }
        provider.answers(200, "{}");
        create(once).then().statusCode(201).body("status", equalTo("green"));
        create(once).then().statusCode(201).header("Idempotency-Replayed", "true");
    }

    @Test
    void aLastUseOfWhatWasDeletedKeepsNoOtherFromBeingWritten() {
        Instant used = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        uses.note(UUID.randomUUID(), used);
        uses.note(UUID.fromString(id), used);
        Behind.await(uses::flush);

        Eventually.holds(() -> api.asOwner().get(CREDENTIALS + id).then().body("lastUsedAt", equalTo(used.toString())));
    }

    private Response create(String once) {
        return api.aCredential().basic("sync", password).testedAt(provider.url())
                .requestedBy(api.asOwner().header("Idempotency-Key", once));
    }

    private String oauth() {
        return api.aCredential().of("oauth2", Map.of("grant", "refresh_token", "clientId", "shop", "refreshToken",
                CredentialBuilder.aSecret(), "tokenUrl", provider.url() + "/token", "revokeUrl", provider.url() + "/revoke"))
                .create();
    }

    /** A request whose provider has been asked, and says nothing until {@link Held#answered}. */
    private Held held(Supplier<Response> request) throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        provider.answers(question -> {
            asked.countDown();
            try {
                assertThat(answer.await(8, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
            return new Answer(200, "{}");
        });
        CompletableFuture<Response> slow = CompletableFuture.supplyAsync(request);
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        return new Held(slow, answer);
    }

    private record Held(CompletableFuture<Response> slow, CountDownLatch answer) {

        Response answered() throws Exception {
            answer.countDown();
            return slow.get(20, TimeUnit.SECONDS);
        }
    }

    private Response patch(Map<String, ?> patch) {
        return api.asOwner().contentType("application/merge-patch+json").body(patch).patch(CREDENTIALS + id);
    }
}
