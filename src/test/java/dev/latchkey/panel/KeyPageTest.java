package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page of one key: what it is, what it was used for, and what can be done with it. */
@QuarkusTest
@NullUnmarked
class KeyPageTest extends BrowserTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void theChartShowsTheTrafficThatWasSent() {
        Created key = withTraffic("ERP");
        PanelPage page = open(Look.ENGLISH, api, "/keys/" + key.id(), "viewer").isAt("ERP");

        assertThat(stat(page, "accepted")).hasText("3");
        assertThat(stat(page, "refused")).hasText("2");
        assertThat(stat(page, "share")).hasText("40%");
        List<Map<String, Object>> drawn = drawn(page);
        assertThat(drawn).extracting(series -> series.get("name")).containsExactly("Accepted", "Scope missing");
        assertThat(numbers(drawn.get(0))).hasSize(30).endsWith(3);
        assertThat(numbers(drawn.get(1))).hasSize(30).endsWith(2);
        assertThat(drawn).allSatisfy(series -> assertThat(numbers(series).subList(0, 29)).containsOnly(0));
        assertThat(isPainted(page)).as("the colour of what was accepted in the picture").isTrue();

        page.page().getByLabel("Period").selectOption("1");
        assertThat(page.page()).hasURL(Pattern.compile(".*/keys/" + key.id() + "\\?days=1$"));
        Eventually.holds(() -> assertThat(numbers(drawn(page).get(0))).hasSize(24));
        // An hour may have ended meanwhile.
        assertThat(numbers(drawn(page).get(0)).stream().mapToInt(Integer::intValue).sum()).isEqualTo(3);

