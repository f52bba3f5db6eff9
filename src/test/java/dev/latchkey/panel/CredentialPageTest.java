package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** One credential: what the review found of it is mended, and it is deleted by who knows what stops. */
@QuarkusTest
@NullUnmarked
class CredentialPageTest extends CredentialPageCase {

    @Inject
    DataSource database;

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
}
