package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.util.Map;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The list of API keys, as people find their way in it. */
@QuarkusTest
@NullUnmarked
class KeysPageTest extends BrowserTest {

    private static final String TITLE = "API keys";

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @ParameterizedTest
    @CsvSource({ "en-GB,1360", "es-ES,1360", "en-GB,1280", "es-ES,1280" })
    void onADesktopWhoCreatedItIsSeenAndNothingIsCutOff(String locale, int width) {
        api.set(Map.of("keyPrefix", "acme_commerce_eu")).then().statusCode(200);
        api.createStore("madrid");
        Created key = api.aKey().with("name", "Sincronización de pedidos").stores("madrid").withSecret().recoverable()
                .scopes("categories:write", "customers:write", "products:read")
                .with("expiresAt", java.time.Instant.now().plusSeconds(3 * 86400).toString()).create();
        api.asOwner().body(Map.of("gracePeriod", "PT24H")).post("/api/v1/keys/" + key.id() + "/regenerate").then()
                .statusCode(200);
        Look look = new Look(locale, ColorScheme.LIGHT, width, 860);
        PanelPage page = open(look, api, "/keys", "owner");
        page.isAt(page.says("frame.pages.keys"));

        assertThat(page.page().locator("tbody .key-who")).isVisible();
        assertThat(page.page().locator("tbody .key-mark")).containsText(page.says("keys.secret"));
        page.fits().screenshot("keys-" + width);
    }

    @Test
    void thePageOfAStoreShowsWhatReachesItAndMarksWhatReachesAll() {
        api.createStore("madrid");
        api.createStore("lisboa");
        api.aKey().with("name", "ERP").create();
        api.aKey().with("name", "Carrier").stores("madrid").create();
        api.aKey().with("name", "Other").stores("lisboa").create();
        PanelPage page = open(Look.ENGLISH, api, "/store/madrid/settings/api", "developer").isAt("API keys of Store madrid");

        shows(page, "Carrier", "ERP");
        assertThat(row(page, "ERP").getByText("All stores")).isVisible();
        assertThat(filterOf(page, "status")).isVisible();
        assertThat(filterOf(page, "store")).hasCount(0);

        page.button("Create key").click();
        Locator dialog = page.dialog("Create API key");
        assertThat(dialog.getByLabel("Individual stores")).isChecked();
        assertThat(dialog.getByLabel("Store madrid")).isChecked();
        assertThat(dialog.getByLabel("Store lisboa")).not().isChecked();
    }

    @Test
    void anAddressOfNoStoreSaysSo() {
        PanelPage page = open(Look.ENGLISH, api, "/keys", "viewer").isAt(TITLE).expecting(422);
        page.go("/store/nowhere/settings/api");
        assertThat(page.text("There is no such store")).isVisible();
        page.link("Show the keys of all stores").click();
        assertThat(page.text("No API keys yet")).isVisible();
    }

    @Test
    void anEmptyListSaysWhatToDo() {
        PanelPage owner = open(Look.ENGLISH, api, "/keys", "owner").isAt(TITLE);
        assertThat(owner.text("No API keys yet")).isVisible();
        owner.page().locator(".state").getByRole(AriaRole.BUTTON).click();
        assertThat(owner.dialog("Create API key")).isVisible();

        PanelPage viewer = open(Look.ENGLISH, api, "/keys", "viewer").isAt(TITLE);
        assertThat(viewer.text("No API keys yet")).isVisible();
        assertThat(viewer.page().locator("main button")).hasCount(0);
    }

