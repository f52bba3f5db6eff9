package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The form of a webhook, new or edited: what is wrong is told where it stands, and nothing typed is lost. */
@QuarkusTest
@NullUnmarked
class WebhookFormTest extends WebhookDialogCase {

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void aBadUrlIsToldAsItIsTypedAndAGoodOneIsAdded(Look look) {
        api.createStore("madrid");
        PanelPage page = webhooks(look).expecting(422);
        Locator dialog = add(page);
        Map.of("erp.example/hooks", "problems.field.url", "https://ana:secret@erp.example", "webhooks.url.user",
                "https://erp.example/#orders", "problems.field.urlFragment", "http://erp.example/", "webhooks.url.plain",
                "https://10.0.0.7/", "webhooks.url.inside", "https://erp example", "problems.field.urlBlanks")
                .forEach((typed, told) -> {
                    url(dialog).fill(typed);
                    assertThat(dialog.locator(".url-lack")).hasText(page.says(told));
                });
        url(dialog).fill("https://erp.invalid/hooks");
        assertThat(dialog.locator(".url-good")).containsText("erp.invalid");
        dialog.getByRole(AriaRole.SEARCHBOX).fill("order.cre");
        dialog.locator(".tick input").check();
        assertThat(dialog.locator("lk-event-example pre")).containsText("\"type\": \"order.create\"");
        submit(dialog);
        assertThat(dialog.locator(".field-invalid .error")).hasText(page.says("problems.field.away"));
        assertThat(url(dialog)).isFocused();
        looksGood(page, "webhook-refused");

        url(dialog).fill(receiver.url());
        dialog.getByRole(AriaRole.RADIO).nth(1).check();
        dialog.locator("lk-tick-groups").last().locator(".tick-head input").first().check();
        button(dialog, page.says("elements.headers.add")).click();
        dialog.locator("[name=header-name]").fill("X-Tenant");
        dialog.locator("[name=header-value]").fill("acme-0815");
        submit(dialog);
        String secret = keep(page, "webhooks.secret.titleCreated");

        assertThat(secret).startsWith("whsec_");
        assertThat(page.page().content()).doesNotContain(secret).doesNotContain("acme-0815");
        String id = api.asOwner().get(ROOT).then().body("items", hasSize(1)).body("items[0].url", equalTo(receiver.url()))
                .body("items[0].events", contains("order.create")).body("items[0].stores.key", contains("madrid"))
                .body("items[0].headers.X-Tenant.set", equalTo(true)).extract().path("items[0].id");
        assertThat(page.page()).hasURL(Pattern.compile(".*/webhooks/" + id));
        assertThat(page.page().locator(".standing")).containsText(page.says("webhooks.standing.active"));
        dummy(id);
        assertThat(receiver.last().isSignedWith(secret)).isTrue();
        assertThat(receiver.last().headers()).containsEntry("x-tenant", "acme-0815");
    }

    @Test
    void whatWasTypedSurvivesRefusalsLostAnswersAndEscape() {
        PanelPage page = webhooks(Look.ENGLISH).expecting(422, 502, 503);
        Locator dialog = add(page);
        url(dialog).fill(ELSEWHERE);
        dialog.getByLabel("What it is for").fill("Orders into the ERP");
        button(dialog, "Add header").click();
        dialog.locator("[name=header-name]").fill("webhook-id");
        dialog.locator("[name=header-value]").fill("mine");
        submit(dialog);
        assertThat(dialog.locator(".error").first()).containsText("Must have 1 to 200 entries.");
        dialog.getByRole(AriaRole.SEARCHBOX).fill("stock");
        dialog.locator(".tick input").check();
        submit(dialog);
        assertThat(dialog.locator(".header-row .error"))
                .hasText("Is a header of Standard Webhooks: the message sets it itself.");
        dialog.locator("[name=header-name]").fill("X-Tenant");
        page.press("Escape");
        button(page.dialog("Discard what you typed?"), "Go on editing").click();
        assertThat(dialog.getByLabel("What it is for")).hasValue("Orders into the ERP");

        AtomicInteger calls = new AtomicInteger();
        page.page().route("**" + ROOT, route -> answerBadly(route, calls));
        submit(dialog);
        assertThat(dialog.getByText("Not available at the moment")).isVisible();
        // The second is carried out, but its answer is lost.
        button(dialog, "Try again").click();
        assertThat(dialog.getByText(page.says("problems.internal.title"))).isVisible();
        button(dialog, "Try again").click();
        assertThat(keep(page, "webhooks.secret.titleCreated")).startsWith("whsec_");
        api.asOwner().get(ROOT).then().body("items", hasSize(1)).body("items[0].events", contains("stock.update"));
    }

    private static void answerBadly(Route route, AtomicInteger calls) {
        if (!route.request().method().equals("POST") || calls.incrementAndGet() > 2) {
            route.resume();
        } else if (calls.get() == 1) {
            KeysPageTest.unavailable(route);
        } else {
            lose(route);
        }
    }

