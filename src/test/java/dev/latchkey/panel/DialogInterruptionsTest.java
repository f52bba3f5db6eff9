package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who does not wait, clicks twice or goes back while a dialog is open loses nothing of it, and sees what it has done. */
@QuarkusTest
@NullUnmarked
class DialogInterruptionsTest extends BrowserTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void aNewKeyIsShownToWhoeverDidNotWaitForIt() {
        Created old = api.aKey().with("name", "Connector").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "developer").isAt("API keys");
        Held held = Held.of(page, "**/regenerate", "POST");
        KeysPageTest.menu(page, "Connector").locator("[data-action=regenerate]").click();
        Locator dialog = page.dialog("Regenerate key");
        dialog.getByLabel("The old one goes on working").selectOption("PT0S");
        Locator submit = dialog.locator("[type=submit]");
        submit.click();
        held.awaits(1);
        assertThat(submit).hasText("Saving…");

        // The focus stays, and with it Escape; none of the ways out is open.
        assertThat(submit).isFocused();
        page.press("Escape").press("Escape").press("Enter");
        dialog.getByRole(AriaRole.BUTTON, named("Cancel")).dispatchEvent("click");
        dialog.getByRole(AriaRole.BUTTON, named("Close")).dispatchEvent("click");
        dialog.evaluate("dialog => dialog.close()");
        assertThat(dialog).isVisible();
        held.resume();

        String fresh = page.dialog("Copy your new key now").locator("[data-part=key]").textContent();
        assertThat(api.verdictOn(fresh)).isEqualTo("VALID");
        assertThat(api.verdictOn(old.key())).isNotEqualTo("VALID");
        held.awaits(1);
    }

    @Test
    void nothingIsTypedIntoAFormThatIsOnItsWay() {
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores");
        Held held = Held.of(page, "**/api/v1/stores", "POST");
        page.button("Add store").click();
        page.field("Name").fill("Café Sol");
        page.press("Enter");
        held.awaits(1);

        Locator submit = page.dialog("Add a store").locator("[type=submit]");
        assertThat(submit).isFocused();
        page.page().evaluate("() => document.querySelector('dialog[open] input[name=name]').focus()");
        assertThat(submit).isFocused();
        page.type("!");
        held.resume();

        assertThat(page.page().locator("main tbody th.names")).hasText("Café Sol");
        // It was the first one: the button that had the focus stood where the list stands now.
        assertThat(page.button("Add store")).isFocused();
    }

    @Test
    void aQuestionStandsUntilWhatItDoesIsDone() {
        Created key = api.aKey().with("name", "Connector").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "developer").isAt("API keys");
        Held held = Held.of(page, "**/revoke", "POST");
        KeysPageTest.menu(page, "Connector").locator("[data-action=revoke]").click();
        Locator question = page.dialog("Revoke this key for good?");
        question.locator("[type=submit]").click();
        held.awaits(1);
        assertThat(question.locator("[type=submit]")).hasText("Saving…");

        page.press("Escape");
        assertThat(question).isVisible();
        held.resume();

        assertThat(KeysPageTest.row(page, "Connector").getByText("Revoked")).isVisible();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        assertThat(api.verdictOn(key.key())).isEqualTo("REVOKED");
    }

    @Test
    void whateverTheBrowserClosesADialogByItAsksBeforeWhatWasTypedIsLost() {
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores");
        page.button("Add store").click();
        Locator dialog = page.dialog("Add a store");
        page.field("Name").fill("Café Sol");

        // Android's back asks by an event, and closes without asking at the second time.
        dialog.evaluate("dialog => dialog.dispatchEvent(new Event('cancel', { cancelable: true }))");
        page.button("Go on editing").click();
        dialog.evaluate("dialog => dialog.close()");
        page.button("Go on editing").click();
        assertThat(page.field("Name")).hasValue("Café Sol");

        // So does the document before it goes.
        List<String> asked = new ArrayList<>();
        page.page().onDialog(question -> {
            asked.add(question.type());
            question.dismiss();
        });
        page.page().evaluate("() => { setTimeout(() => location.reload()); }");
        Eventually.holds(() -> {
            page.page().evaluate("1");
            assertThat(asked).containsExactly("beforeunload");
        });
        assertThat(page.field("Name")).hasValue("Café Sol");

        page.press("Escape");
        page.button("Discard").click();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
    }

    @Test
    void twoClicksOpenOneDialog() {
        api.aKey().with("name", "Mine").create();
        api.createStore("madrid");
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").isAt("API keys");
        Held keys = Held.of(page, "**/api/v1/keys/*", "GET");
        page.button("Edit Mine").dblclick();
        keys.awaits(2).resume();
        assertThat(page.page().locator("dialog[open] .tick-group").first()).isVisible();
        assertThat(page.page().locator("dialog[open]")).hasCount(1);
        page.press("Escape");

        page.link("Stores").click();
        page.isAt("Stores");
        Held stores = Held.of(page, "**/api/v1/stores/*", "GET");
        page.button("Edit Store madrid").dblclick();
        stores.awaits(2).resume();
        assertThat(page.dialog("Edit Store madrid")).isVisible();
        assertThat(page.page().locator("dialog[open]")).hasCount(1);
    }

    @Test
    void whoGoesBackTwiceIsAskedOnceAndTheHistoryStaysAsItWas() {
        PanelPage page = open(Look.ENGLISH, api, "/review", "owner").isAt("Review");
        page.link("Stores").click();
        page.isAt("Stores").link("Organization").click();
        page.isAt("Organization").field("Name").fill("Acme Trading");
        Object length = page.page().evaluate("history.length");

        // Neither does signing out take it along unasked.
        page.press("Control+k").type("sign out").press("Enter");
        assertThat(page.dialog("Discard what you typed?")).isVisible();
        page.button("Go on editing").click();

        page.page().evaluate("history.back()");
        assertThat(page.dialog("Discard what you typed?")).isVisible();
        page.page().evaluate("history.back()");
        assertThat(page.page()).hasURL(Pattern.compile(".*/organization$"));
        assertThat(page.dialog("Discard what you typed?")).hasCount(1);
        page.button("Go on editing").click();
        assertThat(page.field("Name")).hasValue("Acme Trading");

        page.page().evaluate("history.back()");
        page.button("Discard").last().click();
        page.isAt("Stores");
        assertThat(page.page().evaluate("history.length")).isEqualTo(length);
        page.page().evaluate("history.back()");
        page.isAt("Review");
        page.page().evaluate("history.go(2)");
        page.isAt("Organization");
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }
}
