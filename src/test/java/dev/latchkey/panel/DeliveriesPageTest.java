package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Pattern;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Behaviour;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.DeliveryRows;
import dev.latchkey.testing.Eventually;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Deliveries with their attempts, one sent again, and a span of time replayed to its end. */
@QuarkusTest
@NullUnmarked
class DeliveriesPageTest extends DeliveryPageCase {

    private static final int LOOK_MILLIS = 3_000;
    private static final int ASLEEP_MILLIS = 90_000;

    @Inject
    DataSource database;

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void oneThatWasGivenUpIsLookedIntoAndSentAgain(Look look) {
        receiver.behaving(Behaviour.failing(503));
        published("order.create", 1, "exhausted");
        PanelPage page = shown(look, "developer");
        assertThat(rows(page).locator("[data-state]")).hasText(page.says("deliveries.state.exhausted"));
        assertThat(rows(page)).containsText("HTTP 503");
        page.button("order.create").click();

        Locator dialog = page.dialog(page.says("deliveries.one"));
        assertThat(dialog.locator(".attempts > li")).hasCount(3);
        assertThat(dialog.locator("[data-attempt='3'] details")).hasAttribute("open", "");
        assertThat(dialog.locator("[data-attempt='3'] [data-status]")).hasText("503");
        assertThat(dialog.locator("[data-attempt='3'] .terminal-outcome"))
                .containsText(look.isSpanish() ? "respondió 503: falló al procesarlo" : "answered 503: it failed at it");
        dialog.locator("[data-attempt='1'] summary").focus();
        page.press("Enter");
        assertThat(dialog.locator("[data-attempt='1'] .terminal")).isVisible();
        assertThat(dialog.locator(".delivery-id code")).hasText("order-create-0");
        page.fits().isAccessible().screenshot("delivery");
        if (look.isSpanish()) {
            page.speaksSpanish();
        }

        receiver.behaving(Behaviour.healthy());
        dialog.locator("[data-do=retry]").click();
        assertThat(dialog.locator("[data-attempt='4'] [data-status]")).hasText("200");
        assertThat(dialog.locator(".delivery-standing")).containsText(page.says("deliveries.state.delivered"));
        assertThat(page.page().locator(".toast")).containsText("HTTP 200");
        assertThat(receiver.accepted("order-create-0")).isEqualTo(1);
        page.press("Escape");
        assertThat(dialog).hasCount(0);
        assertThat(rows(page).locator("[data-state]")).hasText(page.says("deliveries.state.delivered"));
        assertThat(page.page()).hasURL(Pattern.compile("/webhooks/" + webhook + "$"));
        assertThat(page.button("order.create")).isFocused();
    }

    @Test
    void oneIsSentAgainFromItsRowAndWhatFailsAgainIsSaid() {
        receiver.behaving(Behaviour.failing(503));
        published("order.create", 1, "exhausted");
        PanelPage page = shown(Look.ENGLISH, "developer");
        rows(page).locator("[data-do=retry]").click();
        assertThat(page.page().locator(".toast-warning")).containsText("order.create was sent again and failed.");
        Eventually.holds(() -> assertThat(states("order.create")).containsOnly("exhausted"));
        assertThat(rows(page).locator("[data-state]")).hasText("Given up");

        api.asOwner().contentType("application/merge-patch+json").body(Map.of("active", false))
                .patch("/api/v1/webhooks/" + webhook).then().statusCode(200);
        page.page().reload();
        page.isAt(NAME);
        assertThat(rows(page).locator("[data-state]")).hasText("Given up");
        assertThat(page.page().locator("[data-do]")).hasCount(0);
    }

