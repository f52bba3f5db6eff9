package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Webhooks as people make, read, change and delete them. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class WebhookLifeTest extends WebhookCase {

    private static final String WHSEC = "whsec_[A-Za-z0-9+/]{43}=";

    @Test
    void aWebhookLives() {
        Response made = make(api.as("developer"), Map.of("events", List.of("order.update", "order.create", "order.update"),
                "description", "Orders into the ERP", "headers", Map.of("X-Tenant", "acme")));
        made.then().statusCode(201).header("ETag", equalTo("\"0\"")).header("Location", containsString(ROOT + "/"))
                .header("Cache-Control", equalTo("no-store")).body("url", equalTo(URL))
                .body("events", contains("order.update", "order.create")).body("stores", equalTo("all"))
                .body("description", equalTo("Orders into the ERP")).body("headers.X-Tenant.set", equalTo(true))
                .body("active", equalTo(true)).body("disabledAt", nullValue()).body("failingSince", nullValue())
                .body("secret", matchesPattern(WHSEC)).body("createdAt", notNullValue());
        String id = made.path("id");
        assertThat(made.jsonPath().getMap("").keySet()).isEqualTo(Set.of("id", "url", "events", "stores", "description",
                "headers", "active", "disabledAt", "disabledReason", "failingSince", "secret", "createdAt", "updatedAt"));
        assertThat(made.asString()).doesNotContain("acme\"");
        assertThat(secret(id)).isEqualTo(made.path("secret"));
        assertThat(lane(id, "paused")).isEqualTo(false);

        api.as("viewer").get(ROOT + "/" + id).then().statusCode(200).header("ETag", equalTo("\"0\""))
                .header("Cache-Control", not(equalTo("no-store"))).body("secret.set", equalTo(true))
                .body("secret.updatedAt", notNullValue()).body("secret.previousUntil", nullValue());
        Map<String, Object> patch = new HashMap<>(Map.of("events", List.of("order.create"), "url", URL + "?token=1"));
        patch.put("description", null);
        patch(api.as("developer"), id, patch).then().statusCode(200).header("ETag", equalTo("\"1\""))
                .body("events", contains("order.create")).body("url", equalTo(URL + "?token=1"))
                .body("description", nullValue()).body("headers.X-Tenant.set", equalTo(true));
        api.as("viewer").get(ROOT).then().statusCode(200).body("items.id", contains(id)).body("nextCursor", nullValue());

        api.as("developer").delete(ROOT + "/" + id).then().statusCode(204);
        api.as("viewer").get(ROOT + "/" + id).then().statusCode(404);
        api.as("viewer").get(ROOT).then().body("items", hasSize(0));
        patch(id, Map.of("active", true)).then().statusCode(404);
        rotate(id, Map.of()).then().statusCode(404);
        api.asOwner().delete(ROOT + "/" + id).then().statusCode(404);
        assertThat(activity(id)).containsExactly("webhook.created", "webhook.updated", "webhook.deleted");
    }

    @Test
    void whatIsDeletedKeepsNoSecretAndItsRowStaysForTheLog() {
        String id = made(Map.of("headers", Map.of("X-Tenant", "acme")));
        rotate(id, Map.of());

        api.asOwner().delete(ROOT + "/" + id).then().statusCode(204);

        for (String column : List.of("secret", "previous_secret", "previous_until", "headers")) {
            assertThat(column(id, column)).as(column).isNull();
        }
        assertThat(column(id, "cardinality(header_names)")).isEqualTo(0);
        assertThat(column(id, "deleted_at")).isNotNull();
        assertThat(lane(id, "paused")).isEqualTo(true);
    }

    @Test
    void whatIsChangedByTwoIsChangedByTheFirst() {
        String id = made(Map.of());
        patch(id, Map.of("description", "first")).then().statusCode(200);

        patch(api.asOwner().header("If-Match", "\"0\""), id, Map.of("description", "second")).then().statusCode(412)
                .header("ETag", equalTo("\"1\""));
        api.asOwner().header("If-Match", "\"0\"").body("{}").post(ROOT + "/" + id + "/rotate-secret").then().statusCode(412);
        api.asOwner().header("If-Match", "\"0\"").delete(ROOT + "/" + id).then().statusCode(412);

        patch(api.asOwner().header("If-Match", "\"1\""), id, Map.of("description", "second")).then().statusCode(200);
        api.asOwner().header("If-Match", "\"2\"").delete(ROOT + "/" + id).then().statusCode(204);
    }

    @Test
    void whatStaysAsItIsGetsNoNewVersionAndNoEntry() {
        String id = made(Map.of("headers", Map.of("X-Tenant", "acme")));

        patch(id, Map.of()).then().statusCode(200).header("ETag", equalTo("\"0\""));
        patch(id, Map.of("url", URL.replace("https", "HTTPS"), "events", List.of("order.create", "order.create"), "active",
                true, "headers", Map.of("X-Tenant", "acme"))).then().statusCode(200).header("ETag", equalTo("\"0\""));
        patch(id, Map.of("headers", Map.of("X-Tenant", "emca"))).then().statusCode(200).header("ETag", equalTo("\"1\""));

        assertThat(activity(id)).containsExactly("webhook.created", "webhook.updated");
    }

    @Test
    void aListComesInPages() {
        String first = made(Map.of());
        String second = made(Map.of());
        String third = made(Map.of());

        Response page = api.as("viewer").get(ROOT + "?limit=2");
        page.then().statusCode(200).body("items.id", contains(third, second)).body("nextCursor", notNullValue());
        api.as("viewer").get(ROOT + "?limit=2&cursor=" + page.<String> path("nextCursor")).then()
                .body("items.id", contains(first)).body("nextCursor", nullValue());
        api.as("viewer").get(ROOT + "?cursor=nonsense").then().statusCode(400);
    }

    @Test
    void aCreationThatIsRepeatedMakesOneAndShowsTheSameSecret() {
        String idempotencyKey = UUID.randomUUID().toString();
        Response first = make(api.asOwner().header("Idempotency-Key", idempotencyKey), Map.of());
        Response second = make(api.asOwner().header("Idempotency-Key", idempotencyKey), Map.of());

        first.then().statusCode(201);
        second.then().statusCode(201).header("Idempotency-Replayed", equalTo("true"))
                .header("Cache-Control", equalTo("no-store")).body("secret", equalTo(first.path("secret")));
        make(api.asOwner().header("Idempotency-Key", idempotencyKey), Map.of("description", "other")).then().statusCode(422);
        api.asOwner().get(ROOT).then().body("items", hasSize(1));
    }

    @Test
    void anOrganizationHasAHundredAtMost() {
        String id = made(Map.of());
        database.execute("""
                insert into webhook (id, organization_id, url, events, all_stores, secret, secret_set_at, active, version,
                                     created_at, updated_at)
                select gen_random_uuid(), organization_id, url, events, true, secret, secret_set_at, false, 0, now(), now()
                  from webhook cross join generate_series(1, 99) where id = ?
                """, UUID.fromString(id));

        make(api.asOwner(), Map.of()).then().statusCode(409).body("detail", containsString("100 webhooks"));
        api.asOwner().delete(ROOT + "/" + id).then().statusCode(204);
        make(api.asOwner(), Map.of()).then().statusCode(201);
    }

    @Test
    void theLogTellsWhatHasChanged() {
        String madrid = api.createStore("madrid");
        String id = made(Map.of("url", URL + "?token=s3cr3t", "headers", Map.of("X-A", "1")));
        patch(id, Map.of("url", URL, "events", List.of("order.update"), "stores", List.of("madrid"), "headers",
                Map.of("X-B", "3"), "active", false)).then().statusCode(200);

        Response log = api.asOwner().get("/api/v1/activity?targetId=" + id);
        log.then().body("items.action", contains("webhook.updated", "webhook.created"))
                .body("items[0].target.type", equalTo("webhook")).body("items[0].target.name", equalTo(URL));
        assertThat(database.query("select changes from activity where target_id = ? and action = 'webhook.updated'",
                UUID.fromString(id)).get(0).toString())
                .contains("\"url\":{\"before\":\"" + URL + "?***\",\"after\":\"" + URL + "\"}")
                .contains("\"events\":{\"before\":[\"order.create\"],\"after\":[\"order.update\"]}")
                .contains("\"stores\":{\"before\":\"all\",\"after\":[\"" + madrid + "\"]}")
                .contains("\"active\":{\"before\":true,\"after\":false}")
                .contains("\"headers\":{\"before\":[\"X-A\"],\"after\":[\"X-A\",\"X-B\"]}");
    }

    @Test
    void whatBelongsToOthersDoesNotExist() {
        String id = made(Map.of());
        Api others = Api.ofNewOrganization();

        others.asOwner().get(ROOT + "/" + id).then().statusCode(404);
        patch(others.asOwner(), id, Map.of("url", "nonsense")).then().statusCode(404);
        others.asOwner().body("{}").post(ROOT + "/" + id + "/rotate-secret").then().statusCode(404);
        others.asOwner().delete(ROOT + "/" + id).then().statusCode(404);
        others.asOwner().get(ROOT).then().body("items", hasSize(0));
        assertThat(column(id, "deleted_at")).isNull();
    }
}
