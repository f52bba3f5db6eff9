package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What becomes of a webhook after its first day: it is paused, given another secret, deleted. */
@QuarkusTest
@NullUnmarked
class WebhookDialogsTest extends WebhookDialogCase {

    @Test
    void aWebhookIsPausedResumedAndDeletedByWhoKnowsWhatThatMeans() {
        String id = made(Map.of("description", "ERP"));
        PanelPage page = webhooks(Look.ENGLISH);
        act(page, "ERP", "pause");
        assertThat(page.dialog("Pause this webhook?")).containsText("not sent to it, not later either");
        submit(page.dialog("Pause this webhook?"));
        assertThat(WebhooksPageTest.row(page, "ERP").locator("[data-state]")).hasText("Paused");
        api.asOwner().get(ROOT + "/" + id).then().body("active", equalTo(false));

        act(page, "ERP", "resume");
        assertThat(WebhooksPageTest.row(page, "ERP").locator("[data-state]")).hasText("Active");
        page.link("ERP").click();
        page.isAt("ERP").page().locator("main lk-webhook-menu > button").click();
        page.page().locator("[data-action=delete]").click();
        Locator question = page.dialog("Delete this webhook?");
        assertThat(question).containsText("Deliveries that wait for it become cancelled.");
        submit(question);
        page.isAt("Webhooks");
        assertThat(page.text("No webhooks yet")).isVisible();
        api.asOwner().get(ROOT + "/" + id).then().statusCode(404);
    }

    @Test
    void oneThatIsGoneAfterALostAnswerIsDeleted() {
        String id = made(Map.of("description", "ERP"));
        PanelPage page = webhooks(Look.ENGLISH).expecting(404, 502);
        AtomicInteger calls = new AtomicInteger();
        page.page().route("**" + ROOT + "/" + id, route -> loseFirst(route, "DELETE", calls));
        act(page, "ERP", "delete");
        Locator question = page.dialog("Delete this webhook?");
        submit(question);
        assertThat(question.getByText(page.says("problems.internal.title"))).isVisible();
        button(question, "Try again").click();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        assertThat(page.text("No webhooks yet")).isVisible();
        api.asOwner().get(ROOT + "/" + id).then().statusCode(404);
    }

    /** The first is carried out, but its answer is lost. */
    private static void loseFirst(Route route, String method, AtomicInteger calls) {
        if (!route.request().method().equals(method) || calls.incrementAndGet() > 1) {
            route.resume();
        } else {
            lose(route);
        }
    }

    @Test
    void aNewSecretIsShownOnceWhileTheOneBeforeSignsOn() {
        String id = made(Map.of("description", "ERP", "url", receiver.url()));
        PanelPage page = webhooks(Look.ENGLISH);
        String first = rotate(page, "P7D");
        assertThat(page.page().locator("main")).not().containsText("whsec_");
        page.link("ERP").click();
        assertThat(page.isAt("ERP").page().locator(".fact-overlap")).containsText("signed with the secret before, too");
        page.go("/webhooks").isAt("Webhooks");
        String second = rotate(page, "PT24H");
        dummy(id);
        assertThat(receiver.last().signature().split(" ")).hasSize(2);
        assertThat(receiver.last().isSignedWith(first)).isTrue();
        assertThat(receiver.last().isSignedWith(second)).isTrue();

        String third = rotate(page, "PT0S");
        dummy(id);
        assertThat(receiver.last().signature().split(" ")).hasSize(1);
        assertThat(receiver.last().isSignedWith(third)).isTrue();
    }

    @Test
    void everybodyCanUseTheDialogs() {
        api.createStore("madrid");
        String id = made(Map.of("description", "ERP", "headers", Map.of("X-Tenant", "acme")));
        api.asOwner().body(Map.of("overlap", "P7D")).post(ROOT + "/" + id + "/rotate-secret").then().statusCode(200);
        for (Look look : Look.BOTH) {
            PanelPage page = webhooks(look);
            page.button(page.says("webhooks.editOf", Map.of("name", "ERP"))).click();
            Locator dialog = page.dialog(page.says("webhooks.form.edit.title"));
            assertThat(dialog.locator(".event-example")).isVisible();
            looksGood(page, "webhook-edit");
            dialog.locator(".event-example").evaluate("element => element.scrollIntoView({block: 'center'})");
            page.screenshot("webhook-edit-events");
            dialog.locator(".form-section").last().evaluate("element => element.scrollIntoView({block: 'end'})");
            page.screenshot("webhook-edit-end");
            page.press("Escape");
            for (String action : List.of("pause", "delete", "rotate")) {
                act(page, "ERP", action);
                assertThat(page.page().locator("dialog[open]")).hasCount(1);
                looksGood(page, "webhook-" + action);
                page.press("Escape");
                assertThat(page.page().locator("dialog[open]")).hasCount(0);
            }
            act(page, "ERP", "rotate");
            page.page().locator("lk-rotate-secret [type=submit]").click();
            assertThat(page.page().locator(".shown-once")).isFocused();
            page.press("Escape");
            assertThat(page.page().locator(".acknowledge .error")).isVisible();
            looksGood(page, "webhook-secret");
        }
    }

    private static void act(PanelPage page, String name, String action) {
        Locator row = WebhooksPageTest.row(page, name);
        row.locator("lk-webhook-menu > button").click();
        row.locator("[data-action=" + action + "]").click();
    }

    private static String rotate(PanelPage page, String overlap) {
        act(page, "ERP", "rotate");
        Locator dialog = page.dialog("Rotate the secret");
        dialog.locator("[name=overlap]").selectOption(overlap);
        submit(dialog);
        return keep(page, "webhooks.secret.titleRotated");
    }
}