    @Test
    void anEditSendsWhatWasChangedAndBringsTogetherWhatAnotherChanged() {
        String id = made(Map.of("description", "ERP", "headers", Map.of("X-Tenant", "acme", "X-Old", "gone")));
        PanelPage page = webhooks(Look.ENGLISH).expecting(412, 422);
        page.button("Edit ERP").click();
        Locator dialog = page.dialog("Edit webhook");
        dialog.locator(".tick").filter(new Locator.FilterOptions().setHasText("order.update")).locator("input").check();
        assertThat(dialog.locator("lk-event-example pre")).containsText("\"type\": \"order.update\"");
        button(dialog, "Remove header " + (dialog.locator("[name=header-name]").first().inputValue().equals("X-Old") ? 1 : 2))
                .click();
        api.asOwner().contentType("application/merge-patch+json").body(Map.of("description", "ERP of Madrid"))
                .patch(ROOT + "/" + id).then().statusCode(200);
        submit(dialog);
        button(dialog, page.says("elements.stale.load")).click();
        assertThat(dialog.getByLabel("What it is for")).hasValue("ERP of Madrid");
        submit(dialog);
        WebhooksPageTest.shows(page, "ERP of Madrid");
        api.asOwner().get(ROOT + "/" + id).then().body("events", containsInAnyOrder("order.create", "order.update"))
                .body("headers.keySet()", contains("X-Tenant"));

        // What nobody here has seen does not go to another host.
        page.button("Edit ERP of Madrid").click();
        url(dialog).fill("https://192.0.43.9/hooks");
        assertThat(dialog.getByText("The URL leads to another host than before")).isVisible();
        submit(dialog);
        assertThat(dialog.locator(".header-row .error")).containsText("Has to be entered again");
        dialog.locator("[name=header-value]").fill("acme");
        submit(dialog);
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        api.asOwner().get(ROOT + "/" + id).then().body("url", equalTo("https://192.0.43.9/hooks"));
    }

    @Test
    void whatIsWrongWithAHeaderStandsAtItsRow() {
        String id = made(Map.of("description", "ERP", "headers", Map.of("X-Tenant", "acme")));
        PanelPage page = webhooks(Look.ENGLISH).expecting(422);
        page.button("Edit ERP").click();
        Locator dialog = page.dialog("Edit webhook");
        Locator second = dialog.locator(".header-row").nth(1);
        button(dialog, "Add header").click();
        second.locator("[name=header-value]").fill("madrid");
        submit(dialog);
        assertThat(second.locator(".error")).hasText(page.says("elements.headers.nameless"));
        second.locator("[name=header-name]").fill("x-tenant");
        submit(dialog);
        String twice = page.says("problems.field.headerTwice");
        assertThat(dialog.locator(".header-row .error")).hasText(new String[] { twice, twice });

        // A value that is shown is not shown of the row that takes its place.
        second.locator("[name=header-name]").fill("X-Shop");
        button(dialog, "Show or hide: Value of header 1").click();
        assertThat(dialog.locator("[name=header-value]").first()).hasAttribute("type", "text");
        button(dialog, "Remove header 1").click();
        assertThat(dialog.locator("[name=header-name]")).hasValue("X-Shop");
        assertThat(dialog.locator("[name=header-value]")).hasAttribute("type", "password");
        submit(dialog);
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        api.asOwner().get(ROOT + "/" + id).then().body("headers.keySet()", contains("X-Shop"));
    }

    @Test
    void aHeaderThatSomebodyElseAddedMeanwhileStays() {
        String id = made(Map.of("description", "ERP", "headers", Map.of("X-Tenant", "acme", "X-Old", "gone")));
        PanelPage page = webhooks(Look.ENGLISH).expecting(412);
        page.button("Edit ERP").click();
        Locator dialog = page.dialog("Edit webhook");
        button(dialog, "Add header").click();
        dialog.locator("[name=header-name]").last().fill("X-Mine");
        dialog.locator("[name=header-value]").last().fill("madrid");
        api.asOwner().contentType("application/merge-patch+json").body("{\"headers\": {\"X-Old\": null, \"X-Other\": \"eva\"}}")
                .patch(ROOT + "/" + id).then().statusCode(200);
        submit(dialog);
        button(dialog, page.says("elements.stale.load")).click();
        assertThat(dialog.locator("[name=header-name]").nth(2)).hasValue("X-Other");
        submit(dialog);
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        api.asOwner().get(ROOT + "/" + id).then()
                .body("headers.keySet()", containsInAnyOrder("X-Tenant", "X-Mine", "X-Other"));
    }

    @Test
    void anEventThatSomebodyElseChoseMeanwhileStays() {
        String id = made(Map.of("description", "ERP", "events", List.of("order.create", "order.cancel")));
        PanelPage page = webhooks(Look.ENGLISH).expecting(412);
        page.button("Edit ERP").click();
        Locator dialog = page.dialog("Edit webhook");
        tick(dialog, "order.cancel").uncheck();
        tick(dialog, "order.update").check();
        api.asOwner().contentType("application/merge-patch+json")
                .body(Map.of("events", List.of("order.create", "order.cancel", "stock.update")))
                .patch(ROOT + "/" + id).then().statusCode(200);
        submit(dialog);
        button(dialog, page.says("elements.stale.load")).click();
        assertThat(dialog.getByText("You both changed")).isVisible();
        assertThat(tick(dialog, "order.cancel")).not().isChecked();
        assertThat(tick(dialog, "order.update")).isChecked();
        submit(dialog);
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        api.asOwner().get(ROOT + "/" + id).then()
                .body("events", containsInAnyOrder("order.create", "order.update", "stock.update"));
    }

    private static Locator tick(Locator dialog, String event) {
        return dialog.locator(".tick").filter(new Locator.FilterOptions().setHasText(event)).locator("input");
    }

    private static Locator add(PanelPage page) {
        page.button(page.says("webhooks.create")).first().click();
        Locator dialog = page.dialog(page.says("webhooks.form.create.title"));
        assertThat(dialog.locator(".tick-group").first()).isVisible();
        assertThat(url(dialog)).isFocused();
        return dialog;
    }
}
