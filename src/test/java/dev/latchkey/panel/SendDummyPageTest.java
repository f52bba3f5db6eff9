package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import java.util.regex.Pattern;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import com.microsoft.playwright.Locator;
import dev.latchkey.testing.Behaviour;
import dev.latchkey.testing.Behind;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Send Dummy: what was sent, what came back, how long each step took, and what to do where it failed. */
@QuarkusTest
@NullUnmarked
class SendDummyPageTest extends DeliveryPageCase {

    @Inject
    DataSource database;

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void whatWasSentAndWhatCameBackIsShown(Look look) {
        receiver.behaving(Behaviour.answering(201, "{\"stored\":true}"));
        PanelPage page = shown(look, "developer");
        Locator event = page.field(page.says("deliveries.dummy.event"));
        assertThat(event).hasValue("order.cancel");
        event.selectOption("order.create");
        page.button(page.says("deliveries.dummy.send")).click();

        Locator terminal = page.page().locator(".terminal");
        assertThat(terminal).hasAttribute("data-state", "delivered");
        assertThat(receiver.last().headers()).containsEntry("webhook-test", "true").containsEntry("x-tenant", "acme");
        Locator sent = terminal.locator("[data-part=sent]");
        assertThat(sent).containsText("POST " + receiver.url());
        assertThat(sent).containsText("webhook-signature: " + receiver.last().signature());
        assertThat(sent).containsText("X-Tenant: ***");
        assertThat(sent).containsText("\"type\": \"order.create\"");
        Locator received = terminal.locator("[data-part=received]");
        assertThat(received.locator("[data-status]")).hasText("201");
        assertThat(received).containsText("\"stored\": true");
        assertThat(terminal.locator("[data-phase=wait]")).isVisible();
        assertThat(terminal.locator(".phase-failed")).hasCount(0);
        assertThat(page.page().locator(".dummy > [role=status]"))
                .containsText(look.isSpanish() ? "Entregado: el receptor respondió 201. Tardó"
                        : "Delivered: the receiver answered 201. It took");
        assertThat((String) terminal.locator(".terminal-outcome lk-copy").evaluate("copy => copy.text"))
                .startsWith("POST " + receiver.url()).contains("webhook-test: true", "HTTP 201", "{\"stored\":true}");
        page.fits().isAccessible().screenshot("dummy");
        if (look.isSpanish()) {
            page.speaksSpanish();
        }
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void ofOneThatIsDeadItSaysWhatToDo(Look look) {
        receiver.shut();
        PanelPage page = shown(look.dark().phone(), "developer");
        page.button(page.says("deliveries.dummy.send")).click();

        Locator outcome = page.page().locator(".terminal-outcome");
        assertThat(outcome).hasAttribute("data-code", "connection-refused");
        assertThat(outcome).containsText(page.says("deliveries.error.connection-refused"));
        assertThat(outcome).containsText(look.isSpanish()
                ? "127.0.0.1:" + receiver.port() + " rechaza conexiones en el puerto " + receiver.port()
                : "127.0.0.1:" + receiver.port() + " refuses connections on port " + receiver.port());
        assertThat(page.page().locator(".dummy [data-part=received]")).hasCount(0);
        assertThat(page.text(page.says("deliveries.noAnswer"))).isVisible();
        page.fits().isAccessible().screenshot("dummy-dead");
        if (look.isSpanish()) {
            page.speaksSpanish();
        }

        receiver.open();
        page.button(page.says("deliveries.dummy.again")).click();
        assertThat(outcome).hasAttribute("data-code", "delivered");
    }

    @Test
    void whatIsRefusedOrTooLongIsShownWithItsBeginning() {
        receiver.behaving(Behaviour.answering(404, "no such path ".repeat(2000)));
        PanelPage page = shown(Look.ENGLISH, "admin");
        page.button("Send Dummy").click();
        Locator terminal = page.page().locator(".terminal");
        assertThat(terminal.locator(".terminal-outcome strong")).hasText("Not accepted: the receiver answered 404");
        assertThat(terminal.locator(".terminal-outcome p"))
                .containsText("nothing takes POST requests there. Check the path of the URL.");
        assertThat(terminal.locator("[data-truncated]")).isVisible();
        page.fits().isAccessible().screenshot("dummy-refused");
        // It is no delivery.
        assertThat(page.text("Nothing was sent here yet")).isVisible();
    }

    @Test
    void whileItWaitsItSaysSoAndTheStepInWhichItEndedIsNamed() {
        receiver.behaving(Behaviour.hanging());
        PanelPage page = shown(Look.ENGLISH, "developer");
        Locator send = page.page().locator(".terminal-send");
        page.field("Event to send").focus();
        page.press("Tab").press("Enter");
        assertThat(page.page().locator(".terminal")).hasAttribute("data-state", "busy");
        assertThat(send).hasAttribute("aria-disabled", "true");
        assertThat(send).isFocused();
        assertThat(page.page().locator(".dummy > [role=status]")).hasText("The dummy is being sent.");
        // Once more has no effect.
        page.press("Enter").screenshot("dummy-busy");

        assertThat(page.page().locator(".terminal-outcome")).hasAttribute("data-code", "timeout-response");
        assertThat(page.page().locator("[data-phase=wait].phase-failed")).containsText(Pattern.compile("ended here"));
        assertThat(page.page().locator(".terminal-outcome")).containsText("did not begin to answer within 2 seconds");
        assertThat(send).isFocused();
        assertThat(receiver.requests()).isEqualTo(1);
    }

    @Test
    void whatIsShownIsSentAlsoWhereTheCatalogueHasNoneOfItsEvents() {
        new Behind(database).execute("update webhook set events = '{stall.opened}' where id = ?", UUID.fromString(webhook));
        PanelPage page = shown(Look.ENGLISH, "developer");
        Locator event = page.field("Event to send");
        // Once the catalogue is there, which has no such event.
        assertThat(event).not().hasValue("stall.opened");
        page.button("Send Dummy").click();

        assertThat(page.page().locator(".terminal [data-part=sent]")).containsText("\"type\": \"" + event.inputValue() + "\"");
    }

    @Test
    void whoMayOnlyLookIsOfferedNoDummy() {
        PanelPage page = shown(Look.ENGLISH, "viewer");
        assertThat(page.page().locator(".deliveries")).isVisible();
        assertThat(page.page().locator(".dummy")).hasCount(0);
    }
}
