package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.notification.NoticeKind;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Organization and stores, as people set them up. */
@QuarkusTest
@NullUnmarked
class PanelSettingsTest extends BrowserTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void aStoreIsCreatedEditedAndDeleted() {
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores");
        assertThat(page.text("No stores yet")).isVisible();
        page.screenshot("stores-empty");

        page.button("Add store").click();
        page.field("Name").fill("Café Sol");
        assertThat(page.field("Key")).hasValue("cafe-sol");
        page.page().locator("input[name=platform]").fill("shopify");
        page.press("Enter");
        assertThat(row(page, "Café Sol")).containsText("cafe-sol");
        assertThat(page.page().locator(".group-row")).containsText("Shopify");

        page.button("Edit Café Sol").click();
        page.field("Key").fill("sol");
        assertThat(page.page().locator(".banner-warning")).containsText("cafe-sol");
        page.button("Save changes").click();
        assertThat(row(page, "Café Sol")).containsText("sol");

        page.button("Delete Café Sol").click();
        page.button("Delete store").click();
        assertThat(page.text("No stores yet")).isVisible();
        assertThat(api.asOwner().get("/api/v1/stores").<List<?>> path("items")).isEmpty();
    }

    @Test
    void aRefusalStandsAtTheFieldsThatItNames() {
        PanelPage page = open(Look.SPANISH, api, "/stores", "owner").isAt("Tiendas").expecting(422);
        page.button("Añadir tienda").click();
        page.field("Nombre").fill("Sol");
        page.page().locator("input[name=key]").fill("M M");
        page.page().locator("input[name=url]").fill("ftp://sol.example");
        page.press("Enter");

        Locator key = page.page().locator("input[name=key]");
        assertThat(key).hasAttribute("aria-invalid", "true");
        assertThat(key).isFocused();
        assertThat(key).hasAccessibleDescription(Pattern.compile(".*de 1 a 63 caracteres.*"));
        assertThat(page.page().locator("input[name=url]")).hasAttribute("aria-invalid", "true");
        page.speaksSpanish().isAccessible().screenshot("store-refused");

        // Escape asks before it throws away what was typed.
        page.press("Escape");
        assertThat(page.dialog("¿Descartar lo que ha escrito?")).isVisible();
        page.button("Seguir editando").click();
        assertThat(page.field("Nombre")).hasValue("Sol");
    }

    @Test
    void aStoreThatKeysNameIsNotDeletedAndTheKeysAreTold() {
        String store = api.createStore("madrid");
        api.aKey().with("name", "Warehouse sync").stores(store).create();
        PanelPage page = open(Look.ENGLISH, api, "/stores", "admin").isAt("Stores").expecting(409);

        page.button("Delete Store madrid").click();
        page.button("Delete store").click();

        assertThat(page.text("A key is limited to this store")).isVisible();
        assertThat(page.link("Warehouse sync")).isVisible();
        page.isAccessible().screenshot("store-named-by-keys");
    }

    @Test
    void settingsAreSavedAndOnlyWhatWasChangedIsSent() {
        PanelPage page = open(Look.ENGLISH, api, "/organization", "owner").isAt("Organization");

        page.field("Name").fill("Acme Trading");
        page.field("Requests").fill("1000");
        page.field("Length of the window").fill("1");
        page.field("Unit of the window").selectOption("hour");
        page.field("Recipients").fill("it@acme.example\nops@acme.example");
        page.page().getByRole(AriaRole.SWITCH, new Page.GetByRoleOptions().setName("Demand a store for limited keys")).click();
        page.button("Save changes").click();

        assertThat(page.text("Saved")).isVisible();
        assertThat(page.button("Save changes")).hasCount(0);
        Map<String, Object> saved = api.asOwner().get("/api/v1/organization").path("");
        assertThat(saved).containsEntry("name", "Acme Trading").containsEntry("requireStore", true)
                .containsEntry("notificationEmails", List.of("it@acme.example", "ops@acme.example"))
                .containsEntry("defaults", Map.of("rateLimit", Map.of("limit", 1000, "window", "PT1H")));
        String sent = page.requests().stream().filter(request -> request.method().equals("PATCH")).findFirst().orElseThrow()
                .postData();
        assertThat(sent).doesNotContain("keyPrefix", "locale", "recoverableKeys");
        // The frame knows the name too.
        assertThat(page.page().locator(".person-organization")).hasText("Acme Trading");
    }

    @Test
    void howOftenCredentialsAreTestedIsSaidOrLeftToTheOperator() {
        PanelPage page = open(Look.ENGLISH, api, "/organization", "owner").isAt("Organization").expecting(422);
        page.page().locator("[name=testEvery]").fill("6");
        page.button("Save changes").click();
        assertThat(page.text("Saved").last()).isVisible();
        assertThat(api.asOwner().get("/api/v1/organization").<String> path("credentialTestInterval")).isEqualTo("PT6H");

        page.page().locator("[name=testUnit]").selectOption("minute");
        page.page().locator("[name=testEvery]").fill("1");
        page.button("Save changes").click();
        assertThat(page.page().locator("[name=testEvery]")).hasAttribute("aria-invalid", "true");
        page.page().locator("[name=testEvery]").fill("");
        page.button("Save changes").click();
        // Not the button, which has another name while it saves.
        assertThat(page.page().locator(".save-bar")).hasCount(0);
        assertThat(api.asOwner().get("/api/v1/organization").<Object> path("credentialTestInterval")).isNull();
    }

    @Test
    void whatASwitchDestroysIsToldAndConfirmed() {
        PanelPage page = open(Look.ENGLISH, api, "/organization", "owner").isAt("Organization");
        Locator toggle = page.page().getByRole(AriaRole.SWITCH,
                new Page.GetByRoleOptions().setName("Keys can be made recoverable"));

        toggle.click();
        page.button("Save changes").click();
        Locator question = page.dialog("Destroy the copies of recoverable keys?");
        assertThat(question).isVisible();
        page.isAccessible().screenshot("recoverable-off");
        page.button("Cancel").click();
        assertThat(api.asOwner().get("/api/v1/organization").<Boolean> path("recoverableKeys")).isTrue();

        page.button("Save changes").click();
        assertThat(page.button("Destroy and save")).isDisabled();
        page.field("Type “" + api.organization() + "” to confirm").fill(api.organization());
        page.button("Destroy and save").click();
        assertThat(page.text("Saved")).isVisible();
        assertThat(api.asOwner().get("/api/v1/organization").<Boolean> path("recoverableKeys")).isFalse();
    }

    @Test
    void whatSomebodyElseHasSavedIsNotOverwritten() {
        PanelPage page = open(Look.ENGLISH, api, "/organization", "owner").isAt("Organization").expecting(412);
        page.field("Name").fill("Acme Trading");
        api.set(Map.of("keyPrefix", "acme", "name", "Other")).then().statusCode(200);

        page.button("Save changes").click();
        assertThat(page.text("Someone else changed it meanwhile")).isVisible();
        page.isAccessible().screenshot("organization-changed-meanwhile");
        page.button("Load what is saved").click();

        assertThat(page.field("Prefix of new keys")).hasValue("acme");
        assertThat(page.field("Name")).hasValue("Acme Trading");
        page.button("Save changes").click();
        assertThat(page.text("Saved")).isVisible();
        assertThat(api.asOwner().get("/api/v1/organization").<String> path("name")).isEqualTo("Acme Trading");
        assertThat(api.asOwner().get("/api/v1/organization").<String> path("keyPrefix")).isEqualTo("acme");
    }

    @Test
    void whatIsTypedWhileItSavesStaysAndIsSavedNext() {
        PanelPage page = open(Look.ENGLISH, api, "/organization", "owner").isAt("Organization");
        page.page().route("**/api/v1/organization", route -> {
            if (route.request().method().equals("PATCH")) {
                // On its way: the person goes on.
                page.field("Recipients").fill("it@acme.example");
                page.page().locator("[name=window]").fill("45");
            }
            route.resume();
        });
        page.field("Name").fill("Acme Trading");
        page.field("Requests").fill("1000");
        page.page().locator("[name=window]").fill("60");
        page.button("Save changes").click();
        assertThat(page.text("Saved")).isVisible();

        page.page().unroute("**/api/v1/organization");
        assertThat(page.field("Recipients")).hasValue("it@acme.example");
        // A number stays with the unit that it was typed with: 60 minutes are told as 1 hour.
        assertThat(page.page().locator("[name=window]")).hasValue("45");
        assertThat(page.field("Unit of the window")).hasValue("minute");
        assertThat(page.text("Unsaved changes")).isVisible();
        page.button("Save changes").click();
        assertThat(page.button("Save changes")).hasCount(0);
        Eventually.holds(() -> assertThat(api.asOwner().get("/api/v1/organization").<Map<String, Object>> path(""))
                .containsEntry("name", "Acme Trading").containsEntry("notificationEmails", List.of("it@acme.example"))
                .containsEntry("defaults", Map.of("rateLimit", Map.of("limit", 1000, "window", "PT45M"))));
    }

    @Test
    void whatIsNoNumberIsRefusedAndNotMadeAnother() {
        PanelPage page = open(Look.SPANISH, api, "/organization", "owner").isAt("Organización").expecting(422, 400);
        page.field("Peticiones").fill("mil");
        page.button("Guardar cambios").click();

        assertThat(page.page().locator(".field-invalid .error")).hasText("Debe ser un número entero.");
        assertThat(page.field("Peticiones")).hasValue("mil");
        page.field("Peticiones").fill("0");
        page.button("Guardar cambios").click();
        assertThat(page.page().locator(".field-invalid .error"))
                .hasText(Pattern.compile("Deben ser de 1 a [0-9.]+ peticiones\\."));
        page.speaksSpanish();
    }

    @Test
    void everyKindOfNotificationCanBeMailed() {
        PanelPage page = open(Look.ENGLISH, api, "/organization", "owner").isAt("Organization");
        Locator kinds = page.page().locator("lk-tick-groups");
        List<String> mailed = api.asOwner().get("/api/v1/organization").path("notifyByEmail");

        assertThat(kinds.locator(".tick")).hasCount(NoticeKind.names().size());
        kinds.locator(".tick").filter(new Locator.FilterOptions().setHasText("lets keys do more or less")).locator("input")
                .uncheck();
        page.button("Save changes").click();

        assertThat(page.text("Saved")).isVisible();
        assertThat(api.asOwner().get("/api/v1/organization").<List<String>> path("notifyByEmail"))
                .containsExactlyElementsOf(mailed.stream().filter(kind -> !kind.equals("key.reach_changed")).toList())
                .hasSize(mailed.size() - 1);
    }

    @Test
    void aChangeThatIsInForceLaterIsToldWithItsTime() {
        PanelPage page = open(Look.ENGLISH, api, "/organization", "owner").isAt("Organization");
        page.page().route("**/api/v1/organization", route -> {
            if (route.request().method().equals("PATCH")) {
                String saved = route.fetch().text();
                route.fulfill(new Route.FulfillOptions().setStatus(202).setContentType("application/json")
                        .setBody(saved.substring(0, saved.length() - 1) + ", \"effectiveBy\": \"2027-01-31T20:15:07Z\"}"));
            } else {
                route.resume();
            }
        });
        page.field("Name").fill("Acme Trading");

        page.button("Save changes").click();

        // In the zone of the browser.
        assertThat(page.page().getByRole(AriaRole.ALERT)).containsText("21:15:07");
        assertThat(page.text("Saved")).hasCount(0);
        assertThat(page.field("Name")).hasValue("Acme Trading");
        page.isAccessible().screenshot("effective-later");
    }

    @Test
    void nobodyLeavesUnsavedChangesUnasked() {
        PanelPage page = open(Look.ENGLISH, api, "/organization", "owner").isAt("Organization");
        page.field("Name").fill("Acme Trading");

        page.link("Stores").click();
        page.button("Go on editing").click();
        assertThat(page.field("Name")).hasValue("Acme Trading");
        page.link("Stores").click();
        page.button("Discard").last().click();

        page.isAt("Stores");
    }

    @Test
    void whoMayOnlyReadIsOfferedNothingElse() {
        api.createStore("madrid");
        PanelPage page = open(Look.ENGLISH, api, "/organization", "viewer").isAt("Organization");

        assertThat(page.text("Your role can look at this but not change it.")).isVisible();
        assertThat(page.page().locator("main input:not([readonly], :disabled)")).hasCount(0);
        page.link("Stores").click();
        page.isAt("Stores");
        assertThat(page.button("Add store")).hasCount(0);
        assertThat(page.button("Edit Store madrid")).hasCount(0);
    }

    private static Locator row(PanelPage page, String name) {
        return page.page().getByRole(AriaRole.ROW).filter(new Locator.FilterOptions().setHasText(name));
    }
}
