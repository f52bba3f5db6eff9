package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Behaviour;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Receiver;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The list of webhooks, and the page of one: how each stands, how its last message ended, and what to do. */
@QuarkusTest
@NullUnmarked
class WebhooksPageTest extends WebhookPageCase {

    private static final String TITLE = "Webhooks";

    private final Receiver healthy = Receiver.start();
    private final Receiver broken = Receiver.start().behaving(Behaviour.failing(500));
    private final Receiver gone = Receiver.start().behaving(Behaviour.gone());

    @AfterEach
    void close() {
        healthy.close();
        broken.close();
        gone.close();
    }

    @Test
    void eachRowSaysHowItStandsAndHowItsLastMessageEnded() {
        String works = to(healthy.url(), Map.of("description", "Orders into the ERP"));
        to(broken.url(), Map.of("description", "Orders into the warehouse"));
        String left = to(gone.url(), Map.of("description", "Old shop"));
        to(ELSEWHERE, Map.of("description", "Later", "active", false));
        publish();
        awaits(left, "disabledReason", "gone");
        Eventually.holds(() -> api.asOwner().get(ROOT).then().body("items[2].failingSince", notNullValue()));

        PanelPage page = open(Look.ENGLISH, api, "/webhooks", "developer").isAt(TITLE);
        shows(page, "Later", "Old shop", "Orders into the warehouse", "Orders into the ERP");
        stands(page, "Orders into the ERP", "Active", "HTTP 200");
        stands(page, "Orders into the warehouse", "Failing", "HTTP 500");
        stands(page, "Old shop", "Switched off", "HTTP 410");
        stands(page, "Later", "Paused", "Nothing yet");
        assertThat(row(page, "Orders into the ERP")).containsText(works);
        assertThat(row(page, "Orders into the ERP").getByText("All stores")).isVisible();

        page.link("Old shop").click();
        page.isAt("Old shop");
        assertThat(page.page().locator(".standing")).containsText("answered 410 Gone");
        assertThat(page.page().locator(".standing")).containsText("What to do: if the receiver has moved");
        gone.behaving(Behaviour.healthy());
        page.button("Resume").click();
        assertThat(page.page().locator(".key-head [data-state]")).hasText("Active");
        assertThat(page.page().locator(".toast")).containsText("is active again");
        Eventually.holds(() -> assertThat(gone.last().id()).isNotEmpty());
    }

    @Test
    void theListIsNarrowedAndAStoreShowsWhatGetsItsEvents() {
        api.createStore("madrid");
        api.createStore("lisboa");
        to(ELSEWHERE, Map.of("description", "All of it"));
        to(ELSEWHERE, Map.of("description", "Madrid alone", "stores", List.of("madrid"), "events", List.of("stock.update")));
        to("https://192.0.43.8/lisboa?token=hidden", Map.of("stores", List.of("lisboa"), "active", false));
        PanelPage page = open(Look.ENGLISH, api, "/webhooks", "viewer").isAt(TITLE);
        shows(page, "192.0.43.8/lisboa", "Madrid alone", "All of it");
        assertThat(page.page().locator("main tbody")).not().containsText("hidden");

        KeysPageTest.filter(page, "state", "paused");
        shows(page, "192.0.43.8/lisboa");
        assertThat(page.page()).hasURL(Pattern.compile(".*/webhooks\\?state=paused$"));
        KeysPageTest.filter(page, "state", "");
        KeysPageTest.filter(page, "event", "stock.update");
        shows(page, "Madrid alone");
        KeysPageTest.filter(page, "store", "lisboa");
        assertThat(page.text("No webhook matches")).isVisible();
        page.page().locator(".state").getByRole(AriaRole.BUTTON).click();
        page.page().getByRole(AriaRole.SEARCHBOX).fill("madrid al");
        shows(page, "Madrid alone");

        page.go("/store/madrid/settings/webhooks").isAt("Webhooks of Store madrid");
        shows(page, "Madrid alone", "All of it");
        page.go("/store/nowhere/settings/webhooks");
        assertThat(page.link("Show the webhooks of all stores")).isVisible();
    }

