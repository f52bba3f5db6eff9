package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.credential.FakeProvider;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One credential: edited without its secrets, given to keys and taken from them, and deleted by who knows what stops. */
@QuarkusTest
@NullUnmarked
class CredentialPageTest extends BrowserTest {

    @Inject
    DataSource database;

    private Api api;
    private FakeProvider provider;
    private String id;

    @BeforeEach
    void aCredentialThatWorks() {
        api = Api.ofNewOrganization();
        provider = FakeProvider.start();
        provider.answers(200, "{}");
        id = api.aCredential().basic("sync", CredentialBuilder.aSecret()).testedAt(provider.url()).create();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void itIsEditedWithoutTypingItsSecretsAgain() {
        PanelPage page = shown(Look.ENGLISH, "developer").expecting(422);
        Locator dialog = edit(page);
        assertThat(dialog.locator("[name='data.password']")).hasValue("");
        assertThat(dialog.locator("[name='data.password']")).hasAttribute("placeholder", "Unchanged");
        dialog.locator("[name=name]").fill("ERP of Valencia");
        dialog.locator("[name='data.username']").fill("sync-2");
        provider.answers(401, "");
        dialog.locator("[type=submit]").click();
        assertThat(dialog.locator(".standing-red")).isVisible();
        api.asOwner().get("/api/v1/credentials/" + id).then().body("data.username", equalTo("sync"));

        provider.answers(200, "{}");
        dialog.locator("[type=submit]").click();
        page.isAt("ERP of Valencia");
        assertThat(provider.asked().get(0).header("Authorization")).startsWith(
                "Basic " + Base64.getEncoder().encodeToString("sync-2:".getBytes(StandardCharsets.UTF_8)).substring(0, 8));
        api.asOwner().get("/api/v1/credentials/" + id).then().body("data.username", equalTo("sync-2"))
                .body("data.password.set", equalTo(true));

        Locator elsewhere = edit(page);
        elsewhere.locator("[name=baseUrl]").fill("https://elsewhere.example");
        elsewhere.locator("[type=submit]").click();
        assertThat(elsewhere.locator(".field-invalid").filter(new Locator.FilterOptions()
                .setHas(page.page().locator("[name='data.password']")))).containsText("Has to be entered again");
    }

    @Test
    void anEditIsTestedBeforeItIsSaved() {
        PanelPage page = shown(Look.ENGLISH, "developer");
        Locator dialog = edit(page);
        dialog.locator("[name='data.username']").fill("sync-2");
        provider.answers(401, "");
        dialog.getByRole(AriaRole.BUTTON, named("Test")).click();
        assertThat(dialog.locator(".standing-red")).isVisible();
        provider.answers(200, "{}");
        dialog.getByRole(AriaRole.BUTTON, named("Test")).click();
        assertThat(dialog.locator(".standing-green")).isVisible();
        page.fits().isAccessible().screenshot("credential-edit-tested");
        assertThat(provider.asked().get(0).header("Authorization")).startsWith(
                "Basic " + Base64.getEncoder().encodeToString("sync-2:".getBytes(StandardCharsets.UTF_8)).substring(0, 8));
        api.asOwner().get("/api/v1/credentials/" + id).then().body("data.username", equalTo("sync"))
                .body("status", equalTo("green"));

        dialog.locator("[type=submit]").click();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        api.asOwner().get("/api/v1/credentials/" + id).then().body("data.username", equalTo("sync-2"));
        assertThat(page.page().locator("lk-credential-activity [data-action='credential.updated']")).containsText("sync-2");
    }

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
    void whatSomebodyElseSavedMeanwhileIsNotOverwritten() {
        PanelPage page = shown(Look.ENGLISH, "developer").expecting(412);
        Locator dialog = edit(page);
        api.asOwner().contentType("application/merge-patch+json").body(Map.of("name", "Renamed by Eva"))
                .patch("/api/v1/credentials/" + id).then().statusCode(200);
        dialog.locator("[name='data.username']").fill("sync-2");
        dialog.locator("[type=submit]").click();
        assertThat(dialog.getByText("Someone else changed it meanwhile")).isVisible();
        dialog.getByRole(AriaRole.BUTTON, named("Load what is saved")).click();
        assertThat(dialog.locator("[name=name]")).hasValue("Renamed by Eva");
        assertThat(dialog.locator("[name='data.username']")).hasValue("sync-2");
        dialog.locator("[type=submit]").click();
        page.isAt("Renamed by Eva");
        api.asOwner().get("/api/v1/credentials/" + id).then().body("data.username", equalTo("sync-2"));
    }

    @Test
    void whatIsTypedIntoAFieldWithoutAValueSurvivesWhatSomebodyElseSaved() {
        String carrier = api.aCredential().with("name", "Carrier")
                .of("api_key", Map.of("key", CredentialBuilder.aSecret(), "placement", "header", "name", "X-Auth-Token"))
                .testedAt(provider.url()).create();
        PanelPage page = open(Look.ENGLISH, api, "/credentials/" + carrier, "developer").isAt("Carrier").expecting(412);
        Locator dialog = edit(page);
        dialog.locator("[name='data.prefix']").fill("Token");
        change("credentials/" + carrier, Map.of("name", "Carrier of Eva"));
        dialog.locator("[type=submit]").click();
        dialog.getByRole(AriaRole.BUTTON, named("Load what is saved")).click();
        assertThat(dialog.locator("[name=name]")).hasValue("Carrier of Eva");
        assertThat(dialog.locator("[name='data.prefix']")).hasValue("Token");
        dialog.locator("[type=submit]").click();
        page.isAt("Carrier of Eva");
        api.asOwner().get("/api/v1/credentials/" + carrier).then().body("data.prefix", equalTo("Token"));

        // The same of one that somebody else has emptied.
        edit(page).locator("[name='data.prefix']").fill("Key");
        change("credentials/" + carrier, "{\"data\": {\"prefix\": null}}");
        dialog.locator("[type=submit]").click();
        dialog.getByRole(AriaRole.BUTTON, named("Load what is saved")).click();
        assertThat(dialog.getByText("You both changed")).isVisible();
        assertThat(dialog.locator("[name='data.prefix']")).hasValue("Key");
        dialog.locator("[type=submit]").click();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        api.asOwner().get("/api/v1/credentials/" + carrier).then().body("data.prefix", equalTo("Key"));
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

    @Test
    void whoDeletesItIsToldWhatStops() {
        String key = api.aKey().with("name", "Stock sync").scopes("credentials:use").create().id();
        api.asOwner().body(Map.of("name", "Stock from the ERP", "keyIds", List.of(key), "credentialIds", List.of(id)))
                .post("/api/v1/integrations").then().statusCode(201);
        PanelPage page = shown(Look.ENGLISH, "developer").expecting(404);
        page.page().locator("lk-credential-menu > button").click();
        page.page().locator("[data-action=delete]").click();
        Locator question = page.dialog("Delete this credential?");
        assertThat(question.locator(".prose")).containsText("It is taken out of Stock from the ERP");
        assertThat(question.locator(".prose")).containsText("Keys that lose it: Stock sync.");
        assertThat(question.locator("[type=submit]")).isDisabled();
        page.isAccessible().screenshot("credential-delete");
        question.locator("[name=typed]").fill("ERP stock");
        question.locator("[type=submit]").click();

        page.isAt("Credentials");
        assertThat(page.text("No credentials yet")).isVisible();
        api.asOwner().get("/api/v1/credentials/" + id).then().statusCode(404);
        page.go("/credentials/" + id).isAt("There is no such credential");
    }

    @Test
    void oneThatIsDeletedAtTheSecondTryIsGoneFromTheList() {
        PanelPage page = open(Look.ENGLISH, api, "/credentials", "developer").isAt("Credentials").expecting(503);
        String integrations = "**/api/v1/integrations?*";
        page.page().route(integrations, KeysPageTest::unavailable);
        page.page().locator("tbody lk-credential-menu > button").click();
        page.page().locator("[data-action=delete]").click();
        Locator again = page.page().locator(".toast").getByRole(AriaRole.BUTTON, named("Try again"));
        assertThat(again).isVisible();
        page.page().unroute(integrations);
        again.click();
        page.dialog("Delete this credential?").locator("[type=submit]").click();
        assertThat(page.text("No credentials yet")).isVisible();
        api.asOwner().get("/api/v1/credentials/" + id).then().statusCode(404);
    }

    @Test
    void whatTheReviewFoundIsMendedWhereItIsRead() {
        String key = api.aKey().with("name", "Existencias").scopes("credentials:use").create().id();
        api.asOwner().body(Map.of("name", "Existencias del ERP", "keyIds", List.of(key), "credentialIds", List.of(id)))
                .post("/api/v1/integrations").then().statusCode(201);
        Behind behind = new Behind(database);
        UUID uuid = UUID.fromString(id);
        behind.execute("update credential set created_at = now() - interval '100 days' where id = ?", uuid);
        behind.execute("update credential_secret set updated_at = now() - interval '100 days' where credential_id = ?", uuid);
        for (Look look : Look.BOTH) {
            PanelPage page = shown(look, "owner");
            assertThat(page.page().locator(".finding strong"))
                    .hasText(new String[] { page.says("credentials.finding.older-than-policy"),
                            page.says("credentials.finding.unused") });
            page.fits().isAccessible().screenshot("credential");
            if (look.isSpanish()) {
                page.speaksSpanish();
            }
        }
        PanelPage page = shown(Look.ENGLISH, "owner");
        page.page().locator("[data-deed=unbind]").click();
        page.dialog("Take it out of this integration?").locator("[type=submit]").click();
        assertThat(page.page().locator(".finding[data-reason=unbound]")).isVisible();
        page.page().locator("[data-deed=replace]").click();
        Locator dialog = page.dialog("Edit credential");
        dialog.locator("[name='data.password']").fill(CredentialBuilder.aSecret());
        dialog.locator("[type=submit]").click();
        assertThat(page.page().locator(".finding strong")).hasText(new String[] { "Nothing may use it" });
    }

    private PanelPage shown(Look look, String role) {
        return open(look, api, "/credentials/" + id, role).isAt("ERP stock");
    }

    /** A key that may use credentials. */
    private String aUser(String name) {
        return api.aKey().with("name", name).scopes("credentials:use").create().id();
    }

    private String anIntegration(String name, List<String> keys, List<String> credentials) {
        return api.asOwner().body(Map.of("name", name, "keyIds", keys, "credentialIds", credentials))
                .post("/api/v1/integrations").then().statusCode(201).extract().path("id");
    }

    /** As somebody else does it meanwhile. */
    private void change(String path, Object patch) {
        api.asOwner().contentType("application/merge-patch+json").body(patch).patch("/api/v1/" + path).then().statusCode(200);
    }

    private static Locator edit(PanelPage page) {
        page.button("Edit").click();
        Locator dialog = page.dialog("Edit credential");
        assertThat(dialog.locator("[name=name]")).isVisible();
        return dialog;
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }
}
