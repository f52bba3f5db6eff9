package dev.latchkey.panel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import com.microsoft.playwright.Locator;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Receiver;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What tests of what is sent to a webhook begin with: a receiver, a webhook that leads to it, and events that are published.
 */
@NullUnmarked
abstract class DeliveryPageCase extends BrowserTest {

    static final String NAME = "ERP";

    Api api;
    Receiver receiver;
    String webhook;

    @BeforeEach
    void aReceiver() {
        api = Api.ofNewOrganization();
        receiver = Receiver.start();
        webhook = api.asOwner()
                .body(Map.of("url", receiver.url(), "description", NAME, "events",
                        List.of("order.cancel", "order.create", "product.update"), "headers", Map.of("X-Tenant", "acme")))
                .post("/api/v1/webhooks").then().statusCode(201).extract().path("id");
    }

    @AfterEach
    void close() {
        receiver.close();
    }

    PanelPage shown(Look look, String role) {
        return shown(look, role, "");
    }

    PanelPage shown(Look look, String role, String query) {
        return open(look, api, "/webhooks/" + webhook + query, role).isAt(NAME);
    }

    /** Events of a type, and the fate of the deliveries of all that were published. */
    void published(String type, int number, String state) {
        List<Map<String, Object>> events = IntStream.range(0, number)
                .mapToObj(i -> (Map<String, Object>) new HashMap<String, Object>(
                        Map.of("type", type, "id", type.replace('.', '-') + "-" + i, "data", Map.of("number", i))))
                .toList();
        api.asPlatform().body(Map.of("events", events)).post("/api/v1/events").then().statusCode(202);
        Eventually.holds(() -> assertThat(states(type)).hasSize(number).containsOnly(state));
    }

    List<String> states(String type) {
        return api.asOwner().get("/api/v1/webhooks/" + webhook + "/deliveries?type=" + type).then().statusCode(200).extract()
                .path("items.state");
    }

    static Locator rows(PanelPage page) {
        return page.page().locator(".deliveries tbody tr");
    }
}