        page.button("Scope missing 2").click();
        assertThat(drawn(page)).hasSize(1);
        page.button("Numbers as a table").click();
        Locator numbers = page.page().locator(".chart-rows tbody tr");
        assertThat(numbers.last().locator("td").first()).hasText("3");
        assertThat(page.page().locator(".chart")).hasAccessibleName(
                "Requests in the last 24 hours: 3 accepted, 2 refused");
    }

    @Test
    void whatTheKeyReallyUsedStandsBesideWhatItHolds() {
        Created key = withTraffic("ERP");
        PanelPage page = open(Look.ENGLISH, api, "/keys/" + key.id(), "viewer").isAt("ERP");

        Locator scopes = used(page, "scopes");
        assertThat(scopes).hasCount(2);
        assertThat(scopes.first()).containsText(Pattern.compile("orders:read\\s*3"));
        assertThat(scopes.last()).containsText(Pattern.compile("products:read\\s*0\\s*Not used"));
        assertThat(used(page, "stores").first()).containsText(Pattern.compile("Store madrid\\s*3"));
        assertThat(used(page, "methods").first()).containsText(Pattern.compile("GET /api/v\\*/orders/\\*\\*\\s*3"));

        Locator recent = page.page().locator("lk-key-recent tbody tr");
        assertThat(recent).hasCount(5);
        page.button("Refused").click();
        assertThat(recent).hasCount(2);
        assertThat(recent.first()).containsText("Scope missing");
        assertThat(recent.first()).containsText("POST /api/v1/orders");
        assertThat(recent.first()).containsText("203.0.113.7");
        assertThat(page.page().locator("lk-key-activity [data-action='key.created']")).containsText("Created");
    }

    @Test
    void whatIsDoneToItIsSeenAtOnce() {
        Created key = api.aKey().with("name", "ERP").with("description", "Order sync").create();
        api.asOwner().body(Map.of("gracePeriod", "PT24H")).post("/api/v1/keys/" + key.id() + "/regenerate").then()
                .statusCode(200);
        PanelPage page = open(Look.ENGLISH, api, "/keys/" + key.id(), "developer").isAt("ERP");
        assertThat(page.text("Order sync")).isVisible();
        assertThat(page.page()).hasTitle(Pattern.compile("^ERP · .*"));

        Locator previous = page.page().locator("[data-facts=previous]");
        previous.getByRole(AriaRole.BUTTON).click();
        page.dialog("End the grace period now?").getByRole(AriaRole.BUTTON, named("End grace period")).click();
        assertThat(previous).hasCount(0);
        assertThat(api.verdictOn(key.key())).isEqualTo("REVOKED");
        assertThat(page.page().locator("[data-action='key.grace_ended']")).isVisible();

        page.button("Edit").click();
        Locator dialog = page.dialog("Edit API key");
        dialog.getByLabel("Name", new Locator.GetByLabelOptions().setExact(true)).fill("ERP north");
        dialog.getByRole(AriaRole.BUTTON, named("Save changes")).click();
        page.isAt("ERP north");
        Locator edited = page.page().locator("[data-action='key.updated']");
        assertThat(edited.locator("del")).hasText("ERP");
        assertThat(edited.locator("ins")).hasText("ERP north");

        page.button("Actions for ERP north").click();
        page.page().locator("[data-action=revoke]").click();
        Locator question = page.dialog("Revoke this key for good?");
        question.getByLabel("Reason").fill("Left the project");
        question.getByRole(AriaRole.BUTTON, named("Revoke key")).click();
        assertThat(page.page().locator(".key-head").getByText("Revoked")).isVisible();
        assertThat(page.page().locator(".banner").getByText("Left the project")).isVisible();
        assertThat(page.button("Edit")).hasCount(0);
    }

    @Test
    void aDeletedKeyLeadsBackToTheList() {
        Created key = api.aKey().with("name", "Gone").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys/" + key.id(), "owner").isAt("Gone").expecting(404);
        page.button("Actions for Gone").click();
        page.page().locator("[data-action=delete]").click();
        Locator question = page.dialog("Delete this key and its history?");
        question.getByLabel("Type “Gone” to confirm").fill("Gone");
        question.getByRole(AriaRole.BUTTON, named("Delete key")).click();
        page.isAt("API keys");

        page.go("/keys/" + key.id()).isAt("There is no such key");
        page.link("Go to API keys").click();
        page.isAt("API keys");
        page.go("/keys/nonsense").isAt("There is no such key");
    }

    @Test
    void whatFailsCanBeTriedAgain() {
        Created key = api.aKey().with("name", "ERP").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "viewer").isAt("API keys").expecting(503);
        String usage = "**/api/v1/keys/" + key.id() + "/usage*";
        page.page().route(usage, route -> route.fulfill(new Route.FulfillOptions().setStatus(503)
                .setContentType("application/problem+json").setBody("{\"code\": \"unavailable\"}")));
        page.link("ERP").click();
        page.isAt("ERP");
        assertThat(page.text("Not available at the moment")).isVisible();
        page.page().unroute(usage);
        page.button("Try again").click();
        assertThat(page.text("No requests in this time")).isVisible();
    }

    @Test
    void numbersOfOnePeriodNeverStandUnderAnother() {
        Created key = withTraffic("ERP");
        PanelPage page = open(Look.ENGLISH, api, "/keys/" + key.id(), "viewer").isAt("ERP").expecting(503);
        assertThat(stat(page, "accepted")).hasText("3");
        String usage = "**/api/v1/keys/" + key.id() + "/usage*";
        page.page().route(usage, route -> {
            // Not answered yet: what is shown is told by the period that it is of.
            assertThat(page.page().locator(".chart")).hasAccessibleName(Pattern.compile("Requests in the last 30 days: .*"));
            route.fulfill(new Route.FulfillOptions().setStatus(503).setContentType("application/problem+json")
                    .setBody("{\"code\": \"unavailable\"}"));
        });

        page.page().getByLabel("Period").selectOption("7");

        assertThat(page.text("Not available at the moment")).isVisible();
        assertThat(stat(page, "accepted")).hasCount(0);
        assertThat(page.page().locator("[data-used]")).hasCount(0);
        page.page().unroute(usage);
        page.button("Try again").click();
        assertThat(page.page().locator(".chart"))
                .hasAccessibleName(Pattern.compile("Requests in the last 7 days: 3 accepted.*"));
    }

    @Test
    void aViewerIsOfferedNothing() {
        Created key = api.aKey().with("name", "ERP").withSecret().recoverable().create();
        api.asOwner().body(Map.of("gracePeriod", "PT24H")).post("/api/v1/keys/" + key.id() + "/regenerate").then()
                .statusCode(200);
        PanelPage page = open(Look.ENGLISH, api, "/keys/" + key.id(), "viewer").isAt("ERP");

        assertThat(page.page().locator("[data-facts=previous]")).isVisible();
        assertThat(page.page().locator(".page-head button")).hasCount(0);
        assertThat(page.page().locator("[data-facts=previous] button")).hasCount(0);
        assertThat(page.page().locator("lk-key-activity li")).not().hasCount(0);
    }

    @Test
    void everybodyCanUseIt() {
        Created key = withTraffic("ERP central");
        api.patch(key.id(), Map.of("description", "ERP", "ipAllowList", List.of("203.0.113.0/24"), "methods",
                List.of("GET /api/v*/orders/**", "POST /webhooks/*"))).then().statusCode(200);
        api.asOwner().body(Map.of("gracePeriod", "PT24H")).post("/api/v1/keys/" + key.id() + "/regenerate").then()
                .statusCode(200);

        for (Look look : Look.BOTH) {
            PanelPage page = open(look, api, "/keys/" + key.id(), "owner").isAt("ERP central");
            assertThat(page.page().locator("lk-stacked-chart canvas")).isVisible();
            page.button(look.isSpanish() ? "Números en una tabla" : "Numbers as a table").click();
            page.fits().isAccessible();
            if (look.isSpanish()) {
                page.speaksSpanish();
            }
            page.page().locator(".chart").hover();
            assertThat(page.page().locator(".chart-tip")).isVisible();
            page.screenshot("key");
            page.page().screenshot(new Page.ScreenshotOptions().setFullPage(true)
                    .setPath(Path.of("target/screenshots/key-whole-" + look + ".png")));
        }
    }

    /** Three accepted requests and two refused ones, all of them written. */
    private Created withTraffic(String name) {
        api.createStore("madrid");
        Created key = api.aKey().with("name", name).scopes("orders:read", "products:read").create();
        for (int i = 0; i < 3; i++) {
            api.verify(Map.of("key", key.key(), "method", "GET", "path", "/api/v1/orders/" + i, "store", "madrid", "ip",
                    "203.0.113.7")).body("code", equalTo("VALID"));
        }
        for (int i = 0; i < 2; i++) {
            api.verify(Map.of("key", key.key(), "method", "POST", "path", "/api/v1/orders", "ip", "203.0.113.7"))
                    .body("code", equalTo("SCOPE_MISSING"));
        }
        String from = Instant.now().minus(1, ChronoUnit.DAYS).toString();
        Eventually.holds(() -> api.asOwner().get("/api/v1/keys/" + UUID.fromString(key.id()) + "/usage?bucket=day&from=" + from)
                .then().statusCode(200).body("series.counts.VALID.findAll { it }.sum()", equalTo(3))
                .body("series.counts.SCOPE_MISSING.findAll { it }.sum()", equalTo(2)).body("scopesUsed", hasSize(1)));
        Eventually.holds(() -> api.asOwner().get("/api/v1/keys/" + key.id() + "/recent").then()
                .body("accepted", hasSize(3)).body("refused", hasSize(2)));
        return key;
    }

    private static Locator stat(PanelPage page, String name) {
        return page.page().locator("[data-stat=" + name + "]");
    }

    private static Locator used(PanelPage page, String kind) {
        return page.page().locator("[data-used=" + kind + "] tbody tr");
    }

    /** The series of the picture, as ECharts has them. */
    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> drawn(PanelPage page) {
        assertThat(page.page().locator("lk-stacked-chart canvas")).isVisible();
        return (List<Map<String, Object>>) page.page().evaluate("document.querySelector('lk-stacked-chart').drawn");
    }

    @SuppressWarnings("unchecked")
    private static List<Integer> numbers(Map<String, Object> series) {
        return (List<Integer>) series.get("data");
    }

    /** Whether any pixel of the canvas has the colour of accepted requests: that they are not only known, but seen. */
    private static boolean isPainted(PanelPage page) {
        return (Boolean) page.page().evaluate(
                """
                        () => {
                          const canvas = document.querySelector('lk-stacked-chart canvas');
                          const wanted = getComputedStyle(document.querySelector('.legend .series-VALID')).color.match(/\\d+/g).map(Number);
                          const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                          for (let at = 0; at < pixels.length; at += 4) {
                            if (wanted.every((part, index) => pixels[at + index] === part) && pixels[at + 3] === 255) { return true; }
                          }
                          return false;
                        }""");
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }
}
