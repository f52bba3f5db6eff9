package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.credential.FakeProvider;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes wrong is told by the bell, in sight and aloud, once, with the way to what mends it. */
@QuarkusTest
@NullUnmarked
class BellTest extends BrowserTest {

    private static final int POLL_MILLIS = 90_000;

    private Api api;
    private FakeProvider provider;
    private String credential;

    @BeforeEach
    void aCredentialThatWorks() {
        api = Api.ofNewOrganization();
        provider = FakeProvider.start();
        provider.answers(200, "{}");
        credential = api.aCredential().basic("sync", CredentialBuilder.aSecret()).testedAt(provider.url()).create();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void aFaultIsToldWhileOneWorksAndLeadsToWhatMendsIt(Look look) {
        PanelPage page = signedIn(look, "developer");
        page.go("about:blank");
        page.page().clock().install();
        page.go("/stores").isAt(page.says("frame.pages.stores"));
        assertThat(bell(page)).hasAccessibleName(page.says("notices.bell"));
        assertThat(said(page)).hasText("");

        fails();
        page.page().clock().runFor(POLL_MILLIS + 1_000);
        assertThat(page.page().locator(".navigation .bell-count")).hasText("1");
        assertThat(bell(page)).hasAccessibleName(look.isSpanish() ? "Notificaciones, 1 sin leer" : "Notifications, 1 unread");
        String title = api.as("developer").header("Accept-Language", look.locale()).get("/api/v1/notifications")
                .path("items[0].title");
        assertThat(said(page)).hasText(Pattern.compile("^(New notification|Nueva notificación): " + Pattern.quote(title)
                .replace("\\Q", "").replace("\\E", "") + "$"));
        bell(page).click();
        Locator notice = popover(page).locator("[data-kind='credential.failing']");
        assertThat(notice).hasAttribute("data-unread", "");
        page.fits().isAccessible().screenshot("bell");
        if (look.isSpanish()) {
            page.speaksSpanish();
        }

        notice.getByRole(AriaRole.LINK).click();
        page.isAt("ERP stock");
        assertThat(popover(page)).isHidden();
        assertThat(page.page().locator(".navigation .bell-count")).hasCount(0);
        provider.answers(200, "{}");
        page.button(page.says("credentials.actions.test")).click();
        assertThat(page.page().locator(".standing-green")).isVisible();
        bell(page).click();
        assertThat(popover(page).locator("[data-kind='credential.recovered'][data-unread]")).hasCount(1);
        assertThat(popover(page).locator("[data-kind='credential.failing']")).containsText(page.says("notices.resolved"));
    }

    @Test
    void whatWasReadStaysReadHereAndInOtherTabs() {
        fails();
        api.setActive(false);
        api.setActive(true);
        PanelPage page = signedIn(Look.ENGLISH, "owner");
        Page other = page.context().newPage();
        other.navigate("/notifications");
        assertThat(other.locator(".notice[data-unread]")).hasCount(3);
        assertThat(page.page().locator(".navigation .bell-count")).hasText("3");

        bell(page).click();
        Locator first = popover(page).locator("[data-kind='credential.failing']");
        first.getByRole(AriaRole.BUTTON).click();
        assertThat(first).not().hasAttribute("data-unread", "");
        assertThat(popover(page)).isFocused();
        assertThat(page.page().locator(".navigation .bell-count")).hasText("2");
        assertThat(other.locator(".notice[data-unread]")).hasCount(2);
        assertThat(other.locator(".navigation .bell-count")).hasText("2");

        other.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Mark all as read").setExact(true)).first()
                .click();
        assertThat(other.getByText("2 notifications are marked as read.")).isVisible();
        assertThat(page.page().locator(".navigation .bell-count")).hasCount(0);
        page.page().reload();
        bell(page).click();
        assertThat(popover(page).locator(".notice")).hasCount(3);
        assertThat(popover(page).locator(".notice[data-unread]")).hasCount(0);
        assertThat(api.as("owner").get("/api/v1/notifications").<Integer> path("unread")).isZero();

        // Each has a read state of his own.
        assertThat(given().auth().oauth2(Tokens.of(api.organization(), "eva", "viewer")).get("/api/v1/notifications")
                .<Integer> path("unread")).isEqualTo(3);
    }

    @Test
    void itIsUsedByTheKeyboardAlone() {
        fails();
        PanelPage page = signedIn(Look.ENGLISH, "viewer");
        assertThat(page.page().locator(".navigation .bell-count")).hasText("1");
        bell(page).focus();
        page.press("Enter");
        assertThat(popover(page)).isFocused();
        page.press("Tab").press("Tab");
        assertThat(popover(page).locator(".notice a")).isFocused();
        page.press("Escape");
        assertThat(popover(page)).isHidden();
        assertThat(bell(page)).isFocused();

        page.press("Enter");
        assertThat(popover(page)).isFocused();
        page.press("Tab").press("Tab").press("Tab").press("Enter");
        assertThat(page.page().locator(".navigation .bell-count")).hasCount(0);
        assertThat(popover(page)).isFocused();
        page.press("Tab").press("Tab");
        assertThat(popover(page).locator(".bell-foot a")).isFocused();
        page.press("Enter");
        page.isAt("Notifications");
        assertThat(page.page().locator(".notice[data-unread]")).hasCount(0);
    }

    @Test
    void whatIsMarkedQuicklyIsReadEverywhereAndWhatIsRefusedIsUnreadAgain() {
        fails();
        api.setActive(false);
        api.setActive(true);
        PanelPage page = open(Look.ENGLISH, api, "/notifications", "owner").isAt("Notifications").expecting(503);
        Page other = page.context().newPage();
        other.navigate("/notifications");
        String unread = ".notices-page > li[data-unread]";
        assertThat(other.locator(unread)).hasCount(3);

        String read = "**/api/v1/notifications/*/read";
        page.page().route(read, KeysPageTest::unavailable);
        page.page().locator(unread).first().getByRole(AriaRole.BUTTON).click();
        Locator again = page.page().locator(".toast").getByRole(AriaRole.BUTTON,
                new Locator.GetByRoleOptions().setName("Try again").setExact(true));
        assertThat(again).isVisible();
        assertThat(page.page().locator(unread)).hasCount(3);
        assertThat(page.page().locator(".navigation .bell-count")).hasText("3");

        page.page().unroute(read);
        Held held = Held.of(page, read, "POST");
        again.click();
        assertThat(page.page().locator(unread)).hasCount(2);
        page.page().locator(unread).first().getByRole(AriaRole.BUTTON).click();
        held.awaits(2).resume();
        assertThat(page.page().locator(unread)).hasCount(1);
        assertThat(other.locator(unread)).hasCount(1);
        assertThat(other.locator(".navigation .bell-count")).hasText("1");
    }

    @Test
    void itKeepsNoSessionAliveThatNobodyUses() {
        PanelPage page = signedIn(Look.ENGLISH, "viewer");
        page.go("about:blank");
        page.page().clock().install();
        page.go("/keys").isAt("API keys");
        page.page().clock().runFor(5 * POLL_MILLIS);
        Eventually.holds(() -> assertThat(asked(page)).isGreaterThanOrEqualTo(5));

        page.page().clock().runFor(5 * POLL_MILLIS);
        long before = asked(page);
        page.page().clock().runFor(20 * POLL_MILLIS);
        assertThat(asked(page)).isEqualTo(before);
        page.press("Shift");
        page.page().clock().runFor(POLL_MILLIS);
        Eventually.holds(() -> assertThat(asked(page)).isGreaterThan(before));
    }

    @Test
    void whatComesStandsOnTopOfAllThatIsShown() {
        for (int i = 0; i < 17; i++) {
            api.setActive(false);
            api.setActive(true);
        }
        PanelPage page = signedIn(Look.ENGLISH, "developer");
        page.go("about:blank");
        page.page().clock().install();
        page.go("/notifications").isAt("Notifications");
        Locator notices = page.page().locator(".notices-page > li");
        assertThat(notices).hasCount(30);
        page.button("Show more").click();
        assertThat(notices).hasCount(34);
        List<String> before = shown(notices);

        fails();
        page.page().clock().runFor(POLL_MILLIS + 1_000);
        assertThat(notices).hasCount(35);
        assertThat(notices.first()).hasAttribute("data-kind", "credential.failing");
        assertThat(shown(notices).subList(1, 35)).isEqualTo(before);
        assertThat(page.button("Show more")).hasCount(0);
    }

    @Test
    void allOfThemAreThereForEverybody() {
        fails();
        api.setActive(false);
        for (Look look : Look.ALL) {
            PanelPage page = open(look, api, "/notifications", "viewer")
                    .isAt(look.isSpanish() ? "Notificaciones" : "Notifications");
            assertThat(page.page().locator(".notice[data-unread]")).hasCount(2);
            page.fits().isAccessible().screenshot("notifications");
            if (look.isSpanish()) {
                page.speaksSpanish();
            }
            bell(page).click();
            page.fits().isAccessible().screenshot("notifications-bell");
        }
        PanelPage page = open(Look.ENGLISH, api, "/notifications?kind=organization.suspended", "viewer").isAt("Notifications");
        assertThat(page.page().locator(".notice")).hasCount(1);
        assertThat(page.link("Open the settings")).hasAttribute("href", "/organization");
        page.page().locator("select[name=unread]").selectOption("false");
        assertThat(page.text("Nothing matches the filters")).isVisible();
        page.button("Clear filters").first().click();
        assertThat(page.page().locator(".notice")).hasCount(2);
    }

    /** Its provider refuses it from now on, which a test finds. */
    private void fails() {
        provider.answers(401, "");
        api.as("developer").body(Map.of()).post("/api/v1/credentials/" + credential + "/test").then().statusCode(200);
    }

    private PanelPage signedIn(Look look, String role) {
        return open(look, api, "/stores", role).isAt(look.isSpanish() ? "Tiendas" : "Stores");
    }

    private static List<String> shown(Locator notices) {
        return notices.all().stream().map(notice -> notice.getAttribute("data-notice")).toList();
    }

    private static long asked(PanelPage page) {
        return page.requests().stream().filter(request -> request.url().contains("/api/v1/notifications")).count();
    }

    private static Locator bell(PanelPage page) {
        return page.page().locator(".bell:visible");
    }

    private static Locator popover(PanelPage page) {
        return page.page().locator(page.look().width() < 500 ? ".bar .bell-popover" : ".navigation .bell-popover");
    }

    private static Locator said(PanelPage page) {
        return page.page().locator("lk-notices-said p");
    }
}
