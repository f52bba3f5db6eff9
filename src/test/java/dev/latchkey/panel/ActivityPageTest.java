package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who did what is read as sentences, narrowed by what one looks for, and known to be untouched. */
@QuarkusTest
@NullUnmarked
class ActivityPageTest extends BrowserTest {

    @Inject
    DataSource database;

    private Api api;
    private String key;

    @BeforeEach
    void aKeyThatWasEditedAndAStore() {
        api = Api.ofNewOrganization();
        api.createStore("madrid");
        key = api.aKey().with("name", "Carrier").create().id();
        api.patch(key, Map.of("name", "ERP", "scopes", List.of("orders:read", "orders:write"))).then().statusCode(200);
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void whatWasDoneIsToldInSentencesAndLeadsToWhatItWasDoneTo(Look look) {
        PanelPage page = activity(look, "");
        Locator edited = entry(page, "key.updated");
        assertThat(edited.locator("p").first()).hasText(Pattern.compile("^" + sentence(page, "key.updated", "ERP") + ".*"));
        assertThat(entry(page, "store.created").locator("p").first())
                .hasText(Pattern.compile("^" + sentence(page, "store.created", "Store madrid") + ".*"));
        assertThat(page.page().locator(".day h2")).hasText(look.isSpanish() ? "Hoy" : "Today");
        assertThat(edited.locator(".changes").first()).isHidden();

        edited.locator("summary").click();
        assertThat(edited.locator(".changes").first()).containsText("Carrier");
        assertThat(edited.locator("ins").first()).containsText("ERP");
        assertThat(edited.locator("ins").nth(1)).containsText("orders:read, orders:write");
        page.fits().isAccessible().screenshot("activity-unfolded");
        if (look.isSpanish()) {
            page.speaksSpanish();
        }

        edited.getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName("ERP").setExact(true)).first().click();
        page.isAt("ERP");
        page.link(page.says("activity.all")).click();
        page.isAt(page.says("frame.pages.activity"));
        assertThat(page.page().locator(".chosen")).containsText("ERP");
        assertThat(page.page().locator(".activity > li")).hasCount(2);
    }

    @Test
    void whatOneLooksForStandsInTheAddress() {
        PanelPage page = activity(Look.ENGLISH, "");
        page.page().locator("select[name=action]").selectOption("key.*");
        assertThat(page.page()).hasURL(Pattern.compile(".*/activity\\?action=key\\.\\*$"));
        assertThat(page.page().locator(".activity > li")).hasCount(2);
        page.page().locator("select[name=action]").selectOption("key.created");
        assertThat(page.page().locator(".activity > li")).hasCount(1);
        page.page().locator("select[name=actor]").selectOption("ana@" + api.organization());
        page.page().locator("select[name=span]").selectOption("24h");
        assertThat(page.page().locator(".activity > li")).hasCount(1);

        page.page().reload();
        page.isAt("Activity");
        assertThat(page.page().locator("select[name=action]")).hasValue("key.created");
        assertThat(page.page().locator("select[name=span]")).hasValue("24h");
        assertThat(page.page().locator(".activity > li")).hasCount(1);
        page.page().locator("select[name=span]").selectOption("days");
        page.page().locator("input[name=to]").fill("2020-01-31");
        assertThat(page.text("Nothing matches the filters")).isVisible();
        assertThat(page.page()).hasURL(Pattern.compile(".*to=2020-01-31.*"));
        page.isAccessible();

        page.button("Clear filters").first().click();
        assertThat(entry(page, "store.created")).isVisible();
        assertThat(page.page()).hasURL(Pattern.compile(".*/activity$"));
        page.page().locator("select[name=targetType]").selectOption("store");
        assertThat(page.page().locator(".activity > li")).hasCount(1);
        page.go("/activity?action=no.such").isAt("Activity");
        assertThat(page.page().locator("select[name=action]")).hasValue("no.such");
    }

