package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;

import java.util.Map;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The form of a key when something is in the way: refusals, outages, and other people. Nothing typed is lost. */
@QuarkusTest
@NullUnmarked
class KeyFormTest extends BrowserTest {

    private static final String TITLE = "API keys";
    private static final String CREATE = "Create API key";
    private static final String EDIT = "Edit API key";
    private static final String SHOWN = "Copy your new key now";

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void whatIsRefusedStandsAtItsFieldAndNothingTypedIsLost() {
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").expecting(422, 400).isAt(TITLE);
        page.button("Create key").click();
        Locator dialog = page.dialog(CREATE);
        dialog.getByLabel("Description").fill("kept");
        dialog.getByLabel("Allowed networks").fill("203.0.113.0/24\n10.0.0.300");
        submit(dialog, "Create key");
        assertThat(dialog.getByLabel("Name", exactly())).isFocused();
        assertThat(dialog.getByLabel("Name", exactly())).hasAttribute("aria-invalid", "true");
        dialog.getByLabel("Name", exactly()).fill("Named");
        submit(dialog, "Create key");
        assertThat(dialog.locator(".error")).containsText("10.0.0.300:");
        assertThat(dialog.getByLabel("Description")).hasValue("kept");

        page.press("Escape");
        Locator discard = page.dialog("Discard what you typed?");
        discard.getByRole(AriaRole.BUTTON, named("Go on editing")).click();
        dialog.getByLabel("Allowed networks").fill("203.0.113.0/24");
        submit(dialog, "Create key");
        assertThat(page.dialog(SHOWN)).isVisible();
    }

    @Test
    void patternsTypedWhileTheCatalogueIsAwayStay() {
        Created key = api.aKey().with("name", "Carrier").methods("GET /api/v*/orders/**", "GET /api/v*/orders/statuses")
                .create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").expecting(503);
        // Before anything has read it: it is kept for a while.
        page.page().route("**/api/v1/catalog", route -> route.fulfill(new Route.FulfillOptions().setStatus(503)
                .setContentType("application/problem+json").setBody("{\"code\": \"unavailable\"}")));
        page.page().reload();
        page.isAt(TITLE).button("Edit Carrier").click();
        Locator dialog = page.dialog(EDIT);
        dialog.getByLabel("Further patterns").fill("GET /api/v*/orders/**\nGET /api/v*/returns");
        page.page().unroute("**/api/v1/catalog");
        dialog.getByRole(AriaRole.BUTTON, named("Try again")).first().click();

        assertThat(dialog.getByLabel("Further patterns")).hasValue("GET /api/v*/returns");
        submit(dialog, "Save changes");
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("methods",
                containsInAnyOrder("GET /api/v*/orders/**", "GET /api/v*/returns"));
    }

    @Test
    void whatIsRefusedIsToldInTheLanguageOfThePerson() {
        Created key = api.aKey().with("name", "Carrier").create();
        PanelPage page = open(Look.SPANISH, api, "/keys", "owner").expecting(422, 400, 409).isAt("Claves de API");
        page.button("Crear clave").click();
        Locator dialog = page.dialog(page.says("keys.form.create.title"));
        dialog.locator("[name=networks]").fill("10.0.0.1\n".repeat(101));
        dialog.locator("[type=submit]").click();
        assertThat(dialog.locator(".error"))
                .hasText(new String[] { "Es obligatorio.", "Debe tener como máximo 100 elementos." });

        dialog.locator("[name=name]").fill("Nueva");
        dialog.locator("[name=networks]").fill("203.0.113.0/33");
        dialog.locator("[type=submit]").click();
        assertThat(dialog.locator(".error")).hasText("203.0.113.0/33: El número tras la barra debe estar entre 0 y 32.");
        dialog.locator("[name=networks]").fill("");
        choose(dialog, page.says("keys.form.operations.chosen"));
        dialog.locator("[name=otherMethods]").fill("GET /api/orders/");
        dialog.locator("[type=submit]").click();
        assertThat(dialog.locator(".error")).containsText("quite la barra del final");
        page.speaksSpanish().press("Escape");
        page.button(page.says("elements.discard.action")).click();

        KeysPageTest.menu(page, "Carrier").locator("[data-action=regenerate]").click();
        assertThat(page.dialog(page.says("keys.regenerate.title"))).isVisible();
        api.act(key.id(), "revoke").then().statusCode(200);
        page.page().locator("lk-regenerate-key [type=submit]").click();
        assertThat(page.text("La clave está revocada y eso es definitivo. Cree una nueva para lo que la usaba.")).isVisible();
        page.speaksSpanish().screenshot("key-regenerate-refused");
    }

    @Test
    void anEditSendsWhatWasChangedAndShowsWhatAnotherChanged() {
        Created key = api.aKey().with("name", "Mine").with("description", "before").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").expecting(412).isAt(TITLE);
        page.button("Edit Mine").click();
        Locator dialog = page.dialog(EDIT);
        dialog.locator("[name=name]").fill("Mine again");
        dialog.getByLabel("Allowed networks").fill("203.0.113.0/24");
        api.patch(key.id(), Map.of("name", "Theirs", "description", "changed by another")).then().statusCode(200);

        submit(dialog, "Save changes");
        Locator clash = dialog.locator(".clash");
        assertThat(clash).containsText("Somebody else changed this key meanwhile");
        assertThat(clash).containsText("changed by another");
        assertThat(dialog.getByLabel("Description")).hasValue("changed by another");
        assertThat(dialog.locator("[name=name]")).hasValue("Mine again");
        clash.getByLabel("Theirs:").check();
        assertThat(dialog.locator("[name=name]")).hasValue("Theirs");
        clash.getByLabel("Yours:").check();
        submit(dialog, "Save changes");

        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        KeysPageTest.shows(page, "Mine again");
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("name", equalTo("Mine again"))
                .body("description", equalTo("changed by another")).body("ipAllowList", contains("203.0.113.0/24"));
    }

    @Test
    void whatIsLikelyNotMeantIsToldWithTheNewKey() {
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").isAt(TITLE);
        page.button("Create key").click();
        Locator dialog = page.dialog(CREATE);
        dialog.getByLabel("Name", exactly()).fill("Odd");
        choose(dialog, "Only some");
        dialog.getByLabel("Further patterns").fill("GET /nowhere");
        submit(dialog, "Create key");
        assertThat(page.dialog(SHOWN)).containsText("GET /nowhere: Matches no operation of the catalogue.");
    }

    private static void choose(Locator dialog, String label) {
        dialog.locator(".choice-label").getByText(label, new Locator.GetByTextOptions().setExact(true)).click();
    }

    private static void submit(Locator dialog, String verb) {
        dialog.getByRole(AriaRole.BUTTON, named(verb)).click();
    }

    private static Locator.GetByLabelOptions exactly() {
        return new Locator.GetByLabelOptions().setExact(true);
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }
}
