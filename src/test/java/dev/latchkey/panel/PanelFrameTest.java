package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stands around every page: the ways in and out, navigation, languages, themes, and what becomes of interruptions. */
@QuarkusTest
@NullUnmarked
class PanelFrameTest extends BrowserTest {

    private static final long MOST_BYTES_OF_FIRST_LOAD = 300 * 1024;

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void aLinkSignsInOnceAndStandsInNoHistory() {
        String link = linkTo(api, "owner");

        PanelPage page = open(Look.ENGLISH, "/sign-in#" + link).isSignedIn().isAt("API keys");
        assertThat(page.page()).hasURL(Pattern.compile("/keys$"));
        page.page().goBack();

        assertThat(page.page().url()).doesNotContain(link);
        PanelPage second = open(Look.ENGLISH, "/sign-in#" + link);
        assertThat(second.text("The link does not work any more")).isVisible();
        second.expecting(401).screenshot("sign-in-refused").isAccessible();
    }

    @Test
    void aTokenOfTheIdentityProviderSignsIn() {
        PanelPage page = open(Look.ENGLISH, "/stores");

        page.field("Sign-in link or token").fill(Tokens.of(api.organization(), "ana@" + api.organization(), "viewer"));
        page.button("Sign in").click();

        // The page that was asked for, and what a viewer may see of it.
        page.isAt("Stores");
        assertThat(page.button("Add store")).hasCount(0);
    }

    @Test
    void whatIsNoTicketIsSaidBeforeAnythingIsSent() {
        PanelPage page = open(Look.ENGLISH, "/");
        page.field("Sign-in link or token").fill("two words");

        page.press("Enter");

        assertThat(page.text("Paste a sign-in link, or a token of your identity provider.")).isVisible();
        assertThat(page.requests()).noneMatch(request -> request.method().equals("POST"));
    }

    @Test
    void whoSignsOutIsOut() {
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores");

        page.page().locator(".person").click();
        page.button("Sign out").click();

        page.isAt("Sign in to Latchkey").go("/stores").isAt("Sign in to Latchkey");
    }

    @Test
    void itSpeaksTheLanguageOfTheBrowserUntilThePersonChoosesAnother() {
        PanelPage page = open(Look.SPANISH, api, "/stores", "owner").isAt("Tiendas");
        assertThat(page.page()).hasTitle("Tiendas · Latchkey");
        page.speaksSpanish();

        page.page().locator(".person").click();
        page.radio("English").check();

        page.isAt("Stores");
        assertThat(page.page().locator("html")).hasAttribute("lang", "en");
        page.page().reload();
        page.isAt("Stores");
    }

    @Test
    void itIsLightOrDarkAsTheSystemIsUntilThePersonChooses() {
        PanelPage page = open(Look.ENGLISH.dark(), api, "/stores", "owner").isAt("Stores");
        String dark = ground(page);

        page.page().locator(".person").click();
        page.radio("Light").check();

        Eventually.holds(() -> assertThat(ground(page)).isNotEqualTo(dark));
        page.page().reload();
        page.isAt("Stores");
        assertThat(ground(page)).isNotEqualTo(dark);
    }

    @Test
    void theStoreSwitchLeadsToTheKeysOfAStore() {
        api.createStore("madrid");
        api.createStore("paris");
        PanelPage page = open(Look.ENGLISH, api, "/stores", "developer").isAt("Stores");

        page.button("Store: All stores. Switch store").press("Enter");
        assertThat(page.field("Find a store")).isFocused();
        page.type("mad").press("Enter");

        assertThat(page.page()).hasURL(Pattern.compile("/store/madrid/settings/api$"));
        assertThat(page.button("Store: Store madrid. Switch store")).isVisible();
        // The navigation stays in the store.
        page.link("Review").click();
        assertThat(page.link("API keys")).hasAttribute("href", "/store/madrid/settings/api");
    }

    @Test
    void thePaletteJumpsAnywhereByKeyboard() {
        api.createStore("madrid");
        api.aKey().with("name", "Warehouse sync").create();
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").isAt("API keys");

        page.press("Control+k").type("organ").press("Enter").isAt("Organization");
        page.press("Control+k").type("warehouse");
        assertThat(page.page().getByRole(AriaRole.OPTION).filter(new Locator.FilterOptions().setHasText("Warehouse sync")))
                .isVisible();
        page.screenshot("palette").isAccessible().press("Enter");
        assertThat(page.page()).hasURL(Pattern.compile("/keys/[0-9a-f-]{36}$"));
        page.press("Control+k").type("madrid").press("Enter");
        assertThat(page.page()).hasURL(Pattern.compile("/store/madrid/settings/api$"));
        page.press("Control+k").type("español").press("Enter");
        assertThat(page.page().locator("html")).hasAttribute("lang", "es");

        // Escape closes, and the focus returns to where it was.
        page.page().locator("main").focus();
        page.press("Control+k").press("Escape");
        assertThat(page.page().locator("dialog")).hasCount(0);
        assertThat(page.page().locator("main")).isFocused();
    }

