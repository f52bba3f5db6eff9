package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import com.microsoft.playwright.APIResponse;
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

/** A span of time replayed to its end, under the eyes of who began it. */
@QuarkusTest
@NullUnmarked
class ReplaysPageTest extends DeliveryPageCase {

    private static final int LOOK_MILLIS = 3_000;
    private static final int ASLEEP_MILLIS = 90_000;

    @Inject
    DataSource database;

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
    void whatIsShownStaysWhileOneRunsAndGoesOn() {
        aReplayThatWaits();
        PanelPage page = shownWithAClock();
        goesOn(page);
        page.page().locator(".deliveries .list-more button").click();
        assertThat(rows(page)).hasCount(40);
        Held.of(page, "**/deliveries?limit=40", "GET");
        looksAgain(page);
        awaits(page, "/deliveries?limit=40");

        // A further page comes before what nobody asked for, and is not given up for it.
        Held further = Held.of(page, "**/deliveries?limit=20&cursor=*", "GET");
        page.page().locator(".deliveries .list-more button").click();
        further.awaits(1);
        looksAgain(page);
        looksAgain(page);
        further.awaits(1).resume();
        assertThat(rows(page)).hasCount(60);
        awaits(page, "/deliveries?limit=60");
        looksAgain(page);
        assertThat(rows(page)).hasCount(60);
        emptyTheQueue();
    }

    @Test
    void oneThatHasBegunIsWatchedThoughTheListDoesNotCome() {
        receiver.behaving(Behaviour.failing(503));
        published("order.create", 1, "exhausted");
        receiver.behaving(Behaviour.healthy());
        PanelPage page = shown(Look.ENGLISH, "developer").expecting(503);
        Locator replays = page.page().locator(".replays");
        assertThat(replays).containsText("Nothing was replayed yet.");
        page.page().route("**/api/v1/webhooks/*/replays?*", KeysPageTest::unavailable);
        page.button("Replay deliveries").click();
        page.dialog("Replay deliveries").locator("[type=submit]").click();

        assertThat(replays).containsText("Not available at the moment");
        assertThat(replays).not().containsText("Nothing was replayed yet.");
        assertThat(replays.locator("tbody [data-state]")).hasText("Done");
        assertThat(page.page().locator(".toast").getByText("The replay is done: 1 delivery is sent again.")).isVisible();
        page.page().unroute("**/api/v1/webhooks/*/replays?*");
        replays.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Try again").setExact(true)).click();
        assertThat(replays).not().containsText("Not available at the moment");
        assertThat(replays.locator("tbody tr")).hasCount(1);
    }

    /** Until that was asked for. */
    private static void awaits(PanelPage page, String address) {
        Eventually.holds(() -> {
            page.page().evaluate("1");
            assertThat(page.requests()).anyMatch(request -> request.url().endsWith(address));
        });
    }

    /** Each look finds that more was put back since. */
    private static void goesOn(PanelPage page) {
        AtomicInteger looks = new AtomicInteger();
        page.page().route("**/api/v1/replays/*", route -> {
            APIResponse answer = route.fetch();
            route.fulfill(new Route.FulfillOptions().setResponse(answer)
                    .setBody(answer.text().replaceFirst("\"replayed\":\\d+", "\"replayed\":" + looks.incrementAndGet())));
        });
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