    @Test
    void anEmptyListExplainsWhatToDoAndRolesSeeWhatTheyMayDo() {
        PanelPage owner = open(Look.ENGLISH, api, "/webhooks", "owner").isAt(TITLE);
        assertThat(owner.text("No webhooks yet")).isVisible();
        assertThat(owner.text("How to begin")).isVisible();
        assertThat(owner.link("Receive orders")).isVisible();
        owner.press("Control+k").type("add webh").press("Enter");
        assertThat(owner.dialog("Add webhook")).isVisible();

        PanelPage viewer = open(Look.ENGLISH, api, "/webhooks", "viewer").isAt(TITLE);
        assertThat(viewer.page().locator("main button")).hasCount(0);
        String id = to(ELSEWHERE, Map.of("description", "ERP"));
        viewer.go("/webhooks/" + id).isAt("ERP");
        assertThat(viewer.page().locator("lk-webhook-menu button")).hasCount(0);
        assertThat(viewer.page().locator(".page-actions")).hasCount(0);
        assertThat(viewer.page().locator(".facts")).containsText(id);
        viewer.go("/webhooks/01890a5d-ac96-7e77-b0a4-3c5d2e1f0a98").expecting(404);
        assertThat(viewer.text("There is no such webhook")).isVisible();

        // Nobody is let in as a platform by a link.
        PanelPage platform = open(Look.ENGLISH, "/webhooks");
        platform.field("Sign-in link or token").fill(Tokens.of(api.organization(), "shop-platform", "platform"));
        platform.press("Enter").isSignedIn().isAt(TITLE);
        assertThat(platform.button("Add webhook").first()).isVisible();
    }

    @Test
    void aListThatCannotBeReadSaysSoAndOneThatStandsStays() {
        to(ELSEWHERE, Map.of("description", "ERP"));
        PanelPage page = open(Look.ENGLISH, api, "/review", "viewer").isAt("Review").expecting(503);
        page.page().route("**/api/v1/webhooks?*", KeysPageTest::unavailable);
        page.link(TITLE).click();
        assertThat(page.text("Not available at the moment")).isVisible();
        page.page().unroute("**/api/v1/webhooks?*");
        page.page().route("**/deliveries?*", KeysPageTest::unavailable);
        page.button("Try again").click();
        shows(page, "ERP");
        assertThat(row(page, "ERP").locator("lk-last-result")).hasText("–");
    }

    @Test
    void everybodyCanUseTheListAndThePage() {
        api.createStore("madrid");
        to(healthy.url(), Map.of("description", "Pedidos al ERP", "events",
                List.of("order.create", "order.update", "stock.update"), "headers", Map.of("X-Tenant", "acme")));
        String left = to(gone.url(), Map.of("description", "Tienda antigua", "stores", List.of("madrid")));
        to(ELSEWHERE, Map.of("description", "Almacén", "active", false));
        publish("madrid");
        awaits(left, "disabledReason", "gone");
        for (Look look : Look.BOTH) {
            PanelPage page = open(look, api, "/webhooks", "owner");
            page.isAt(page.says("frame.pages.webhooks"));
            assertThat(row(page, "Tienda antigua").locator(".last-result")).containsText("HTTP 410");
            looksGood(page, "webhooks");
            row(page, "Almacén").locator("lk-webhook-menu > button").click();
            assertThat(page.page().locator("[role=menuitem]").first()).isFocused();
            page.press("End").press("Escape");
            assertThat(row(page, "Almacén").locator("lk-webhook-menu > button")).isFocused();

            page.link("Tienda antigua").click();
            page.isAt("Tienda antigua");
            looksGood(page, "webhook-gone");
            Locator code = page.page().locator("lk-signature-panel");
            code.locator("[data-language=php]").click();
            assertThat(code.locator("pre")).containsText("hash_equals");
            code.evaluate("element => element.scrollIntoView()");
            looksGood(page, "webhook-signature");
        }
    }

    private void publish() {
        publish(Map.of("type", "order.create", "data", Map.of("number", 1)));
    }

    private void publish(String store) {
        publish(Map.of("type", "order.create", "store", store, "data", Map.of("number", 1)));
    }

    private void publish(Map<String, ?> event) {
        api.asPlatform().body(event).post("/api/v1/events").then().statusCode(202);
    }

    private void awaits(String id, String field, String value) {
        Eventually.holds(() -> api.asOwner().get(ROOT + "/" + id).then().body(field, equalTo(value)));
    }

    private static void stands(PanelPage page, String name, String state, String last) {
        assertThat(row(page, name).locator("[data-state]")).hasText(state);
        assertThat(row(page, name).locator("lk-last-result")).containsText(last);
    }

    static Locator row(PanelPage page, String name) {
        return page.page().locator("main tbody tr").filter(new Locator.FilterOptions()
                .setHas(page.page().getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true))));
    }

    /** These webhooks and no others, in this order. */
    static void shows(PanelPage page, String... names) {
        assertThat(page.page().locator("main tbody .row-name > a")).hasText(names);
    }
}
