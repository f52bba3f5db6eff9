package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.CredentialBuilder;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** A credential is edited without its secrets, and nothing that somebody else has saved meanwhile is lost. */
@QuarkusTest
@NullUnmarked
class CredentialEditPageTest extends CredentialPageCase {

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
}