    @Test
    void whatIsTriedAgainFromWhatWasSaidOrLeftToItselfIsFollowedToo() {
        receiver.behaving(Behaviour.failing(503));
        published("order.create", 1, "exhausted");
        receiver.behaving(Behaviour.healthy());
        PanelPage page = shown(Look.ENGLISH, "developer").expecting(503);
        String retry = "**/api/v1/deliveries/*/retry";
        page.page().route(retry, KeysPageTest::unavailable);
        rows(page).locator("[data-do=retry]").click();
        Locator again = page.page().locator(".toast").getByRole(AriaRole.BUTTON,
                new Locator.GetByRoleOptions().setName("Try again").setExact(true));
        assertThat(again).isVisible();
        page.page().unroute(retry);
        again.click();
        assertThat(rows(page).locator("[data-state]")).hasText("Delivered");
        assertThat(page.page().locator(".toast").getByText("HTTP 200")).isVisible();

        // The dialog is closed before the answer is there.
        Held held = Held.of(page, retry, "POST");
        page.button("order.create").click();
        Locator dialog = page.dialog("Delivery");
        dialog.locator("[data-do=retry]").click();
        held.awaits(1);
        page.press("Escape");
        assertThat(dialog).hasCount(0);
        held.resume();
        Eventually.holds(() -> assertThat(receiver.accepted("order-create-0")).isEqualTo(2));
        assertThat(rows(page)).containsText("5 attempts");
        assertThat(rows(page).locator("[data-state]")).hasText("Delivered");
    }

    @Test
    void filtersNarrowTheListAndStandInTheAddress() {
        published("order.create", 2, "delivered");
        receiver.behaving(Behaviour.failing(500));
        published("product.update", 1, "exhausted");
        PanelPage page = shown(Look.ENGLISH, "viewer").expecting(422);
        assertThat(rows(page)).hasCount(3);
        Locator filters = page.page().locator(".deliveries search");
        filters.locator("[name=state]").selectOption("exhausted");
        assertThat(rows(page)).hasCount(1);
        assertThat(rows(page)).containsText("product-update-0");
        filters.locator("[name=type]").selectOption("order.create");
        assertThat(page.page().locator(".section-none").first()).containsText("No delivery matches these filters.");
        page.button("Clear filters").first().click();
        filters.locator("[name=span]").selectOption("hour");
        filters.locator("[name=event]").fill("order-create-1");
        assertThat(rows(page)).hasCount(1);
        assertThat(page.page()).hasURL(Pattern.compile("span=hour&event=order-create-1"));
        page.page().reload();
        page.isAt(NAME);
        assertThat(rows(page)).hasCount(1);
        assertThat(rows(page)).containsText("order-create-1");
        filters.locator("[name=event]").fill("no id at all");
        assertThat(rows(page)).hasCount(0);
    }

    @Test
    void aSpanIsReplayedToItsEnd() {
        receiver.behaving(Behaviour.failing(503));
        published("order.create", 5, "exhausted");
        receiver.behaving(Behaviour.healthy());
        PanelPage page = shown(Look.ENGLISH, "developer").expecting(422);
        page.button("Replay deliveries").click();
        Locator dialog = page.dialog("Replay deliveries");
        assertThat(dialog.locator("[name=span]")).hasValue("failing");
        assertThat(dialog.getByRole(AriaRole.STATUS)).containsText("5 deliveries will be sent again.");
        dialog.locator("[name=span]").selectOption("own");
        dialog.locator("[name=to]").fill("2020-01-01T00:00");
        dialog.locator("[type=submit]").click();
        assertThat(dialog.locator(".field-invalid")).containsText("Must be later than the beginning.");
        page.fits().isAccessible().screenshot("replay-new");
        dialog.locator("[name=to]").fill("");
        dialog.locator("[type=submit]").click();

        assertThat(page.page().locator(".replays tbody [data-state]")).hasText("Done");
        assertThat(page.page().locator(".replays tbody td.align-end")).hasText("5");
        assertThat(page.button("Replay deliveries")).isFocused();
        assertThat(page.page().locator(".toast").getByText("The replay is done: 5 deliveries are sent again.")).isVisible();
        Eventually.holds(() -> assertThat(states("order.create")).containsOnly("delivered"));
        assertThat(receiver.messages()).isEqualTo(5);
        page.page().locator(".deliveries .section-head button").click();
        assertThat(rows(page).locator("[data-state=delivered]")).hasCount(5);
    }

    @Test
    void oneThatIsUnderWayIsCancelled() {
        String replay = aReplayThatWaits();
        PanelPage page = shown(Look.SPANISH.dark().phone(), "developer");
        Locator running = page.page().locator(".replay-running");
        assertThat(running.getByRole(AriaRole.PROGRESSBAR)).isVisible();
        running.scrollIntoViewIfNeeded();
        page.fits().isAccessible().speaksSpanish().screenshot("replay");
        running.getByRole(AriaRole.BUTTON).click();
        page.dialog(page.says("deliveries.replay.cancel.title")).locator("[type=submit]").click();
        assertThat(page.page().locator(".replays tbody [data-state]"))
                .hasText(page.says("deliveries.replay.status.cancelled"));
        assertThat(running).hasCount(0);
        api.asOwner().get("/api/v1/replays/" + replay).then().body("status", equalTo("cancelled"));
        emptyTheQueue();
    }

