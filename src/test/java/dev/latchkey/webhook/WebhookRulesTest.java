package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.net.Header;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a webhook cannot be, each refused with the field and what to do about it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class WebhookRulesTest extends WebhookCase {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "http://192.0.43.8/hooks                 | use https",
            "https://10.0.0.1/hooks                  | private, reserved",
            "https://169.254.169.254/latest          | private, reserved",
            "https://[::ffff:127.0.0.1]/             | private, reserved",
            "https://nobody.invalid/hooks            | the host cannot be reached",
            "http://nobody.invalid/hooks             | use https",
            "https://ana:pass@192.0.43.8/hooks       | no user name or password",
            "https://192.0.43.8/hooks#here           | no fragment",
            "https://192.0.43.8/a b                  | no blanks",
            "https://192.0.43.8/%zz                  | hexadecimal digits",
            "https://192.0.43.8:99999/               | port",
            "ftp://192.0.43.8/                       | begins with https://",
            "/hooks                                  | begins with https://",
            "''                                      | is required" })
    void aUrlThatIsNotCalledIsRefused(String url, String message) {
        make(api.asOwner(), Map.of("url", url)).then().statusCode(422).body("errors.field", contains("url"))
                .body("errors[0].message", containsString(message));

        String id = made(Map.of());
        patch(id, Map.of("url", url)).then().statusCode(422).body("errors.field", contains("url"))
                .body("errors[0].message", containsString(message));
        assertThat(column(id, "url")).isEqualTo(URL);
    }

    @Test
    void aUrlIsAtMost2048CharactersAlsoInAscii() {
        make(api.asOwner(), Map.of("url", URL + "/" + "a".repeat(2048))).then().statusCode(422)
                .body("errors.field", contains("url"));
        make(api.asOwner(), Map.of("url", URL + "/" + "é".repeat(700))).then().statusCode(422)
                .body("errors.field", contains("url")).body("errors[0].message", containsString("in ASCII"));
    }

    /** As the operator of this installation says. */
    @Test
    void whatTheOperatorAllowsMayBePlain() {
        make(api.asOwner(), Map.of("url", "http://127.0.0.1:9/hooks")).then().statusCode(201)
                .body("url", equalTo("http://127.0.0.1:9/hooks"));
        make(api.asOwner(), Map.of("url", "HTTPS://192.0.43.8:443")).then().statusCode(201)
                .body("url", equalTo("https://192.0.43.8/"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "webhook-id        | 1          | is kept for Standard Webhooks",
            "Webhook-Signature | v1,x       | is kept for Standard Webhooks",
            "webhook-custom    | 1          | is kept for Standard Webhooks",
            "Host              | erp        | only the client itself",
            "content-type      | text/plain | only the client itself",
            "Content-Encoding  | gzip       | only the client itself",
            "Connection        | close      | only the client itself",
            "Transfer-Encoding | chunked    | only the client itself",
            "Expect            | 100        | only the client itself",
            "traceparent       | 00-1-2-3   | the request that published",
            "Tracestate        | a=b        | the request that published",
            "X Tenant          | acme       | not the name of a header",
            "X-Tenant          | ''         | must not be empty",
            "X-Tenant          | ' acme'    | visible ASCII",
            "X-Tenant          | acmé       | visible ASCII" })
    void aHeaderThatIsNotTheOwnersToSetIsRefused(String name, String value, String message) {
        make(api.asOwner(), Map.of("headers", Map.of(name, value))).then().statusCode(422)
                .body("errors.field", contains("headers." + name)).body("errors[0].message", containsString(message));

        String id = made(Map.of());
        patch(id, Map.of("headers", Map.of(name, value))).then().statusCode(422)
                .body("errors.field", contains("headers." + name)).body("errors[0].message", containsString(message));
    }

    @Test
    void aLineBreakInAHeaderIsRefused() {
        Response refused = make(api.asOwner(), Map.of("headers", Map.of("X-A", "1\r\nHost: evil", "X-B\n", "1")));
        refused.then().statusCode(422).body("errors.field", containsInAnyOrder("headers.X-A", "headers.X-B\n"));
        assertThat(refused.asString()).doesNotContain("evil");
    }

    @Test
    void headersAreFewAndShortAndEachThereOnce() {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < 20; i++) {
            many.put("X-" + i, "v".repeat(4096));
        }
        String id = made(Map.of("headers", many));
        patch(id, Map.of("headers", Map.of("X-20", "v"))).then().statusCode(422).body("errors.field", contains("headers"));
        many.put("X-20", "v");
        make(api.asOwner(), Map.of("headers", many)).then().statusCode(422).body("errors.field", contains("headers"));
        make(api.asOwner(), Map.of("headers", Map.of("X-A", "v".repeat(4097)))).then().statusCode(422)
                .body("errors[0].message", containsString("4096"));
        Map<String, String> twice = new LinkedHashMap<>();
        twice.put("X-A", "1");
        twice.put("x-a", "2");
        make(api.asOwner(), Map.of("headers", twice)).then().statusCode(422).body("errors.field", contains("headers.x-a"));
        make(api.asOwner(), Map.of("headers", Map.of("User-Agent", "acme/1", "Authorization", "Basic YTpi"))).then()
                .statusCode(201);
    }

    @Test
    void aPatchSetsSomeHeadersRemovesOthersAndLeavesTheRest() {
        Map<String, String> three = new LinkedHashMap<>();
        three.put("X-A", "1");
        three.put("X-B", "2");
        three.put("X-C", "3");
        String id = made(Map.of("headers", three));

        Map<String, Object> patch = withNull("x-a");
        patch.put("x-b", "20");
        patch.put("X-D", "4");
        patch.put("X-Unknown", null);
        patch(id, Map.of("headers", patch)).then().statusCode(200).header("ETag", equalTo("\"1\""));
        assertThat(headers(id)).containsExactly(new Header("x-b", "20"), new Header("X-C", "3"), new Header("X-D", "4"));
        patch(id, Map.of("headers", Map.of("x-b", "20"))).then().statusCode(200).header("ETag", equalTo("\"1\""));

        patch(id, withNull("headers")).then().statusCode(200).body("headers", equalTo(Map.of()));
        assertThat(headers(id)).isEmpty();
        patch(id, Map.of("headers", "X-A: 1")).then().statusCode(422).body("errors.field", contains("headers"));
        patch(id, Map.of("headers", Map.of("X-A", 1))).then().statusCode(422).body("errors.field", contains("headers.X-A"));
    }

    @Test
    void anUnknownEventIsRefusedWithThoseThatComeNear() {
        Response refused = make(api.asOwner(), Map.of("events", List.of("order.create", "order.created", "nothing.at_all")));
        refused.then().statusCode(422).body("errors.field", contains("events[1]", "events[2]"))
                .body("errors[0].message", containsString("did you mean order.create"));

        make(api.asOwner(), Map.of("events", List.of())).then().statusCode(422).body("errors.field", contains("events"));
        make(api.asOwner(), Map.of("events", Collections.nCopies(201, "order.create"))).then().statusCode(422);
        String id = made(Map.of());
        patch(id, withNull("events")).then().statusCode(422).body("errors.field", contains("events"));
        patch(id, Map.of("events", List.of("order.created"))).then().statusCode(422)
                .body("errors.field", contains("events[0]"));
    }

    /** Whoever edits something else is not made to clear up. */
    @Test
    void anEventThatTheCatalogueHasLostStays() {
        String id = made(Map.of());
        database.execute("update webhook set events = '{order.create,loyalty.gone}' where id = ?", UUID.fromString(id));

        patch(id, Map.of("description", "still")).then().statusCode(200)
                .body("events", contains("order.create", "loyalty.gone"));
        patch(id, Map.of("events", List.of("order.create"))).then().statusCode(200);
        patch(id, Map.of("events", List.of("order.create", "loyalty.gone"))).then().statusCode(422);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "PT-1S | must not be negative", "P8D | must be at most P7D", "soon | ISO 8601" })
    void anOverlapIsBounded(String overlap, String message) {
        String id = made(Map.of());
        rotate(id, Map.of("overlap", overlap)).then().statusCode(422).body("errors.field", contains("overlap"))
                .body("errors[0].message", containsString(message));
        assertThat(activity(id)).containsExactly("webhook.created");
    }

    @Test
    void whatIsNoFieldIsNamed() {
        make(api.asOwner(), Map.of("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).then().statusCode(422)
                .body("errors.field", contains("secret"));
        patch(made(Map.of()), Map.of("disabledAt", "2026-11-22T09:30:00Z")).then().statusCode(422)
                .body("errors.field", contains("disabledAt"));
        api.asOwner().body("[]").post(ROOT).then().statusCode(400);
    }
}
