package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.DataKeys;
import dev.latchkey.net.Header;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;

/** What tests of webhooks begin with: an organization, and how webhooks are made, read and looked at behind the API. */
@NullUnmarked
abstract class WebhookCase {

    static final String ROOT = "/api/v1/webhooks";
    /** An address that needs no look-up; nothing is sent there by these tests. */
    static final String URL = "https://192.0.43.8/hooks/orders";

    @Inject
    DataSource source;
    @Inject
    DataKeys dataKeys;

    Api api;
    Behind database;

    @BeforeEach
    void anOrganization() {
        api = Api.ofNewOrganization();
        database = new Behind(source);
    }

    /** A form with valid defaults, and other fields put over them. */
    static Map<String, Object> form(Map<String, ?> others) {
        Map<String, Object> form = new HashMap<>(Map.of("url", URL, "events", List.of("order.create")));
        form.putAll(others);
        return form;
    }

    static Response make(RequestSpecification caller, Map<String, ?> others) {
        return caller.body(form(others)).post(ROOT);
    }

    /** @return the webhook's id */
    String made(Map<String, ?> others) {
        Response made = make(api.asOwner(), others);
        made.then().statusCode(201);
        return made.path("id");
    }

    Response patch(String id, Map<String, ?> patch) {
        return patch(api.asOwner(), id, patch);
    }

    static Response patch(RequestSpecification caller, String id, Map<String, ?> patch) {
        return caller.contentType("application/merge-patch+json; charset=UTF-8").body(patch).patch(ROOT + "/" + id);
    }

    Response rotate(String id, Map<String, ?> body) {
        return api.asOwner().body(body).post(ROOT + "/" + id + "/rotate-secret");
    }

    /** A patch that says null of one thing. */
    static Map<String, Object> withNull(String field) {
        Map<String, Object> patch = new HashMap<>();
        patch.put(field, null);
        return patch;
    }

    /** A column of a webhook's row. */
    Object column(String id, String column) {
        List<Object> found = database.query("select " + column + " from webhook where id = ?", UUID.fromString(id));
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    Object lane(String id, String column) {
        return database.query("select " + column + " from webhook_lane where webhook_id = ?", UUID.fromString(id)).get(0);
    }

    List<Object> activity(String id) {
        return database.query("select action from activity where target_id = ? order by id", UUID.fromString(id));
    }

    DataKey dataKey() {
        UUID organization = database.organization(api);
        return Behind.await(() -> dataKeys.find(organization)).orElseThrow();
    }

    /** The headers that a webhook's messages carry. */
    List<Header> headers(String id) {
        byte[] sealed = (byte[]) column(id, "headers");
        return sealed == null ? List.of()
                : WebhookSeals.openHeaders(dataKey(), WebhookSeals.ofHeaders(database.organization(api), UUID.fromString(id),
                        (Long) column(id, "headers_version")), sealed);
    }

    /** What a webhook's messages are signed with. */
    String secret(String id) {
        return secret(id, "secret", "secret_version");
    }

    String previousSecret(String id) {
        return secret(id, "previous_secret", "previous_version");
    }

    private String secret(String id, String column, String version) {
        return WebhookSeals.openSecret(dataKey(),
                WebhookSeals.ofSecret(database.organization(api), UUID.fromString(id), (Long) column(id, version)),
                (byte[]) column(id, column)).reveal();
    }
}
