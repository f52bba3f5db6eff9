package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import jakarta.inject.Inject;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A list of many keys is quick, and what it shows answers what was asked last, also when an answer fails. */
@QuarkusTest
@NullUnmarked
class LongListTest extends BrowserTest {

    private static final String TITLE = "API keys";

    @Inject
    Pool database;

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void aFilterThatFailsShowsNoRowsOfAnother() {
        for (int i = 0; i < 51; i++) {
            api.aKey().with("name", "Key " + i).create();
        }
        Created old = api.aKey().with("name", "Old one").create();
        api.act(old.id(), "revoke").then().statusCode(200);
        PanelPage page = open(Look.ENGLISH, api, "/keys", "viewer").isAt(TITLE).expecting(503);
        assertThat(page.text("The newest 50")).isVisible();
        String filtered = "**/api/v1/keys?status=revoked*";
        page.page().route(filtered, route -> route.fulfill(new Route.FulfillOptions().setStatus(503)
                .setContentType("application/problem+json").setBody("{\"code\": \"unavailable\"}")));

        KeysPageTest.filter(page, "status", "revoked");
        assertThat(page.text("Not available at the moment")).isVisible();
        KeysPageTest.shows(page);
        assertThat(page.text("The newest 50")).hasCount(0);
        page.page().unroute(filtered);
        page.button("Try again").click();

        // And nothing of the list that was there before.
        KeysPageTest.shows(page, "Old one");
        assertThat(page.button("Show more")).hasCount(0);
    }

    @Test
    void rowsThatAnswerAnotherQuestionAreNeverShown() {
        ManyKeys.fill(database, api, 60);
        PanelPage page = open(Look.ENGLISH, api, "/keys", "viewer").isAt(TITLE).expecting(503);
        Locator rows = page.page().locator("tbody tr");
        assertThat(rows).hasCount(50);

        page.page().route("**/api/v1/keys?*", KeysPageTest::unavailable);
        KeysPageTest.filter(page, "access", "stores");
        assertThat(page.text("Not available at the moment")).isVisible();
        assertThat(rows).hasCount(0);
        assertThat(KeysPageTest.filterOf(page, "access")).hasValue("stores");
        page.page().unroute("**/api/v1/keys?*");
        page.button("Try again").click();
        assertThat(page.text("No key matches")).isVisible();

        // Of the same question what is there stays, and the next page is asked for again.
        KeysPageTest.filter(page, "access", "");
        assertThat(rows).hasCount(50);
        page.page().route("**/api/v1/keys?*", KeysPageTest::unavailable);
        page.button("Show more").click();
        assertThat(page.text("Not available at the moment")).isVisible();
        assertThat(rows).hasCount(50);
        page.page().unroute("**/api/v1/keys?*");
        page.button("Try again").click();
        assertThat(rows).hasCount(60);
    }

    @Test
    void tenThousandKeysAreUsableWithinASecond() {
        ManyKeys.fill(database, api, 10_000);
        PanelPage page = open(Look.ENGLISH, api, "/review", "owner").isAt("Review");

        // Within the panel, as people come there. The first time loads the page's code too; of what follows the median counts,
        // since a machine that does something else for a moment says nothing of the list.
        @SuppressWarnings("unchecked")
        Map<String, List<Number>> millis = (Map<String, List<Number>>) page.page().evaluate(
                """
                        async () => {
                          const shown = async (found) => {
                            while (!found()) { await new Promise((resolve) => requestAnimationFrame(resolve)); }
                          };
                          const rows = (count) => () => document.querySelectorAll('lk-keys-page tbody tr').length === count;
                          const timed = async (act, found) => {
                            const from = performance.now();
                            act();
                            await shown(found);
                            return performance.now() - from;
                          };
                          const follow = (path) => document.querySelector(`nav a[href="${path}"]`).click();
                          const set = (name, value, event) => {
                            const control = document.querySelector(`lk-keys-page [name=${name}]`);
                            control.value = value;
                            control.dispatchEvent(new Event(event, { bubbles: true }));
                          };
                          const times = { load: [], search: [], filter: [] };
                          for (let i = 0; i < 3; i += 1) {
                            times.load.push(await timed(() => follow('/keys'), rows(50)));
                            times.search.push(await timed(() => set('q', 'key number 4711', 'input'), rows(1)));
                            set('q', '', 'input');
                            await shown(rows(50));
                            times.filter.push(await timed(() => set('status', 'revoked', 'change'), () => document.querySelector('lk-keys-page .state')));
                            set('status', '', 'change');
                            await shown(rows(50));
                            follow('/review');
                            await shown(() => document.querySelector('lk-review-page'));
                          }
                          return times;
                        }""");
        assertThat(millis.get("load").get(0).doubleValue()).as("milliseconds of the first load").isLessThan(2_000);
        assertThat(millis).allSatisfy((what, times) -> assertThat(times.stream().mapToDouble(Number::doubleValue).sorted()
                .skip(1).findFirst().orElseThrow()).as("milliseconds of a " + what + ": " + times).isLessThan(1_000));

        page.link("API keys").click();
        assertThat(page.text("The newest 50")).isVisible();
        page.button("Show more").click();
        assertThat(page.page().locator("tbody tr")).hasCount(100);
        page.page().getByRole(AriaRole.SEARCHBOX).fill("key number 4711");
        KeysPageTest.shows(page, "Key number 4711");
    }
}
