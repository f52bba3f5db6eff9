package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.FrameLocator;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a sign-in link that comes to a browser in which somebody is signed in, and of who signs out. */
@QuarkusTest
@NullUnmarked
class PanelSignInTest extends BrowserTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    /** Any page of the web can lead someone here with a link of its own. */
    @Test
    void whoIsSignedInIsAskedBeforeALinkTakesTheSessionsPlace() {
        Api mallory = Api.ofNewOrganization();
        String link = linkTo(mallory, "owner");
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores");
        PanelPage spanish = open(Look.SPANISH, api, "/stores", "owner").isAt("Tiendas");

        leadFromElsewhere(page, link).isAt("Sign in anew?");
        assertThat(page.page().locator(".sign-in-card")).containsText("You are signed in as ana@" + api.organization() + " at "
                + api.organization() + ". Use this link to sign in instead?");
        assertThat(page.button("Stay signed in")).isFocused();
        assertThat(page.page().url()).doesNotContain(link);
        page.screenshot("sign-in-instead").isAccessible().press("Enter");
        assertThat(page.page()).hasURL(Pattern.compile("/keys$"));
        page.isAt("API keys").go("/organization").isAt("Organization");
        assertThat(page.field("Name")).hasValue(api.organization());

        leadFromElsewhere(spanish, link).isAt("¿Iniciar otra sesión?").speaksSpanish().screenshot("sign-in-instead");

        leadFromElsewhere(page, link).isAt("Sign in anew?").button("Use the link").click();
        page.isAt("API keys").go("/organization").isAt("Organization");
        assertThat(page.field("Name")).hasValue(mallory.organization());
    }

    private static PanelPage leadFromElsewhere(PanelPage page, String link) {
        String there = page.page().url().replaceAll("(https?://[^/]+).*", "$1/sign-in#") + link;
        page.page().route("https://elsewhere.example/**", route -> route.fulfill(new Route.FulfillOptions()
                .setContentType("text/html")
                .setBody("<!doctype html><title>x</title><script>location.href = '" + there + "'</script>")));
        page.page().navigate("https://elsewhere.example/" + UUID.randomUUID());
        assertThat(page.page()).hasURL(Pattern.compile("/sign-in$"));
        return page;
    }

    /** The page around it decides who works in it: the operator has named it. */
    @Test
    void inAFrameALinkIsUsedUnasked() {
        Api next = Api.ofNewOrganization();
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores");
        page.page().route(Pattern.compile("/sign-in(#.*)?$"), route -> {
            APIResponse answer = route.fetch();
            Map<String, String> headers = new HashMap<>(answer.headers());
            headers.remove("content-security-policy");
            route.fulfill(new Route.FulfillOptions().setResponse(answer).setHeaders(headers));
        });
        page.page().route("**/around", route -> route.fulfill(new Route.FulfillOptions().setContentType("text/html")
                .setBody(
                        "<!doctype html><title>x</title><link rel=icon href='data:,'><iframe width=900 height=700 src='/sign-in#"
                                + linkTo(next, "owner")
                                + "'></iframe>")));

        page.go("/around");

        assertThat(page.page().frameLocator("iframe").getByRole(AriaRole.HEADING,
                new FrameLocator.GetByRoleOptions().setName("API keys").setExact(true).setLevel(1))).isVisible();
        page.go("/organization").isAt("Organization");
        assertThat(page.field("Name")).hasValue(next.organization());
    }

    /** Browsers take a backslash for a slash: this one would be another host. */
    @Test
    void noSignInLeadsToAnotherOrigin() {
        open(Look.ENGLISH, api, "/%5Cother.example/stores", "owner").isAt("API keys");
    }

    /** There browsers have neither random UUIDs nor a clipboard. */
    @Test
    void byPlainHttpPeopleSignInChangeThingsAndCopyThem() {
        PanelPage page = open(Look.ENGLISH, "/sign-in").isAt("Sign in to Latchkey");
        page.page().addInitScript("delete Crypto.prototype.randomUUID; delete Navigator.prototype.clipboard;");
        page.go("/sign-in?then=/stores#" + linkTo(api, "owner")).isSignedIn().isAt("Stores");
        assertThat(page.page().evaluate("'randomUUID' in crypto || 'clipboard' in navigator")).isEqualTo(false);

        page.button("Add store").click();
        page.field("Name").fill("Café Sol");
        page.press("Enter");
        assertThat(page.page().locator("main tbody th.names")).hasText("Café Sol");

        page.link("Organization").click();
        Locator copy = page.isAt("Organization").button("Copy the organization’s key");
        copy.click();
        assertThat(copy).hasAttribute("title", "Copied");
        assertThat(copy).hasAttribute("title", "Copy the organization’s key");
        page.page().evaluate("() => { document.execCommand = () => false; }");
        copy.click();
        assertThat(copy).hasAttribute("title", "Could not copy: select the text and copy it by hand");
    }

    /** Browsers keep documents, and show them again to whoever goes back. */
    @Test
    void whoSignsOutLeavesNothingToWhoComesNext() {
        api.createStore("madrid");
        Api other = Api.ofNewOrganization();
        PanelPage page = open(Look.ENGLISH, api, "/store/madrid/settings/api", "owner").isAt("API keys of Store madrid");
        page.link("Stores").click();
        page.isAt("Stores").button("Add store").click();
        page.field("Name").fill("Café Sol");

        page.page().evaluate("""
                () => {
                  addEventListener('pagehide', () => sessionStorage.setItem('left', document.body.textContent.trim()));
                  [...document.querySelectorAll('lk-person-menu button')].pop().click();
                }""");
        page.isAt("Sign in to Latchkey");
        assertThat(page.page().evaluate("sessionStorage.getItem('left')")).isEqualTo("");

        page.page().evaluate("""
                () => {
                  window.isKept = true;
                  dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
                }""");
        page.page().waitForFunction("!window.isKept");
        page.isAt("Sign in to Latchkey").go("/sign-in#" + linkTo(other, "owner")).isAt("API keys");
        assertThat(page.page()).hasURL(Pattern.compile("/keys$"));
    }
}
