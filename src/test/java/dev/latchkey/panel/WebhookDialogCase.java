package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import java.util.Map;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Receiver;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;

/** What tests of the dialogs of webhooks begin with: a receiver, and the list from which they are opened. */
@NullUnmarked
abstract class WebhookDialogCase extends WebhookPageCase {

    final Receiver receiver = Receiver.start();

    @AfterEach
    void close() {
        receiver.close();
    }

    PanelPage webhooks(Look look) {
        PanelPage page = open(look, api, "/webhooks", "developer");
        return page.isAt(page.says("frame.pages.webhooks"));
    }

    void dummy(String id) {
        api.asOwner().body(Map.of()).post(ROOT + "/" + id + "/test").then().statusCode(200);
    }

    static void lose(Route route) {
        route.fetch();
        route.fulfill(new Route.FulfillOptions().setStatus(502).setContentType("text/html").setBody("<h1>Bad gateway</h1>"));
    }

    static Locator url(Locator dialog) {
        return dialog.locator("[name=url]");
    }

    static void submit(Locator dialog) {
        dialog.locator("[type=submit]").click();
    }

    static Locator button(Locator dialog, String name) {
        return dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }

    /** What is shown once, when the person has said that it is kept. */
    static String keep(PanelPage page, String heading) {
        Locator shown = page.dialog(page.says(heading));
        String text = shown.locator("[data-part=secret]").textContent();
        shown.getByRole(AriaRole.CHECKBOX).check();
        button(shown, page.says("webhooks.secret.done")).click();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        return text;
    }
}
