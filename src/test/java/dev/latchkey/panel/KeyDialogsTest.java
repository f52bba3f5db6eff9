package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people do with API keys, from the first to the last day of one. */
@QuarkusTest
@NullUnmarked
class KeyDialogsTest extends BrowserTest {

    private static final String TITLE = "API keys";
    private static final String CREATE = "Create API key";
    private static final String SHOWN = "Copy your new key now";
    private static final String KEPT = "I have stored it safely";

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void allThatIsDecidedAboutAKeyIsInTheForm() {
        api.asOwner().body(Map.of("key", "madrid", "name", "Madrid", "platform", "shopify")).post("/api/v1/stores");
        api.asOwner().body(Map.of("key", "sevilla", "name", "Sevilla", "platform", "shopify")).post("/api/v1/stores");
        api.asOwner().body(Map.of("key", "lisboa", "name", "Lisboa", "platform", "magento")).post("/api/v1/stores");
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").isAt(TITLE);
        page.button("Create key").click();
        Locator dialog = page.dialog(CREATE);
        dialog.getByLabel("Name", exactly()).fill("Carrier");
        dialog.getByLabel("Description").fill("Order status");
        choose(dialog, "Test");
        tick(dialog, "Orders", "Scopes");
        choose(dialog, "Only some");
        tick(dialog, "GET /api/v*/orders/**", "Allowed methods");
        dialog.getByLabel("Further patterns").fill("GET /api/v*/orders/statuses");
        choose(dialog, "Individual stores");
        tick(dialog, "Shopify", "Allowed stores");
        dialog.getByLabel("Expires").selectOption("P30D");
        choose(dialog, "A limit of its own");
        dialog.getByLabel("Requests", exactly()).fill("1000");
        dialog.getByLabel("Length of the window").fill("1");
        dialog.getByLabel("Unit of the window").selectOption("hour");
        dialog.getByLabel("Allowed networks").fill("203.0.113.0/24\n2001:db8::/32");
        choose(dialog, "A key and a secret");
        dialog.getByLabel("Can be shown again").check();
        dialog.getByLabel("Active", exactly()).uncheck();
        submit(dialog, "Create key");

        Locator shown = page.dialog(SHOWN);
        assertThat(shown.locator("[data-part=secret]")).isVisible();
        ValidatableResponse made = api.asOwner().get("/api/v1/keys").then().body("items", hasSize(1));
        made.body("items[0].name", equalTo("Carrier")).body("items[0].description", equalTo("Order status"))
                .body("items[0].environment", equalTo("test")).body("items[0].status", equalTo("inactive"))
                .body("items[0].scopes", containsInAnyOrder("orders:read", "orders:write"))
                .body("items[0].methods", contains("GET /api/v*/orders/**", "GET /api/v*/orders/statuses"))
                .body("items[0].access.stores.key", containsInAnyOrder("madrid", "sevilla"))
                .body("items[0].rateLimit.limit", equalTo(1000)).body("items[0].rateLimit.window", equalTo("PT1H"))
                .body("items[0].ipAllowList", contains("203.0.113.0/24", "2001:db8::/32"))
                .body("items[0].hasSecret", equalTo(true)).body("items[0].recoverable", equalTo(true));
        Instant expiresAt = Instant.parse(made.extract().path("items[0].expiresAt"));
        assertThat(expiresAt).isBetween(Instant.now().plus(29, ChronoUnit.DAYS), Instant.now().plus(31, ChronoUnit.DAYS));
    }

    @Test
    void aKeyIsChangedOverWithGraceAndItsGraceEnded() {
        Created old = api.aKey().with("name", "Connector").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "developer").isAt(TITLE);
        act(page, "Connector", "regenerate");
        Locator dialog = page.dialog("Regenerate key");
        dialog.getByLabel("The old one goes on working").selectOption("P7D");
        submit(dialog, "Regenerate");
        String fresh = keep(page, SHOWN, "key");
        assertThat(api.verdictOn(fresh)).isEqualTo("VALID");
        assertThat(api.verdictOn(old.key())).isEqualTo("VALID");
        assertThat(KeysPageTest.row(page, "Connector").getByText("old one ends")).isVisible();

