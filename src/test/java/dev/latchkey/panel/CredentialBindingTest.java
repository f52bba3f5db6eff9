package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.util.List;
import java.util.Map;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Eventually;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** A credential is given to keys and taken from them, by integrations. */
@QuarkusTest
@NullUnmarked
class CredentialBindingTest extends CredentialPageCase {

    @Test
    void aKeyThatLacksTheScopeIsGivenItWhereItIsBound() {
        String key = api.aKey().with("name", "Orders").scopes("orders:read").create().id();
        PanelPage page = shown(Look.ENGLISH, "developer");
        page.page().locator("[data-section=integrations]").getByRole(AriaRole.BUTTON).click();
        Locator dialog = page.dialog("Let keys use this credential");
        dialog.getByLabel("Orders").check();
        dialog.getByRole(AriaRole.BUTTON, named("Give Orders the scope credentials:use")).click();
        Locator question = page.dialog("Let this key use credentials?");
        page.fits().isAccessible().screenshot("credential-grant");
        question.locator("[type=submit]").click();
        assertThat(dialog.locator("[data-lacks]")).hasCount(0);
        api.asOwner().get("/api/v1/keys/" + key).then().body("scopes", containsInAnyOrder("orders:read", "credentials:use"));

        // What is said while a dialog is open lies over it, and can be pressed.
        Locator toast = page.page().locator(".toast");
        assertThat(toast).containsText("Orders may use credentials now.");
        toast.getByRole(AriaRole.BUTTON, named("Close")).click();
        assertThat(toast).hasCount(0);
        dialog.locator("[type=submit]").click();
        assertThat(page.page().locator(".integrations").getByRole(AriaRole.LINK)).hasText("Orders");
        assertThat(page.page().locator(".integrations")).not().containsText("lacks the scope");
        assertThat(page.page().locator(".toast")).containsText("ERP stock");
    }

    @Test
    void whatIsSaidWhileADialogIsOpenHidesNothingOfIt() {
        api.aKey().with("name", "Orders").scopes("orders:read").create();
        PanelPage page = shown(Look.ENGLISH.phone(), "developer");
        page.page().locator("[data-section=integrations]").getByRole(AriaRole.BUTTON).click();
        Locator dialog = page.dialog("Let keys use this credential");
        dialog.getByLabel("Orders").check();
        dialog.getByRole(AriaRole.BUTTON, named("Give Orders the scope credentials:use")).click();
        page.dialog("Let this key use credentials?").locator("[type=submit]").click();
        assertThat(dialog.locator(".toast")).containsText("Orders may use credentials now.");
        Eventually.holds(() -> assertThat(page.page().evaluate("""
                () => document.querySelector('.toast').getBoundingClientRect().bottom
                    <= document.querySelector('dialog').getBoundingClientRect().top
                """)).isEqualTo(true));
        page.fits().isAccessible().screenshot("dialog-toast");
    }

    @Test
    void onlyKeysThatSomebodyHasChosenAreBound() {
        String stock = aUser("Stock sync");
        String orders = aUser("Orders");
        String retired = aUser("Retired");
        String returns = aUser("Returns");
        String erp = anIntegration("ERP", List.of(orders, retired), List.of());
        String shop = anIntegration("Shop", List.of(), List.of());
        api.act(retired, "revoke").then().statusCode(200);
        PanelPage page = shown(Look.ENGLISH, "developer").expecting(412);
        page.page().locator("[data-section=integrations]").getByRole(AriaRole.BUTTON).click();
        Locator dialog = page.dialog("Let keys use this credential");
        dialog.getByLabel("Stock sync").check();
        dialog.locator("[name=to]").selectOption(erp);
        assertThat(dialog.getByLabel("Orders")).isChecked();
        assertThat(dialog.getByLabel("Retired")).isChecked();
        dialog.locator("[name=to]").selectOption(shop);
        assertThat(dialog.getByLabel("Orders")).not().isChecked();
        assertThat(dialog.getByLabel("Retired")).hasCount(0);
        assertThat(dialog.getByLabel("Stock sync")).isChecked();

        // One that was unticked stays so, whatever somebody else changes.
        dialog.locator("[name=to]").selectOption(erp);
        assertThat(dialog.getByLabel("Orders")).isChecked();
        dialog.getByLabel("Orders").uncheck();
        change("integrations/" + erp, Map.of("keyIds", List.of(orders, retired, returns)));
        dialog.locator("[type=submit]").click();
        dialog.getByRole(AriaRole.BUTTON, named("Load what is saved")).click();
        assertThat(dialog.getByLabel("Returns")).isChecked();
        assertThat(dialog.getByLabel("Orders")).not().isChecked();
        dialog.locator("[type=submit]").click();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        api.asOwner().get("/api/v1/integrations/" + erp).then().body("keyIds", containsInAnyOrder(stock, retired, returns))
                .body("credentialIds", contains(id));
        api.asOwner().get("/api/v1/integrations/" + shop).then().body("keyIds", hasSize(0));
    }

