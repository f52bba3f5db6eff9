package dev.latchkey.panel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;

/** What tests of pages of webhooks begin with: an organization that has none, and a way to add some. */
@NullUnmarked
abstract class WebhookPageCase extends BrowserTest {

    static final String ROOT = "/api/v1/webhooks";
    /** Nothing is sent there by these tests. */
    static final String ELSEWHERE = "https://192.0.43.8/hooks/orders";

    Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    String made(Map<String, ?> others) {
        return to(ELSEWHERE, others);
    }

    String to(String url, Map<String, ?> others) {
        Map<String, Object> form = new HashMap<>(Map.of("url", url, "events", List.of("order.create")));
        form.putAll(others);
        return api.asOwner().body(form).post(ROOT).then().statusCode(201).extract().path("id");
    }

    static void looksGood(PanelPage page, String name) {
        page.fits().isAccessible().screenshot(name);
        if (page.look().isSpanish()) {
            page.speaksSpanish();
        }
    }
}
