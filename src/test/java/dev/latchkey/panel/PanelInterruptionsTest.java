package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who goes on typing, does not wait, clicks twice or goes back: nothing is lost, and nothing happens that they did not see. */
@QuarkusTest
@NullUnmarked
class PanelInterruptionsTest extends BrowserTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void whoTypesInAFilterKeepsTheFocusAndEveryCharacter() {
        api.aKey().with("name", "Carrier").create();
        api.aKey().with("name", "ERP").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "viewer").isAt("API keys");
        Locator search = page.page().getByRole(AriaRole.SEARCHBOX);

        // Slower than the pause after which the list is narrowed: each character narrows it.
        search.pressSequentially("carr", new Locator.PressSequentiallyOptions().setDelay(300));
        KeysPageTest.shows(page, "Carrier");
        assertThat(search).hasValue("carr");
        assertThat(search).isFocused();
        assertThat(page.page()).hasURL(Pattern.compile(".*/keys\\?q=carr$"));

        Locator status = page.page().locator("select[name=status]");
        status.focus();
        status.selectOption("active");
        assertThat(page.page()).hasURL(Pattern.compile(".*status=active$"));
        assertThat(status).isFocused();

        page.link("Carrier").click();
        page.isAt("Carrier");
        assertThat(page.page().locator("main")).isFocused();
        page.page().getByLabel("Period").focus();
        page.page().getByLabel("Period").selectOption("7");
        assertThat(page.page()).hasURL(Pattern.compile(".*\\?days=7$"));
        assertThat(page.page().getByLabel("Period")).isFocused();
        assertThat(page.page()).hasTitle(Pattern.compile("^Carrier · .*"));
    }

    @Test
    void whatWasTypedLastNarrowsNoOtherPage() {
        api.aKey().with("name", "Carrier").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "viewer").isAt("API keys");
        page.page().clock().install();

        page.page().evaluate("""
                () => {
                  const search = document.querySelector('input[type=search]');
                  search.value = 'carr';
                  search.dispatchEvent(new Event('input', { bubbles: true }));
                  document.querySelector('nav a[href="/stores"]').click();
                }""");
        page.isAt("Stores").page().clock().runFor(1_000);

        assertThat(page.page()).hasURL(Pattern.compile(".*/stores$"));
    }

    @Test
    void aNewKeyIsShownToWhoeverDidNotWaitForIt() {
        Created old = api.aKey().with("name", "Connector").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "developer").isAt("API keys");
        List<Route> held = hold(page, "**/regenerate", "POST");
        KeysPageTest.menu(page, "Connector").locator("[data-action=regenerate]").click();
        Locator dialog = page.dialog("Regenerate key");
        dialog.getByLabel("The old one goes on working").selectOption("PT0S");
        Locator submit = dialog.locator("[type=submit]");
        submit.click();
        Eventually.holds(() -> {
            assertThat(submit).hasText("Saving…");
            assertThat(held).hasSize(1);
        });

        // The focus stays, and with it Escape; none of the ways out is open.
        assertThat(submit).isFocused();
        page.press("Escape").press("Escape").press("Enter");
        dialog.getByRole(AriaRole.BUTTON, named("Cancel")).dispatchEvent("click");
        dialog.getByRole(AriaRole.BUTTON, named("Close")).dispatchEvent("click");
        dialog.evaluate("dialog => dialog.close()");
        assertThat(dialog).isVisible();
        held.get(0).resume();

        String fresh = page.dialog("Copy your new key now").locator("[data-part=key]").textContent();
        assertThat(api.verdictOn(fresh)).isEqualTo("VALID");
        assertThat(api.verdictOn(old.key())).isNotEqualTo("VALID");
        assertThat(held).hasSize(1);
    }

    @Test
    void aQuestionStandsUntilWhatItDoesIsDone() {
        Created key = api.aKey().with("name", "Connector").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "developer").isAt("API keys");
        List<Route> held = hold(page, "**/revoke", "POST");
        KeysPageTest.menu(page, "Connector").locator("[data-action=revoke]").click();
        Locator question = page.dialog("Revoke this key for good?");
        question.locator("[type=submit]").click();
        Eventually.holds(() -> {
            assertThat(question.locator("[type=submit]")).hasText("Saving…");
            assertThat(held).hasSize(1);
        });

        page.press("Escape");
        assertThat(question).isVisible();
        held.get(0).resume();

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
        List<Route> keys = hold(page, "**/api/v1/keys/*", "GET");
        page.button("Edit Mine").dblclick();
        resume(page, keys, 2);
        assertThat(page.page().locator("dialog[open] .tick-group").first()).isVisible();
        assertThat(page.page().locator("dialog[open]")).hasCount(1);
        page.press("Escape");

        page.link("Stores").click();
        page.isAt("Stores");
        List<Route> stores = hold(page, "**/api/v1/stores/*", "GET");
        page.button("Edit Store madrid").dblclick();
        resume(page, stores, 2);
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

    @Test
    void aPageThatCannotBeLoadedStopsNoOther() {
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").isAt("API keys").expecting(503);
        List<Route> held = new ArrayList<>();
        AtomicBoolean going = new AtomicBoolean();
        // Not lifted, which would let go of what is held.
        page.page().route("**/static/bundle/**", route -> {
            if (going.get()) {
                route.resume();
            } else {
                held.add(route);
            }
        });
        page.link("Review").click();
        Eventually.holds(() -> {
            page.page().evaluate("1");
            assertThat(held).isNotEmpty();
        });
        going.set(true);
        page.link("Stores").click();
        page.isAt("Stores");

        page.page().waitForResponse(response -> response.status() == 503,
                () -> held.forEach(route -> route.fulfill(new Route.FulfillOptions().setStatus(503))));
        page.page().evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");

        page.isAt("Stores");
    }

    @Test
    void thePaletteRunsWhatIsMarkedAlsoWhenMoreIsFound() {
        api.createStore("madrid");
        api.aKey().with("name", "Madrid sync").create();
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores").expecting(503);
        List<Route> held = hold(page, "**/api/v1/keys?q=*", "GET");
        page.press("Control+k").type("madrid");
        Locator marked = page.page().locator("[role=option][aria-selected=true]");
        assertThat(marked).containsText("Store madrid");
        resume(page, held, 1);
        assertThat(page.page().getByRole(AriaRole.OPTION).first()).containsText("Madrid sync");
        assertThat(marked).containsText("Store madrid");
        page.press("Enter");
        assertThat(page.page()).hasURL(Pattern.compile(".*/store/madrid/settings/api$"));

        // A search that failed is none any more when there is nothing to search for.
        page.page().route("**/api/v1/keys?q=*", PanelInterruptionsTest::unavailable);
        page.press("Control+k").type("mad");
        assertThat(page.page().locator(".palette [role=alert]")).isVisible();
        page.press("Backspace").press("Backspace");
        assertThat(page.page().locator(".palette [role=alert]")).hasCount(0);
        page.press("Escape");
        assertThat(page.page().locator(".palette")).hasCount(0);
    }

    @Test
    void whoCannotBeSignedOutIsToldWhereverTheyAsked() {
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores").expecting(503);
        page.page().route("**/api/v1/session", PanelInterruptionsTest::unavailable);
        page.press("Control+k").type("sign out").press("Enter");
        Locator told = page.page().locator(".toast")
                .filter(new Locator.FilterOptions().setHasText("Not available at the moment"));
        assertThat(told).isVisible();

        page.page().unroute("**/api/v1/session");
        told.getByRole(AriaRole.BUTTON, named("Try again")).click();
        page.isAt("Sign in to Latchkey");
    }

    @Test
    void aLinkSurvivesAnOutage() {
        PanelPage page = open(Look.ENGLISH, "/sign-in").isAt("Sign in to Latchkey").expecting(503);
        page.page().route("**/api/v1/session", PanelInterruptionsTest::unavailable);
        page.go("/sign-in#" + linkTo(api, "owner"));
        assertThat(page.text("Not available at the moment")).isVisible();
        assertThat(page.page()).hasURL(Pattern.compile(".*/sign-in$"));

        page.page().unroute("**/api/v1/session");
        page.button("Try again").click();
        page.isSignedIn().isAt("API keys");
    }

    /** Requests that wait until they are resumed. */
    private static List<Route> hold(PanelPage page, String address, String method) {
        List<Route> held = new ArrayList<>();
        page.page().route(address, route -> {
            if (route.request().method().equals(method)) {
                held.add(route);
            } else {
                route.resume();
            }
        });
        return held;
    }

    private static void resume(PanelPage page, List<Route> held, int count) {
        Eventually.holds(() -> {
            page.page().evaluate("1");
            assertThat(held).hasSize(count);
        });
        held.forEach(Route::resume);
    }

    private static void unavailable(Route route) {
        route.fulfill(new Route.FulfillOptions().setStatus(503).setContentType("application/problem+json")
                .setHeaders(Map.of("Retry-After", "1"))
                .setBody("{\"status\": 503, \"code\": \"unavailable\", \"title\": \"Temporarily unavailable\"}"));
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }
}