    @Test
    void anAddressThatIsNoneSaysSo() {
        PanelPage page = open(Look.ENGLISH, api, "/keys", "owner").expecting(404);

        page.go("/no/such/page");

        assertThat(page.text("There is no such page")).isVisible();
        page.screenshot("not-found").isAccessible();
        page.link("Go to API keys").click();
        page.isAt("API keys");
    }

    @Test
    void anUnavailableServiceLosesNothingThatWasTyped() {
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores").expecting(503);
        page.button("Add store").click();
        page.field("Name").fill("Café Sol");
        page.page().route("**/api/v1/stores", route -> {
            if (route.request().method().equals("POST")) {
                route.fulfill(new Route.FulfillOptions().setStatus(503)
                        .setContentType("application/problem+json").setHeaders(Map.of("Retry-After", "1"))
                        .setBody("{\"status\": 503, \"code\": \"unavailable\", \"title\": \"Temporarily unavailable\"}"));
            } else {
                route.resume();
            }
        });

        page.dialog("Add a store").getByText("Add store", new Locator.GetByTextOptions().setExact(true)).click();
        assertThat(page.text("Not available at the moment")).isVisible();
        page.screenshot("unavailable").isAccessible();
        assertThat(page.field("Name")).hasValue("Café Sol");
        String first = idempotencyKeyOf(page);
        page.page().unroute("**/api/v1/stores");
        page.button("Try again").click();

        assertThat(page.page().getByRole(AriaRole.ROWHEADER,
                new Page.GetByRoleOptions().setName("Café Sol").setExact(true))).isVisible();
        assertThat(idempotencyKeyOf(page)).as("of what was sent again").isEqualTo(first);
    }

    @Test
    void aSessionThatEndsInTheMiddleOfAFormLosesNothingThatWasTyped() {
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores").expecting(401);
        page.button("Add store").click();
        page.field("Name").fill("Café Sol");
        page.context().clearCookies();

        page.dialog("Add a store").getByText("Add store", new Locator.GetByTextOptions().setExact(true)).click();
        assertThat(page.dialog("Your session has ended")).isVisible();
        page.screenshot("session-ended").isAccessible();
        page.dialog("Your session has ended").locator("[type=submit]").click();
        assertThat(page.field("Sign-in link or token")).isFocused();
        page.field("Sign-in link or token").fill("http://localhost/sign-in#" + linkTo(api, "owner"));
        page.press("Enter");

        // What was sent is sent again by itself.
        assertThat(page.page().getByRole(AriaRole.ROWHEADER,
                new Page.GetByRoleOptions().setName("Café Sol").setExact(true))).isVisible();
    }

    @Test
    void whoSignsInAgainAsSomebodyElseSendsNothingInTheirName() {
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores").expecting(401);
        Api other = Api.ofNewOrganization();
        page.button("Add store").click();
        page.field("Name").fill("Café Sol");
        page.context().clearCookies();
        page.dialog("Add a store").getByText("Add store", new Locator.GetByTextOptions().setExact(true)).click();

        page.field("Sign-in link or token").fill(linkTo(other, "owner"));
        page.press("Enter");

        page.isAt("API keys");
        assertThat(other.asOwner().get("/api/v1/stores").path("items").toString()).isEqualTo("[]");
        assertThat(api.asOwner().get("/api/v1/stores").path("items").toString()).isEqualTo("[]");
    }

    @Test
    void onAPhoneTheNavigationIsADrawer() {
        PanelPage page = open(Look.ENGLISH.phone(), api, "/stores", "owner").isAt("Stores").fits();
        assertThat(page.link("Organization")).not().isVisible();

        page.button("Menu").click();
        page.screenshot("drawer").isAccessible();
        page.press("Escape");
        assertThat(page.button("Menu")).isFocused();
        page.button("Menu").click();
        page.link("Organization").click();

        page.isAt("Organization").fits();
        assertThat(page.link("Stores")).not().isVisible();
    }

    @Test
    void theFirstLoadIsLight() {
        PanelPage page = open(Look.ENGLISH, "/sign-in#" + linkTo(api, "owner")).isSignedIn().isAt("API keys");

        List<Request> loaded = List.copyOf(page.requests());
        long bytes = loaded.stream().filter(request -> request.response() != null)
                .mapToLong(request -> request.sizes().responseBodySize).sum();

        assertThat(bytes).as("bytes on the wire of %s", loaded.stream().map(Request::url).toList()).isPositive()
                .isLessThanOrEqualTo(MOST_BYTES_OF_FIRST_LOAD);
        // The little ones do not get smaller.
        assertThat(loaded).filteredOn(request -> request.url().matches(".*/static/bundle/.*\\.js")
                && request.sizes().responseBodySize > 1000).isNotEmpty()
                .allSatisfy(request -> assertThat(request.response().headerValue("content-encoding")).as(request.url())
                        .isEqualTo("gzip"));
    }

    private static String ground(PanelPage page) {
        return String.valueOf(page.page().evaluate("getComputedStyle(document.documentElement).backgroundColor"));
    }

    private static String idempotencyKeyOf(PanelPage page) {
        List<Request> posts = page.requests().stream()
                .filter(request -> request.method().equals("POST") && request.url().endsWith("/stores"))
                .toList();
        return Objects.requireNonNull(posts.get(posts.size() - 1).headerValue("idempotency-key"));
    }
}