        act(page, "Connector", "endGrace");
        submit(page.dialog("End the grace period now?"), "End grace period");
        assertThat(KeysPageTest.row(page, "Connector").getByText("old one ends")).hasCount(0);
        assertThat(api.verdictOn(fresh)).isEqualTo("VALID");
        assertThat(api.verdictOn(old.key())).isNotEqualTo("VALID");
    }

    @Test
    void aSecretIsReplacedAlone() {
        Created pair = api.aKey().with("name", "Pair").withSecret().create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "developer").isAt(TITLE);
        act(page, "Pair", "replaceSecret");
        Locator dialog = page.dialog("Replace the secret");
        dialog.getByLabel("The old one goes on working").selectOption("PT0S");
        submit(dialog, "Replace secret");
        String secret = keep(page, "Copy the new secret now", "secret");

        assertThat(verdict(pair.key(), pair.secret())).isEqualTo("BAD_SECRET");
        assertThat(verdict(pair.key(), secret)).isEqualTo("VALID");
    }

    @Test
    void whatAnOldKeyIsPromisedNeverOutlivesItsExpiry() {
        api.aKey().with("name", "Brief").expiresAt(Instant.now().plus(2, ChronoUnit.DAYS)).create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "developer").isAt(TITLE);
        act(page, "Brief", "regenerate");
        Locator dialog = page.dialog("Regenerate key");
        dialog.getByLabel("The old one goes on working").selectOption("P30D");
        assertThat(dialog.getByText("when it would have expired anyway")).isVisible();
    }

    @Test
    void aKeyIsSwitchedOffAndOnAndDeleted() {
        Created key = api.aKey().with("name", "Switched").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").isAt(TITLE);
        act(page, "Switched", "deactivate");
        Locator question = page.dialog("Deactivate this key?");
        assertThat(question.getByText("It has never been used.")).isVisible();
        submit(question, "Deactivate key");
        assertThat(KeysPageTest.row(page, "Switched").getByText("Inactive")).isVisible();
        assertThat(api.verdictOn(key.key())).isEqualTo("INACTIVE");

        act(page, "Switched", "activate");
        assertThat(KeysPageTest.row(page, "Switched").getByText("Active", new Locator.GetByTextOptions().setExact(true)))
                .isVisible();
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");

        act(page, "Switched", "delete");
        Locator last = page.dialog("Delete this key and its history?");
        assertThat(last.getByRole(AriaRole.BUTTON, named("Delete key"))).isDisabled();
        last.getByRole(AriaRole.TEXTBOX).fill("Switched");
        submit(last, "Delete key");
        assertThat(page.text("No API keys yet")).isVisible();
        api.asOwner().get("/api/v1/keys/" + key.id()).then().statusCode(404);
    }

    /** Blanks are shown as one; what is written from right to left stands apart from the words around it. */
    @Test
    void aKeyIsDeletedByItsNameAsItIsRead() {
        Created key = api.aKey().with("name", "ERP  סנכרון").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").isAt(TITLE);
        assertThat(page.button("Edit \u2068ERP סנכרון\u2069")).isVisible();
        act(page, "ERP סנכרון", "delete");
        Locator last = page.dialog("Delete this key and its history?");

        last.getByRole(AriaRole.TEXTBOX).fill("ERP סנכרון");
        submit(last, "Delete key");

        assertThat(page.text("No API keys yet")).isVisible();
        api.asOwner().get("/api/v1/keys/" + key.id()).then().statusCode(404);
    }

    @Test
    void everybodyCanUseTheDialogs() {
        api.asOwner().body(Map.of("key", "madrid", "name", "Madrid", "platform", "shopify")).post("/api/v1/stores");
        api.asOwner().body(Map.of("key", "lisboa", "name", "Lisboa", "platform", "magento")).post("/api/v1/stores");
        Created key = api.aKey().with("name", "ERP central").withSecret().recoverable().create();
        Api.withKey(key.key()).header("X-API-Secret", key.secret()).get("/api/v1/keys/self").then().statusCode(200);
        for (Look look : Look.BOTH) {
            PanelPage page = open(look, api, "/keys", "owner").isAt(look.isSpanish() ? "Claves de API" : TITLE);
            page.page().locator(".page-actions button").click();
            Locator dialog = page.page().locator("lk-key-dialog dialog");
            assertThat(dialog.locator(".tick-group").first()).isVisible();
            page.page().locator("[name=name]").fill("Transportista " + look);
            dialog.locator("lk-tick-groups").first().locator(".tick-head input").first().check();
            looksGood(page, "key-create");
            dialog.locator(".form-section").nth(2).scrollIntoViewIfNeeded();
            dialog.locator("input[type=radio]").nth(5).check();
            dialog.locator("lk-tick-groups").last().locator(".tick-head input").first().check();
            dialog.locator(".form-section").nth(2).evaluate("element => element.scrollIntoView()");
            looksGood(page, "key-create-stores");
            dialog.locator(".form-section").last().evaluate("element => element.scrollIntoView({block: 'end'})");
            looksGood(page, "key-create-end");
            dialog.locator("[type=submit]").click();
            assertThat(page.page().locator(".shown-once").first()).isVisible();
            looksGood(page, "key-shown-once");
            page.page().locator("lk-new-key [type=checkbox]").check();
            page.page().locator("lk-new-key footer button").click();
            for (String action : List.of("regenerate", "revoke", "delete")) {
                act(page, "ERP central", action);
                assertThat(page.page().locator("dialog[open]")).hasCount(1);
                looksGood(page, "key-" + action);
                page.press("Escape");
                assertThat(page.page().locator("dialog[open]")).hasCount(0);
            }
            KeysPageTest.row(page, "ERP central").locator(".key-line button").click();
            assertThat(page.page().locator(".shown-once").first()).isVisible();
            looksGood(page, "key-reveal");
        }
    }

    private static void looksGood(PanelPage page, String name) {
        page.fits().isAccessible().screenshot(name);
        if (page.look().isSpanish()) {
            page.speaksSpanish();
        }
    }

    private static void tick(Locator dialog, String label, String group) {
        Locator ticks = dialog.getByRole(AriaRole.GROUP, named(group)).last();
        Locator found = ticks.locator(".tick, .tick-head")
                .filter(new Locator.FilterOptions()
                        .setHas(dialog.page().getByText(label, new Page.GetByTextOptions().setExact(true))));
        assertThat(ticks.locator(".tick-head").first()).isVisible();
        if (found.count() == 0) {
            ticks.getByRole(AriaRole.SEARCHBOX).fill(label);
        }
        found.locator("input").check();
    }

    private static void choose(Locator dialog, String label) {
        dialog.locator(".choice-label").getByText(label, exactText()).click();
    }

    private static void open(Locator ticks, String group) {
        ticks.getByRole(AriaRole.BUTTON, named("Show " + group)).click();
    }

    private static void submit(Locator dialog, String verb) {
        dialog.getByRole(AriaRole.BUTTON, named(verb)).click();
    }

    private static void act(PanelPage page, String name, String action) {
        KeysPageTest.menu(page, name).locator("[data-action=" + action + "]").click();
    }

    /** What is shown once, when the person has said that it is kept. */
    private static String keep(PanelPage page, String heading, String part) {
        Locator shown = page.dialog(heading);
        String text = shown.locator("[data-part=" + part + "]").textContent();
        shown.getByLabel(KEPT).check();
        shown.getByRole(AriaRole.BUTTON, named("Done")).click();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        return text;
    }

    private String verdict(String key, String secret) {
        return api.verify(Map.of("key", key, "secret", secret, "cost", 0)).statusCode(200).extract().path("code");
    }

    private static Locator.GetByLabelOptions exactly() {
        return new Locator.GetByLabelOptions().setExact(true);
    }

    private static Locator.GetByTextOptions exactText() {
        return new Locator.GetByTextOptions().setExact(true);
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }
}