    @Test
    void oneThatWaitsKeepsNoSessionAliveThatNobodyUses() {
        aReplayThatWaits();
        PanelPage page = shownWithAClock();
        looksAgain(page);

        page.page().clock().runFor(10 * ASLEEP_MILLIS);
        long before = looks(page);
        page.page().clock().runFor(10 * ASLEEP_MILLIS);
        assertThat(looks(page)).isEqualTo(before);
        page.press("Shift");
        looksAgain(page);

        page.page().evaluate("Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })");
        before = looks(page);
        page.page().clock().runFor(LOOK_MILLIS * 10);
        assertThat(looks(page)).isEqualTo(before);
        page.page().evaluate("delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))");
        looksAgain(page);
        emptyTheQueue();
    }

    @Test
    void oneThatIsGoneIsAskedForNoMore() {
        aReplayThatWaits();
        PanelPage page = shownWithAClock().expecting(404);
        assertThat(page.page().locator(".replay-running")).isVisible();
        page.page().route("**/api/v1/replays/*", route -> route.fulfill(new Route.FulfillOptions().setStatus(404)
                .setContentType("application/problem+json").setBody("{\"code\": \"not-found\"}")));
        Eventually.holds(() -> {
            page.page().clock().runFor(LOOK_MILLIS);
            assertThat(page.page().locator(".replay-running").count()).isZero();
        });

        long before = looks(page);
        page.page().clock().runFor(LOOK_MILLIS * 10);
        assertThat(looks(page)).isEqualTo(before);
        emptyTheQueue();
    }

    @Test
    void whoMayOnlyLookSeesAllOfItAndSendsNothing() {
        receiver.behaving(Behaviour.failingTimes(1));
        published("product.update", 2, "delivered");
        receiver.shut();
        published("order.create", 1, "exhausted");
        for (Look look : Look.BOTH) {
            PanelPage page = shown(look, "viewer");
            assertThat(rows(page)).hasCount(3);
            assertThat(page.page().locator("[data-do]")).hasCount(0);
            page.fits().isAccessible().screenshot("deliveries");
            if (look.isSpanish()) {
                page.speaksSpanish();
            }
            page.button("order.create").click();
            Locator dialog = page.dialog(page.says("deliveries.one"));
            assertThat(dialog.locator("[data-attempt='3'] .phase-failed")).isVisible();
            assertThat(dialog.locator("[data-do=retry]")).hasCount(0);
            page.fits().isAccessible().screenshot("delivery-refused");
        }
    }

    /**
     * A long queue keeps a replay waiting; what fills it are rows, since nobody publishes five thousand events in a test.
     *
     * @return the replay's id
     */
    private String aReplayThatWaits() {
        Behind behind = new Behind(database);
        DeliveryRows rows = new DeliveryRows(behind, behind.organization(api));
        rows.hold(webhook);
        Instant at = DeliveryRows.ago(1, ChronoUnit.HOURS);
        rows.many(webhook, "w", "pending", at, 5001);
        rows.many(webhook, "x", "exhausted", at, 3);
        return api.asOwner().body(Map.of("from", at.toString())).post("/api/v1/webhooks/" + webhook + "/replay").then()
                .statusCode(202).extract().path("id");
    }

    private void emptyTheQueue() {
        Behind behind = new Behind(database);
        behind.execute("delete from webhook_queue where organization_id = ?", behind.organization(api));
    }

    private PanelPage shownWithAClock() {
        PanelPage page = shown(Look.ENGLISH, "developer");
        page.go("about:blank");
        page.page().clock().install();
        return page.go("/webhooks/" + webhook).isAt(NAME);
    }

    private static void looksAgain(PanelPage page) {
        long before = looks(page);
        Eventually.holds(() -> {
            page.page().clock().runFor(LOOK_MILLIS);
            assertThat(looks(page)).isGreaterThan(before);
        });
    }

    /** How often a replay was looked at so far. */
    private static long looks(PanelPage page) {
        return page.requests().stream().filter(request -> request.url().contains("/api/v1/replays/")).count();
    }
}
