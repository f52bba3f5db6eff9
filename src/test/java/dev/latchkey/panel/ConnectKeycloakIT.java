package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Marketplace;
import io.restassured.RestAssured;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * In a real browser against a real identity provider: a person is sent to a login page that nobody here has written, signs in
 * there, and comes back to the panel of the packaged application.
 */
@Tag("keycloak")
class ConnectKeycloakIT extends BrowserTest {

    /** So short that it is soon found out what was withdrawn. */
    private static final Duration LIFETIME = Duration.ofSeconds(12);

    private static Marketplace marketplace;

    private final Api api = Api.ofNewOrganization();

    @BeforeAll
    static void start() {
        marketplace = Marketplace.start(LIFETIME);
        RestAssured.port = URI.create(marketplace.latchkey().baseUrl()).getPort();
    }

    /** After all pages are closed, which would complain of it. */
    @AfterAll
    static void stop() {
        RestAssured.reset();
        marketplace.close();
    }

    @Test
    void anAccountIsConnectedThroughItsLoginPageAndAgainAfterItsSessionWasEndedThere() {
        String issuer = marketplace.keycloak().issuer();
        PanelPage page = open(Look.ENGLISH, api, "/credentials", "developer").leadingTo(marketplace.keycloak().url());
        page.isAt(page.says("frame.pages.credentials"));
        ConnectPageTest.store(page, Map.of("name", "Marketplace", "data.clientId", Marketplace.CLIENT, "data.clientSecret",
                marketplace.clientSecret(), "data.issuer", issuer, "data.scopes", "openid", "baseUrl", issuer, "test.url",
                "/protocol/openid-connect/userinfo"));
        page.isAt("Marketplace");
        stands(page, "not-connected");

        connect(page, "connect");
        isConnected(page);

        String credential = page.page().url();
        marketplace.keycloak().signOut(Marketplace.USER);
        Eventually.holds(() -> api.asOwner().get("/api/v1/credentials").then().body("items[0].reason",
                equalTo("reauthorization-required")));
        page.go(credential).isAt("Marketplace");
        stands(page, "reauthorization-required");
        assertThat(page.page().locator(".standing")).containsText(page.says("credentials.status.red"));
        assertThat(page.page().locator(".standing")).containsText("Connect the credentials again");

        connect(page, "reconnect");
        isConnected(page);
        api.asOwner().get("/api/v1/credentials").then().body("items[0].status", equalTo("green"));
    }

    /** As whoever has an account there: through its login page, which asks each time that no session lives. */
    private static void connect(PanelPage page, String action) {
        ConnectPageTest.begin(page, action, marketplace.keycloak().url(), marketplace.callback());
        page.page().locator("[name=username]").fill(Marketplace.USER);
        page.page().locator("[name=password]").fill(marketplace.password());
        assertThat(page.page()).hasURL(startingWith(marketplace.keycloak().issuer()));
        page.page().locator("#kc-login").click();
        page.page().waitForURL(startingWith(marketplace.callback() + "?"));
        ConnectPageTest.back(page);
        page.isAt("Marketplace");
    }

    private static void isConnected(PanelPage page) {
        Locator outcome = page.page().locator(".outcome");
        assertThat(outcome).containsText(page.says("credentials.outcome.connected"));
        assertThat(outcome).containsText(page.says("credentials.outcome.passed"));
        stands(page, "valid");
        assertThat(page.page().locator(".standing")).containsText(page.says("credentials.status.green"));
        assertThat(page.page()).hasURL(Pattern.compile(".*/credentials/[0-9a-f-]{36}$"));
    }

    private static void stands(PanelPage page, String reason) {
        assertThat(page.page().locator(".standing")).hasAttribute("data-reason", reason);
    }

    private static Pattern startingWith(String url) {
        // JavaScript's regular expressions know no quoted parts.
        return Pattern.compile("^" + url.replaceAll("[.?]", "\\\\$0"));
    }
}