    @Test
    void whatIsFurtherBackComesWhenItIsAskedFor() {
        for (int i = 0; i < 50; i++) {
            api.createStore("s" + i);
        }
        PanelPage page = activity(Look.ENGLISH, "?targetType=store");
        assertThat(page.page().locator(".activity > li")).hasCount(50);
        assertThat(page.text("The first 50")).isVisible();

        page.button("Show more").click();
        assertThat(page.page().locator(".activity > li")).hasCount(51);
        assertThat(page.text("51 entries")).isVisible();
        assertThat(page.page().locator(".day")).hasCount(1);
    }

    @Test
    void whoeverWantsToKnowWhetherItIsUntouchedIsTold() {
        PanelPage page = activity(Look.ENGLISH, "");
        page.button("Check for tampering").click();
        Locator dialog = page.dialog("Has anybody tampered with the log?");
        assertThat(dialog.locator(".banner-good")).containsText("Nobody has tampered with it");
        String kept = dialog.locator(".check-head code").textContent();
        page.fits().isAccessible().screenshot("activity-check");

        dialog.locator("summary").click();
        dialog.locator("[name=anchor]").fill("what was kept");
        named(dialog, "Compare").click();
        assertThat(dialog.locator(".error")).hasText("There is no position and link in it.");
        dialog.locator("[name=anchor]").fill("INFO activity anchor: org=x " + kept);
        named(dialog, "Compare").click();
        assertThat(dialog.locator(".banner-good")).containsText("It still contains all that it contained at entry");
        dialog.locator("[name=anchor]").fill(kept.replaceFirst("link=.{8}", "link=00000000"));
        named(dialog, "Compare").click();
        assertThat(dialog.locator(".banner-error")).containsText("what you kept is of another history");
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void whoTamperedIsFoundOutAndTheNotificationLeadsToWhereItShows(Look look) {
        PanelPage page = activity(look, "");
        page.button(page.says("activity.verify")).click();
        assertThat(page.page().locator("dialog .banner-good")).isVisible();
        new Behind(database).execute("update activity set actor_name = 'nobody' where target_id = ?::uuid", key);
        page.button(page.says("activity.check.again")).click();
        assertThat(page.page().locator("dialog .banner-error")).containsText(page.says("activity.check.reason.entry-altered"));
        page.fits().isAccessible().screenshot("activity-tampered");
        if (look.isSpanish()) {
            page.speaksSpanish();
        }

        page.go("/notifications").isAt(page.says("frame.pages.notifications"));
        page.link(page.says("notices.go.activity")).click();
        page.isAt(page.says("frame.pages.activity"));
        assertThat(page.page().locator("dialog .banner-error")).containsText(page.says("activity.check.broken"));
        assertThat(page.page()).hasURL(Pattern.compile(".*/activity$"));
    }

    @Test
    void everybodyCanReadIt() {
        api.aCredential().with("skipTest", true).create();
        for (Look look : Look.ALL) {
            PanelPage page = open(look, api, "/activity", "viewer").isAt(look.isSpanish() ? "Actividad" : "Activity");
            assertThat(entry(page, "credential.created")).isVisible();
            page.fits().isAccessible().screenshot("activity");
            if (look.isSpanish()) {
                page.speaksSpanish();
            }
        }
    }

    private PanelPage activity(Look look, String query) {
        return open(look, api, "/activity" + query, "developer").isAt(look.isSpanish() ? "Actividad" : "Activity");
    }

    private static Locator entry(PanelPage page, String action) {
        return page.page().locator("[data-action='" + action + "']").first();
    }

    private String sentence(PanelPage page, String action, String what) {
        return Pattern.quote(page.says("activity.did." + action, Map.of("who", "ana@" + api.organization(), "what", what)))
                .replace("\\Q", "").replace("\\E", "").replace(".", "\\.");
    }

    private static Locator named(Locator dialog, String name) {
        return dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }
}