    @Test
    void aPageOfKeysDrawsItsUseWithOneRequest() {
        Created used = api.aKey().with("name", "Used").create();
        api.aKey().with("name", "Unused").create();
        for (int i = 0; i < 3; i++) {
            api.verify(Map.of("key", used.key())).body("code", equalTo("VALID"));
        }
        Eventually.holds(() -> api.asOwner().get("/api/v1/keys/usage?id=" + used.id()).then().statusCode(200)
                .body("keys[0].accepted[13]", equalTo(3)));

        PanelPage page = open(Look.ENGLISH, api, "/keys", "viewer").isAt(TITLE);
        assertThat(row(page, "Used").getByRole(AriaRole.IMG)).hasAccessibleName("Accepted requests in the last 14 days: 3");
        assertThat(row(page, "Unused").getByText("Never")).isVisible();
        assertThat(row(page, "Unused").getByRole(AriaRole.IMG)).hasCount(0);
        assertThat(page.requests().stream().filter(request -> request.url().contains("/usage"))).hasSize(1);
    }

    @Test
    void useThatCouldNotBeReadIsReadWithTheNextList() {
        Created used = api.aKey().with("name", "Used").create();
        api.verify(Map.of("key", used.key())).body("code", equalTo("VALID"));
        Eventually.holds(() -> api.asOwner().get("/api/v1/keys/usage?id=" + used.id()).then().statusCode(200)
                .body("keys[0].accepted[13]", equalTo(1)));
        PanelPage page = open(Look.ENGLISH, api, "/review", "viewer").isAt("Review").expecting(503);
        page.page().route("**/api/v1/keys/usage*", KeysPageTest::unavailable);
        page.page().waitForResponse("**/api/v1/keys/usage*", () -> page.link("API keys").click());
        assertThat(row(page, "Used").getByRole(AriaRole.IMG)).hasCount(0);

        page.page().unroute("**/api/v1/keys/usage*");
        filter(page, "access", "all");
        assertThat(row(page, "Used").getByRole(AriaRole.IMG)).isVisible();
    }

    @Test
    void everybodyCanUseIt() {
        api.createStore("madrid");
        Created soon = api.aKey().with("name", "Nómina").stores("madrid").withSecret()
                .with("expiresAt", java.time.Instant.now().plusSeconds(3 * 86400).toString()).create();
        api.asOwner().body(Map.of("gracePeriod", "PT24H")).post("/api/v1/keys/" + soon.id() + "/regenerate").then()
                .statusCode(200);
        api.aKey().with("name", "ERP central").methods("GET /api/v*/orders/**").recoverable().create();
        Created revoked = api.aKey().with("name", "Antigua").create();
        api.act(revoked.id(), "revoke").then().statusCode(200);

        for (Look look : Look.BOTH) {
            PanelPage page = open(look, api, "/keys", "owner").isAt(look.isSpanish() ? "Claves de API" : TITLE);
            shows(page, "Antigua", "ERP central", "Nómina");
            page.fits().isAccessible().screenshot("keys");
            if (look.isSpanish()) {
                page.speaksSpanish();
            }
            row(page, "Nómina").locator("lk-key-menu > button").click();
            assertThat(page.page().locator("[role=menuitem]").first()).isFocused();
            page.isAccessible().screenshot("keys-menu");
            page.press("End").press("Escape");
            assertThat(row(page, "Nómina").locator("lk-key-menu > button")).isFocused();
        }
    }

    static Locator filterOf(PanelPage page, String name) {
        return page.page().getByRole(AriaRole.SEARCH).locator("select[name=" + name + "]");
    }

    static void filter(PanelPage page, String name, String value) {
        filterOf(page, name).selectOption(value);
    }

    static void unavailable(Route route) {
        route.fulfill(new Route.FulfillOptions().setStatus(503).setContentType("application/problem+json")
                .setBody("{\"code\": \"unavailable\"}"));
    }

    static Locator row(PanelPage page, String name) {
        return page.page().locator("main tbody tr").filter(new Locator.FilterOptions().setHas(
                page.page().getByRole(AriaRole.LINK,
                        new com.microsoft.playwright.Page.GetByRoleOptions().setName(name).setExact(true))));
    }

    static Locator menu(PanelPage page, String name) {
        row(page, name).locator("lk-key-menu > button").click();
        return row(page, name).getByRole(AriaRole.MENU);
    }

    /** These keys and no others, in this order. */
    static void shows(PanelPage page, String... names) {
        assertThat(page.page().locator("main tbody .key-name > a")).hasText(names);
    }
}
