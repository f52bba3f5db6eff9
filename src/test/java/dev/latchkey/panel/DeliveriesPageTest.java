package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Behaviour;
import dev.latchkey.testing.Eventually;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Deliveries with their attempts, narrowed by filters, and one sent again. */
@QuarkusTest
@NullUnmarked
class DeliveriesPageTest extends DeliveryPageCase {

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
}
