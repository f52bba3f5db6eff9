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
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who goes on typing, does not wait, or meets an outage: nothing is lost, and nothing happens that they did not see. What
 * becomes of dialogs is in {@link DialogInterruptionsTest}.
 */
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
        Held held = Held.of(page, "**/api/v1/keys?q=*", "GET");
        page.press("Control+k").type("madrid");
        Locator marked = page.page().locator("[role=option][aria-selected=true]");
        assertThat(marked).containsText("Store madrid");
        held.awaits(1).resume();
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
    void thePaletteOpensNoKeyThatWasFoundForOtherWords() {
        api.aKey().with("name", "Madrid sync").create();
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores");
        page.press("Control+k").type("madrid");
        assertThat(page.page().getByRole(AriaRole.OPTION)).containsText("Madrid sync");
        Held.of(page, "**/api/v1/keys?q=*", "GET");

        page.press("Control+a").type("español").press("Enter");

        page.isAt("Tiendas");
    }

    @Test
    void aCommandThatCannotBeLoadedSaysSo() {
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores").expecting(503);
        page.page().route("**/static/bundle/**", route -> route.fulfill(new Route.FulfillOptions().setStatus(503)));
        Locator told = page.page().locator(".toast")
                .filter(new Locator.FilterOptions().setHasText("loaded from a version that is gone"));
        page.press("Control+k").type("create api").press("Enter");
        assertThat(told).isVisible();
        told.getByRole(AriaRole.BUTTON, named("Close")).click();
        assertThat(page.page().locator("main")).isFocused();

        page.press("Control+k").type("create api").press("Enter");
        page.page().unroute("**/static/bundle/**");
        page.page().evaluate("() => { window.isOld = true; }");
        told.getByRole(AriaRole.BUTTON, named("Load again")).click();
        page.page().waitForFunction("!window.isOld");
        page.isAt("Stores").press("Control+k").type("create api").press("Enter");
        assertThat(page.dialog("Create API key")).isVisible();
    }

    @Test
    void whoStaysOnAPageStaysInItsStore() {
        api.createStore("madrid");
        PanelPage page = open(Look.ENGLISH, api, "/organization", "owner").isAt("Organization");
        Locator all = page.button("Store: All stores. Switch store");
        page.field("Name").fill("Acme Trading");
        page.press("Control+k").type("madrid").press("Enter");
        page.button("Go on editing").click();
        assertThat(all).isVisible();
        chooseMadrid(page, all);
        page.button("Go on editing").click();
        assertThat(all).isVisible();
        assertThat(page.link("API keys")).hasAttribute("href", "/keys");

        page.button("Discard").click();
        assertThat(page.page().locator("main")).isFocused();
        chooseMadrid(page, all);
        page.isAt("API keys of Store madrid");
        assertThat(page.button("Store: Store madrid. Switch store")).isVisible();
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

    private static void chooseMadrid(PanelPage page, Locator storeSwitch) {
        storeSwitch.press("Enter");
        assertThat(page.field("Find a store")).isFocused();
        page.type("mad").press("Enter");
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
