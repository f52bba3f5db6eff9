package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import jakarta.inject.Inject;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** However many keys there are: each can be given a credential, and each that loses it is told of or counted. */
@QuarkusTest
@NullUnmarked
class BoundKeysTest extends CredentialPageCase {

    private static final String SEARCHES = "**/api/v1/keys?*q=*";

    @Inject
    Pool database;

    @Test
    void keysThatCannotBeNamedAreCountedWhereTheyLoseIt() {
        String sync = aUser("Stock sync");
        String orders = aUser("Orders");
        anIntegration(List.of(sync, orders));
        for (Look look : Look.languages()) {
            PanelPage page = shown(look, "developer").expecting(503);
            page.page().route("**/api/v1/keys/" + orders, KeysPageTest::unavailable);
            String rest = look.isSpanish() ? "Stock sync y 1 clave que no se puede nombrar aquí"
                    : "Stock sync and 1 key that cannot be named here";
            page.button(page.says("credentials.unbind.of", Map.of("name", "ERP"))).click();
            Locator question = page.dialog(page.says("credentials.unbind.title"));
            assertThat(question.locator(".prose")).containsText(rest);
            page.press("Escape");
            assertThat(question).hasCount(0);

            page.page().locator("lk-credential-menu > button").click();
            page.page().locator("[data-action=delete]").click();
            assertThat(page.dialog(page.says("credentials.delete.title")).locator(".prose")).containsText(rest);
        }
    }

    @Test
    void keysOfWhichNoListTellsAreCountedToo() {
        anIntegration(IntStream.range(0, 21).mapToObj(number -> aUser("Sync " + number)).toList());
        PanelPage page = shown(Look.ENGLISH, "developer").expecting(503);
        page.page().route("**/api/v1/keys?*", KeysPageTest::unavailable);
        page.button("Take it out of ERP").click();
        assertThat(page.dialog("Take it out of this integration?").locator(".prose"))
                .containsText(": 21 keys that cannot be named here.");
    }

    @Test
    void aKeyThatIsNotListedIsFoundByItsNameAndGivenIt() {
        ManyKeys.fill(database, api, 2_001);
        aUser("Stock sync");
        PanelPage page = shown(Look.ENGLISH, "developer").expecting(503);
        page.page().locator("[data-section=integrations]").getByRole(AriaRole.BUTTON).click();
        Locator dialog = page.dialog("Let keys use this credential");
        assertThat(dialog.getByText("Only 2,000 keys are listed, and there are more.")).isVisible();
        Locator ticks = dialog.locator(".tick");
        assertThat(ticks).hasCount(2_000);
        dialog.getByLabel("Stock sync").check();

        Locator search = dialog.getByRole(AriaRole.SEARCHBOX);
        page.page().route(SEARCHES, KeysPageTest::unavailable);
        search.fill("Key number 2");
        assertThat(dialog.getByText("Not available at the moment")).isVisible();
        page.page().unroute(SEARCHES);
        search.fill("Key number 2 of 3");
        assertThat(dialog.getByText("Nothing matches “Key number 2 of 3”.")).isVisible();
        assertThat(dialog.getByText("Not available at the moment")).hasCount(0);
        search.fill("Key number 2");
        ticks.filter(new Locator.FilterOptions().setHasText(Pattern.compile("^\\s*Key number 2\\s*lk_live"))).locator("input")
                .check();
        dialog.locator("[type=submit]").click();
        assertThat(page.page().locator(".integrations").getByRole(AriaRole.LINK))
                .hasText(new String[] { "Key number 2", "Stock sync" });
    }

    /** A key that may use credentials. */
    private String aUser(String name) {
        return api.aKey().with("name", name).scopes("credentials:use").create().id();
    }

    private void anIntegration(List<String> keys) {
        api.asOwner().body(Map.of("name", "ERP", "keyIds", keys, "credentialIds", List.of(id))).post("/api/v1/integrations")
                .then().statusCode(201);
    }
}
