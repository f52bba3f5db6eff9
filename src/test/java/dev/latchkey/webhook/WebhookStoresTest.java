package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose events a webhook gets, and what a key that is limited to stores makes and sees of it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class WebhookStoresTest extends WebhookCase {

    private String madrid;
    private String lisbon;
    private String key;

    @BeforeEach
    void twoStoresAndAKeyOfOne() {
        madrid = api.createStore("madrid");
        lisbon = api.createStore("lisbon");
        key = api.aKey().scopes("webhooks:manage").stores("madrid").unlimited().create().key();
    }

    @Test
    void storesAreNamedByIdOrKeyAndToldByBoth() {
        String id = made(Map.of("stores", List.of("madrid", lisbon, madrid)));
        api.as("viewer").get(ROOT + "/" + id).then().body("stores.key", contains("lisbon", "madrid")).body("stores.id",
                contains(lisbon, madrid));

        patch(id, Map.of("stores", List.of("madrid"))).then().statusCode(200).header("ETag", equalTo("\"1\""))
                .body("stores.id", contains(madrid));
        patch(id, Map.of("stores", List.of(madrid))).then().statusCode(200).header("ETag", equalTo("\"1\""));
        patch(id, withNull("stores")).then().statusCode(200).body("stores", equalTo("all"));
    }

    @Test
    void noStoreAtAllAndUnknownOnesAreRefused() {
        make(api.asOwner(), Map.of("stores", List.of())).then().statusCode(422).body("errors.field", contains("stores"))
                .body("errors[0].message", containsString("leave it out for all stores"));
        Api others = Api.ofNewOrganization();
        make(api.asOwner(), Map.of("stores", List.of("madrid", "porto", others.createStore("porto")))).then().statusCode(422)
                .body("errors.field", contains("stores[1]", "stores[2]"));
    }

    @Test
    void aStoreThatAWebhookNamesIsNotDeleted() {
        String id = made(Map.of("url", URL + "?token=s3cr3t", "stores", List.of("lisbon")));

        api.asOwner().delete("/api/v1/stores/lisbon").then().statusCode(409).body("errors.field", contains("webhooks"))
                .body("errors[0].message", equalTo(URL + " (" + id + ")"));
        api.asOwner().delete(ROOT + "/" + id).then().statusCode(204);
        api.asOwner().delete("/api/v1/stores/lisbon").then().statusCode(204);
    }

    @Test
    void aLimitedKeyMakesWebhooksOfItsOwnStoresAlone() {
        make(limited(), Map.of()).then().statusCode(403).body("code", equalTo("escalation")).body("errors.field",
                contains("stores"));
        make(limited(), Map.of("stores", List.of("madrid", "lisbon"))).then().statusCode(403)
                .body("errors[0].message", containsString("lisbon"));
        String id = make(limited(), Map.of("stores", List.of("madrid"))).then().statusCode(201).extract().path("id");

        patch(limited(), id, Map.of("stores", List.of("madrid", "lisbon"))).then().statusCode(403);
        patch(limited(), id, withNull("stores")).then().statusCode(403);
        patch(limited(), id, Map.of("description", "mine")).then().statusCode(200);
        limited().body("{}").post(ROOT + "/" + id + "/rotate-secret").then().statusCode(200);
        limited().delete(ROOT + "/" + id).then().statusCode(204);
        assertThat(activity(id)).containsExactly("webhook.created", "webhook.updated", "webhook.secret_rotated",
                "webhook.deleted");
    }

    /** The answer that is kept shows the secret. */
    @Test
    void whoReachesItNoMoreIsToldNothingAgain() {
        KeyBuilder.Created both = api.aKey().scopes("webhooks:manage").stores("madrid", "lisbon").unlimited().create();
        Map<String, Object> wanted = Map.of("url", URL, "events", List.of("order.create"), "stores",
                List.of("madrid", "lisbon"));
        String id = again(both, "create").body(wanted).post(ROOT).then().statusCode(201).extract().path("id");
        String rotation = ROOT + "/" + id + "/rotate-secret";
        String replay = ROOT + "/" + id + "/replay";
        Map<String, String> span = Map.of("from", "2026-11-20T00:00:00Z");
        again(both, "rotate").body("{}").post(rotation).then().statusCode(200);
        again(both, "replay").body(span).post(replay).then().statusCode(202);
        again(both, "create").body(wanted).post(ROOT).then().statusCode(201).header("Idempotency-Replayed", "true")
                .body("secret", startsWith("whsec_"));

        api.asOwner().contentType("application/merge-patch+json")
                .body(Map.of("access", Map.of("type", "stores", "stores", List.of("lisbon"))))
                .patch("/api/v1/keys/" + both.id()).then().statusCode(200);

        for (Response repeat : List.of(again(both, "create").body(wanted).post(ROOT),
                again(both, "rotate").body("{}").post(rotation), again(both, "replay").body(span).post(replay))) {
            repeat.then().statusCode(409).body("code", equalTo("idempotency-answer-gone")).body(not(containsString("whsec_")));
        }
    }

    private static RequestSpecification again(KeyBuilder.Created key, String what) {
        return Api.withKey(key.key()).header("Idempotency-Key", "store-" + what);
    }

    @Test
    void whatReachesFurtherDoesNotExistForALimitedKey() {
        String mine = made(Map.of("stores", List.of("madrid")));
        limited().get(ROOT).then().body("items.id", contains(mine));
        limited().get(ROOT + "/" + mine).then().statusCode(200);

        for (Map<String, ?> stores : List.of(Map.<String, Object> of(), Map.of("stores", List.of("lisbon")),
                Map.of("stores", List.of("madrid", "lisbon")))) {
            String theirs = made(stores);
            limited().get(ROOT + "/" + theirs).then().statusCode(404);
            patch(limited(), theirs, Map.of("stores", List.of("madrid"))).then().statusCode(404);
            limited().body("{}").post(ROOT + "/" + theirs + "/rotate-secret").then().statusCode(404);
            limited().delete(ROOT + "/" + theirs).then().statusCode(404);
            assertThat(column(theirs, "deleted_at")).isNull();
        }
        limited().get(ROOT).then().body("items.id", contains(mine));
    }

    @Test
    void anUnlimitedKeyMakesThemForAllStores() {
        String all = api.aKey().scopes("webhooks:manage").unlimited().create().key();
        make(Api.withKey(all), Map.of()).then().statusCode(201).body("stores", equalTo("all"));
        String reader = api.aKey().scopes("events:read").unlimited().create().key();
        Api.withKey(reader).get(ROOT).then().statusCode(200);
        make(Api.withKey(reader), Map.of()).then().statusCode(403);
    }

    private RequestSpecification limited() {
        return Api.withKey(key);
    }
}