    @Test
    void whatTwoPeopleHaveChosenOfTheKeysStaysOfEachKey() {
        String orders = aUser("Orders");
        String stock = aUser("Stock sync");
        String retired = aUser("Retired");
        String returns = aUser("Returns");
        String fresh = aUser("Fresh");
        String erp = anIntegration("ERP", List.of(orders, stock, retired), List.of(id));
        PanelPage page = shown(Look.ENGLISH, "developer").expecting(412);
        page.button("Edit the integration ERP").click();
        Locator dialog = page.dialog("Edit integration");
        dialog.getByLabel("Orders").uncheck();
        dialog.getByLabel("Returns").check();
        change("integrations/" + erp, Map.of("name", "ERP of Eva", "keyIds", List.of(orders, stock, fresh)));
        dialog.locator("[type=submit]").click();
        dialog.getByRole(AriaRole.BUTTON, named("Load what is saved")).click();
        assertThat(dialog.getByText("You both changed Keys that may use it")).isVisible();
        assertThat(dialog.locator("[name=name]")).hasValue("ERP of Eva");
        for (String chosen : List.of("Stock sync", "Returns", "Fresh")) {
            assertThat(dialog.getByLabel(chosen)).isChecked();
        }
        for (String unchosen : List.of("Orders", "Retired")) {
            assertThat(dialog.getByLabel(unchosen)).not().isChecked();
        }
        dialog.locator("[type=submit]").click();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        api.asOwner().get("/api/v1/integrations/" + erp).then().body("name", equalTo("ERP of Eva"))
                .body("keyIds", containsInAnyOrder(stock, returns, fresh));
    }

    @Test
    void twoClicksAskOneQuestion() {
        anIntegration("ERP", List.of(aUser("Stock sync")), List.of(id));
        PanelPage page = shown(Look.ENGLISH, "developer");
        assertThat(page.page().locator(".integrations").getByRole(AriaRole.LINK)).hasText("Stock sync");
        Held keys = Held.of(page, "**/api/v1/keys/*", "GET");
        page.button("Take it out of ERP").dblclick();
        keys.awaits(2).resume();
        assertThat(page.dialog("Take it out of this integration?")).isVisible();
        assertThat(page.page().locator("dialog[open]")).hasCount(1);
    }

    @Test
    void keysAreGivenItAndItIsTakenFromThem() {
        String able = api.aKey().with("name", "Stock sync").scopes("credentials:use").create().id();
        api.aKey().with("name", "Orders").create();
        PanelPage page = shown(Look.ENGLISH, "developer");
        assertThat(page.page().locator(".finding[data-reason=unbound]")).containsText("No active integration uses it.");
        page.page().locator("[data-section=integrations]").getByRole(AriaRole.BUTTON).click();
        Locator dialog = page.dialog("Let keys use this credential");
        assertThat(dialog.locator(".tick").filter(new Locator.FilterOptions().setHasText("Orders")))
                .containsText("lacks the scope credentials:use");
        dialog.locator("[name=name]").fill("Stock from the ERP");
        dialog.getByLabel("Stock sync").check();
        page.fits().isAccessible().screenshot("credential-bind");
        dialog.locator("[type=submit]").click();

        Locator integrations = page.page().locator(".integrations");
        assertThat(integrations.getByText("Stock from the ERP")).isVisible();
        assertThat(integrations.getByRole(AriaRole.LINK)).hasText("Stock sync");
        assertThat(page.page().locator(".finding")).hasCount(0);
        api.asOwner().get("/api/v1/integrations?credential=" + id).then().body("items[0].keyIds", contains(able));

        page.button("Take it out of Stock from the ERP").click();
        Locator question = page.dialog("Take it out of this integration?");
        assertThat(question.locator(".prose")).containsText("Stock sync");
        question.locator("[type=submit]").click();
        assertThat(page.text("No integration uses it, so nobody can. Let the keys use it that need it, or delete it."))
                .isVisible();
        api.asOwner().get("/api/v1/integrations").then().body("items[0].credentialIds", hasSize(0));
    }

    /** A key that may use credentials. */
    private String aUser(String name) {
        return api.aKey().with("name", name).scopes("credentials:use").create().id();
    }

    private String anIntegration(String name, List<String> keys, List<String> credentials) {
        return api.asOwner().body(Map.of("name", name, "keyIds", keys, "credentialIds", credentials))
                .post("/api/v1/integrations").then().statusCode(201).extract().path("id");
    }
}
