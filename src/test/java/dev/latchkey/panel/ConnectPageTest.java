package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import java.util.Map;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import dev.latchkey.credential.FakeAuthorization;
import dev.latchkey.testing.Api;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A person is sent to a provider's page, agrees or does not, comes back to the credential's page, and is told how it ended. */
@QuarkusTest
@NullUnmarked
class ConnectPageTest extends BrowserTest {

    /** Where tests say that people reach the service; it listens elsewhere. */
    private static final String PUBLIC = "http://localhost:8081";

    private Api api;
    private FakeAuthorization server;

    @BeforeEach
    void aNewOrganizationAndAnAuthorizationServer() {
        api = Api.ofNewOrganization();
        server = new FakeAuthorization();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void whoStoresAnAccountAgreesAtTheProviderAndComesBackConnected(Look look) {
        PanelPage page = open(look, api, "/credentials", "developer");
        publicly(page.isAt(page.says("frame.pages.credentials")));
        store(page, Map.of("name", "Marketplace", "data.clientId", FakeAuthorization.CLIENT, "data.clientSecret",
                server.clientSecret, "data.tokenUrl", server.url() + "/token", "data.authorizeUrl",
                server.url() + "/authorize?tenant=7", "data.scopes", "stock.read orders.read", "baseUrl", server.url(),
                "test.url", "/me"));

        page.isAt("Marketplace");
        assertThat(page.page().locator(".standing")).containsText(page.says("credentials.status.unknown"));
        page.fits().isAccessible().screenshot("credential-not-connected");
        begin(page, "connect");
        assertThat(page.page()).hasURL(Pattern.compile(".*/authorize\\?tenant=7&.*"));
        page.link("Allow").click();
        back(page);

        page.isAt("Marketplace");
        assertThat(page.page().locator(".outcome")).containsText(page.says("credentials.outcome.connected"));
        assertThat(page.page().locator(".outcome")).isFocused();
        assertThat(page.page().locator(".standing")).containsText(page.says("credentials.status.green"));
        assertThat(page.page()).hasURL(Pattern.compile(".*/credentials/[0-9a-f-]{36}$"));
        page.fits().isAccessible().screenshot("credential-connected");
        if (look.isSpanish()) {
            page.speaksSpanish();
        }
        api.asOwner().get("/api/v1/credentials").then().body("items[0].status", equalTo("green"));
    }

    @Test
    void whoDoesNotAgreeIsToldSoAndWhatStoodStands() {
        String id = stored();
        PanelPage page = open(Look.SPANISH, api, "/credentials/" + id, "developer");
        publicly(page.isAt("Marketplace"));
        begin(page, "connect");
        page.link("Deny").click();
        back(page);

        Locator outcome = page.page().locator(".outcome");
        assertThat(outcome).containsText(page.says("credentials.outcome.notConnected"));
        assertThat(outcome).containsText(page.says("credentials.outcome.denied"));
        assertThat(page.page().locator(".standing")).containsText(page.says("credentials.status.unknown"));
        page.speaksSpanish();
        page.button(page.says("elements.close")).click();
        assertThat(outcome).hasCount(0);
        api.asOwner().get("/api/v1/activity?targetId=" + id).then().body("items.action", hasItem("credential.connect_failed"));
    }

    @Test
    void whereHowItEndedCannotBeReadThatIsSaidAndAskedForAgain() {
        String id = stored();
        PanelPage page = open(Look.ENGLISH, api, "/credentials/" + id, "developer").expecting(503);
        publicly(page.isAt("Marketplace"));
        begin(page, "connect");
        page.link("Deny").click();
        String ending = "**/api/v1/activity?targetId=" + id + "&limit=20";
        page.page().route(ending, KeysPageTest::unavailable);
        back(page);

        page.isAt("Marketplace");
        assertThat(page.text("Not available at the moment")).isVisible();
        page.page().unroute(ending);
        page.button("Try again").click();
        assertThat(page.page().locator(".outcome")).containsText(page.says("credentials.outcome.denied"));
        assertThat(page.page().locator(".outcome")).isFocused();
        assertThat(page.text("Not available at the moment")).hasCount(0);
    }

    @Test
    void whatDiedIsConnectedAgainAndATokenIsRenewedNow() {
        String id = stored();
        PanelPage page = open(Look.ENGLISH, api, "/credentials/" + id, "developer");
        publicly(page.isAt("Marketplace"));
        begin(page, "connect");
        page.link("Allow").click();
        back(page);
        page.isAt("Marketplace");
        assertThat(page.page().locator(".renewal")).containsText("in 1 hour");
        action(page, "refresh");
        assertThat(page.page().locator(".toast")).containsText("“Marketplace” has a new token.");

        server.withdraw();
        action(page, "refresh");
        assertThat(page.page().locator(".toast").last()).containsText("has no new token");
        assertThat(page.page().locator(".standing")).containsText("Does not work");
        assertThat(page.page().locator(".renewal .banner")).containsText("connect it again");
        page.screenshot("credential-died");

        begin(page, "reconnect");
        page.link("Allow").click();
        back(page);
        assertThat(page.page().locator(".outcome")).containsText("Connected");
        assertThat(page.page().locator(".standing")).containsText("Works");
        api.asOwner().get("/api/v1/credentials/" + id).then().body("status", equalTo("green"));
    }

    private String stored() {
        return api.aCredential().with("name", "Marketplace").of("oauth2", server.data()).with("baseUrl", server.url())
                .with("test", Map.of("url", "/me")).create();
    }

    private void begin(PanelPage page, String action) {
        begin(page, action, server.url(), PUBLIC + "/oauth2/callback");
    }

    /** An account of a service that is in no entry, with these fields. */
    static void store(PanelPage page, Map<String, String> fields) {
        page.button(page.says("credentials.create")).first().click();
        page.page().locator("[data-type=oauth2]").click();
        Locator form = page.dialog(page.says("credentials.form.create.title"));
        fields.forEach((name, value) -> form.locator("[name='" + name + "']").fill(value));
        form.locator("[type=submit]").click();
    }

    /** The page's first button says what is to be done; its dialog says where one goes, and where one comes back. */
    static void begin(PanelPage page, String action, String origin, String callback) {
        page.button(page.says("credentials.actions." + action)).click();
        Locator dialog = page.page().locator("dialog[open]");
        assertThat(dialog).containsText(origin.replace("http://", ""));
        assertThat(dialog).containsText(callback);
        dialog.locator("[data-go]").click();
    }

    /** From the page at the end of the way, which stands outside the panel. */
    static void back(PanelPage page) {
        page.link(page.look().isSpanish() ? "Volver" : "Go back").click();
    }

    private static void action(PanelPage page, String action) {
        page.page().locator("lk-credential-menu > button").click();
        page.page().locator("[data-action=" + action + "]").click();
    }

    /** As a server in front would lead there. */
    private static void publicly(PanelPage page) {
        page.context().route(PUBLIC + "/**", route -> route.fulfill(new Route.FulfillOptions().setStatus(302)
                .setHeaders(
                        Map.of("Location", route.request().url().replace(PUBLIC, "http://localhost:" + RestAssured.port)))));
    }
}
