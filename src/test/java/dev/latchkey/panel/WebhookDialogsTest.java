package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Receiver;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A webhook from the first to its last day: added, changed, paused, given another secret, deleted; and nothing typed is lost.
 */
@QuarkusTest
@NullUnmarked
class WebhookDialogsTest extends BrowserTest {

    private static final String ROOT = "/api/v1/webhooks";
    private static final String ELSEWHERE = "https://192.0.43.8/hooks/orders";

    private final Receiver receiver = Receiver.start();
    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @AfterEach
    void close() {
        receiver.close();
    }

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

    private static void lose(Route route) {
        route.fetch();
        route.fulfill(new Route.FulfillOptions().setStatus(502).setContentType("text/html").setBody("<h1>Bad gateway</h1>"));
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

    private PanelPage webhooks(Look look) {
        PanelPage page = open(look, api, "/webhooks", "developer");
        return page.isAt(page.says("frame.pages.webhooks"));
    }

    private static Locator add(PanelPage page) {
        page.button(page.says("webhooks.create")).first().click();
        Locator dialog = page.dialog(page.says("webhooks.form.create.title"));
        assertThat(dialog.locator(".tick-group").first()).isVisible();
        assertThat(url(dialog)).isFocused();
        return dialog;
    }

    private String made(Map<String, ?> others) {
        Map<String, Object> form = new HashMap<>(Map.of("url", ELSEWHERE, "events", List.of("order.create")));
        form.putAll(others);
        return api.asOwner().body(form).post(ROOT).then().statusCode(201).extract().path("id");
    }

    private void dummy(String id) {
        api.asOwner().body(Map.of()).post(ROOT + "/" + id + "/test").then().statusCode(200);
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

    /** What is shown once, when the person has said that it is kept. */
    private static String keep(PanelPage page, String heading) {
        Locator shown = page.dialog(page.says(heading));
        String text = shown.locator("[data-part=secret]").textContent();
        shown.getByRole(AriaRole.CHECKBOX).check();
        button(shown, page.says("webhooks.secret.done")).click();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        return text;
    }

    private static void looksGood(PanelPage page, String name) {
        page.fits().isAccessible().screenshot(name);
        if (page.look().isSpanish()) {
            page.speaksSpanish();
        }
    }

    private static Locator url(Locator dialog) {
        return dialog.locator("[name=url]");
    }

    private static void submit(Locator dialog) {
        dialog.locator("[type=submit]").click();
    }

    private static Locator button(Locator dialog, String name) {
        return dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }
}
