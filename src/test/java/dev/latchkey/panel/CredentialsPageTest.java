package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.credential.FakeProvider;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The list of third-party credentials: how each stands at a glance, and what may be done about it. */
@QuarkusTest
@NullUnmarked
class CredentialsPageTest extends BrowserTest {

    private static final String TITLE = "Credentials";
    private static final Pattern LIST = Pattern.compile(".*/api/v1/credentials\\?.*");

    private Api api;
    private FakeProvider provider;

    @BeforeEach
    void aNewOrganizationAndAProvider() {
        api = Api.ofNewOrganization();
        provider = FakeProvider.start();
        provider.answers(200, "{}");
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void eachRowSaysHowItStandsInWordsAndIsTestedAgainAtOnce() {
        tested("ERP stock", 200);
        PanelPage page = open(Look.ENGLISH, api, "/credentials", "developer").isAt(TITLE);
        Locator row = row(page, "ERP stock");
        assertThat(row.locator(".credential-name")).containsText("Another service · User name and password");
        assertThat(row.locator("[data-state]")).hasText("Works");
        assertThat(row.getByText("The provider accepts these credentials.")).isVisible();
        assertThat(row.getByText("just now")).isVisible();

        provider.answers(401, "");
        page.button("Test ERP stock again").click();
        assertThat(row.locator("[data-state]")).hasText("Does not work");
        assertThat(row.getByText("The provider does not accept these credentials.")).isVisible();
        assertThat(page.page().locator(".toast")).containsText("What to do: Copy the credentials from the provider again");
        api.asOwner().get("/api/v1/credentials").then().body("items[0].status", equalTo("red"));
    }

    @Test
    void eachFilterNarrowsTheListAndStandsInTheAddress() {
        api.createStore("madrid");
        tested("Works", 200);
        tested("Broken", 401);
        api.aCredential().with("name", "Madrid alone").with("store", "madrid").of("bearer", Map.of("token", "a-token-of-tests"))
                .create();
        api.aCredential().with("name", "Shop").with("provider", "woocommerce").create();
        PanelPage page = open(Look.ENGLISH, api, "/credentials", "viewer").isAt(TITLE);
        shows(page, "Shop", "Madrid alone", "Broken", "Works");
        assertThat(page.text("4 credentials")).isVisible();

        Stream.of("status=red:Broken", "type=bearer:Madrid alone", "provider=woocommerce:Shop",
                "status=unknown:Shop,Madrid alone").forEach(each -> {
                    String[] part = each.split("[=:]");
                    KeysPageTest.filter(page, part[0], part[1]);
                    shows(page, part[2].split(","));
                    assertThat(page.page()).hasURL(Pattern.compile(".*/credentials\\?" + part[0] + "=" + part[1] + "$"));
                    KeysPageTest.filter(page, part[0], "");
                });
        KeysPageTest.filter(page, "status", "yellow");
        assertThat(page.text("No credential matches")).isVisible();
        page.page().locator(".state").getByRole(AriaRole.BUTTON).click();
        shows(page, "Shop", "Madrid alone", "Broken", "Works");

        page.go("/store/madrid/settings/credentials").isAt("Credentials of Store madrid");
        shows(page, "Shop", "Madrid alone", "Broken", "Works");
        assertThat(KeysPageTest.filterOf(page, "store")).hasCount(0);
    }

    @Test
    void anEmptyListSaysWhatToDoAndRolesSeeWhatTheyMayDo() {
        PanelPage owner = open(Look.ENGLISH, api, "/credentials", "owner").isAt(TITLE);
        assertThat(owner.text("No credentials yet")).isVisible();
        owner.page().locator(".state").getByRole(AriaRole.BUTTON).click();
        assertThat(owner.dialog("Which service?")).isVisible();

        PanelPage viewer = open(Look.ENGLISH, api, "/credentials", "viewer").isAt(TITLE);
        assertThat(viewer.text("No credentials yet")).isVisible();
        assertThat(viewer.page().locator("main button")).hasCount(0);
        String id = tested("ERP stock", 401);
        viewer.go("/credentials/" + id).isAt("ERP stock");
        assertThat(viewer.page().locator(".standing")).containsText("Does not work");
        assertThat(viewer.page().locator("main button:not(lk-copy button, [data-section=activity] button)")).hasCount(0);

        // Nobody is let in as a platform by a link.
        PanelPage platform = open(Look.ENGLISH, "/keys");
        platform.field("Sign-in link or token").fill(Tokens.of(api.organization(), "shop-platform", "platform"));
        platform.press("Enter").isSignedIn().isAt("API keys");
        assertThat(platform.page().locator("lk-navigation").getByText(TITLE)).hasCount(0);
        platform.go("/credentials").isAt("This is not open to you");
    }

    @Test
    void aListThatCannotBeReadSaysSoAndRowsThatStandStay() {
        tested("ERP stock", 200);
        PanelPage page = open(Look.ENGLISH, api, "/review", "viewer").isAt("Review").expecting(503);
        page.page().route(LIST, KeysPageTest::unavailable);
        page.link(TITLE).click();
        assertThat(page.text("Not available at the moment")).isVisible();
        page.page().unroute(LIST);
        page.button("Try again").click();
        shows(page, "ERP stock");

        page.page().route(LIST, KeysPageTest::unavailable);
        page.page().locator("lk-person-menu button").first().click();
        page.radio("Español").check();
        assertThat(page.page().locator(".banner-error")).isVisible();
        shows(page, "ERP stock");
    }

    @Test
    void everybodyCanUseIt() {
        api.createStore("madrid");
        tested("Existencias", 200);
        tested("Facturas", 403);
        tested("Antiguo", 401);
        api.aCredential().with("name", "Envíos").with("provider", "woocommerce").with("store", "madrid").create();
        for (Look look : Look.BOTH) {
            PanelPage page = open(look, api, "/credentials", "owner");
            page.isAt(page.says("frame.pages.credentials"));
            shows(page, "Envíos", "Antiguo", "Facturas", "Existencias");
            assertThat(page.page().locator("lk-credential-findings .finding")).hasCount(4);
            page.fits().isAccessible().screenshot("credentials");
            if (look.isSpanish()) {
                page.speaksSpanish();
            }
            row(page, "Envíos").locator("lk-credential-menu > button").click();
            assertThat(page.page().locator("[role=menuitem]").first()).isFocused();
            page.press("End").press("Escape");
            assertThat(row(page, "Envíos").locator("lk-credential-menu > button")).isFocused();
        }
    }

    private String tested(String name, int status) {
        provider.answers(200, "{}");
        String id = api.aCredential().with("name", name).testedAt(provider.url()).create();
        if (status != 200) {
            provider.answers(status, "");
            api.asOwner().post("/api/v1/credentials/" + id + "/test").then().statusCode(200);
        }
        return id;
    }

    static Locator row(PanelPage page, String name) {
        return page.page().locator("main tbody tr").filter(new Locator.FilterOptions()
                .setHas(page.page().getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true))));
    }

    /** These credentials and no others, in this order. */
    static void shows(PanelPage page, String... names) {
        assertThat(page.page().locator("main tbody .credential-name > a")).hasText(names);
    }
}
