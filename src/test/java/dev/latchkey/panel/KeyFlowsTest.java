package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions.IsCheckedOptions;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What people do with API keys most and must never fail at, in each language. */
@QuarkusTest
@NullUnmarked
class KeyFlowsTest extends BrowserTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void aKeyIsCreatedCallsTheApiAndIsRefusedOnceItIsRevoked(Look look) {
        PanelPage page = keys(look, "developer");
        Locator dialog = create(page, "Shop sync", "stores:read");
        submit(dialog);

        Locator shown = page.dialog(page.says("keys.new.title"));
        String key = shown.locator("[data-part=key]").textContent();
        assertThat(shown.locator("[data-part=curl]")).containsText("X-API-Key: " + key);
        Api.withKey(key).get("/api/v1/stores").then().statusCode(200);

        page.press("Escape");
        assertThat(shown.getByText(page.says("keys.new.reminder"))).isVisible();
        assertThat(shown.getByLabel(page.says("keys.new.kept"))).isFocused();
        speaksItsLanguage(page);
        shown.getByLabel(page.says("keys.new.kept")).check();
        shown.getByRole(AriaRole.BUTTON, named(page.says("keys.new.done"))).click();
        assertThat(page.page().locator("dialog[open]")).hasCount(0);
        assertThat(page.page().getByText(key)).hasCount(0);
        // It was the first one: the button that had the focus stood where the list stands now.
        assertThat(page.button(page.says("keys.create"))).isFocused();

        Eventually.holds(() -> api.asOwner().get("/api/v1/keys").then().body("items[0].lastUsedAt", notNullValue()));
        KeysPageTest.menu(page, "Shop sync").locator("[data-action=revoke]").click();
        Locator question = page.dialog(page.says("keys.revoke.title"));
        assertThat(question.locator(".prose strong")).hasText(
                Pattern.compile(look.isSpanish() ? "ahora mismo|hace 1 minuto" : "just now|1 minute ago"));
        question.getByLabel(page.says("keys.revoke.reason")).fill("Left the project");
        submit(question);
        assertThat(KeysPageTest.row(page, "Shop sync").getByText(page.says("keys.status.revoked"))).isVisible();
        Api.withKey(key).get("/api/v1/stores").then().statusCode(401);
        api.asOwner().get("/api/v1/keys").then().body("items[0].revokedReason", equalTo("Left the project"));
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void aWholeBlockIsTickedAtOnce(Look look) {
        PanelPage page = keys(look, "owner");
        page.button(page.says("keys.create")).click();
        Locator scopes = page.page().locator("lk-key-dialog lk-tick-groups").first();
        Locator block = scopes.locator(".tick-group").nth(2);
        Locator all = block.locator(".tick-head input");
        block.locator(".tick-head button").click();
        Locator each = block.locator(".tick input");
        assertThat(each).not().hasCount(0);

        each.first().check();
        assertThat(all).isChecked(new IsCheckedOptions().setIndeterminate(true));
        all.click();
        for (Locator tick : each.all()) {
            assertThat(tick).isChecked();
        }
        all.click();
        for (Locator tick : each.all()) {
            assertThat(tick).not().isChecked();
        }

        scopes.getByRole(AriaRole.SEARCHBOX).fill("customers:");
        assertThat(scopes.getByText("customers:read", exactText())).isVisible();
        assertThat(scopes.getByText("orders:read", exactText())).hasCount(0);
        speaksItsLanguage(page);
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void anOutageInTheMiddleLosesNothingAndMakesNothingTwice(Look look) {
        PanelPage page = keys(look, "owner").expecting(502, 503);
        AtomicInteger calls = new AtomicInteger();
        page.page().route("**/api/v1/keys", route -> answerBadly(route, calls.incrementAndGet()));
        Locator dialog = create(page, "Once", "orders:read");
        submit(dialog);
        assertThat(dialog.getByText(page.says("problems.unavailable.title"))).isVisible();
        assertThat(dialog.locator("[name=name]")).hasValue("Once");
        speaksItsLanguage(page);

        // The second is carried out, but its answer is lost.
        dialog.getByRole(AriaRole.BUTTON, named(page.says("elements.retry"))).click();
        assertThat(dialog.getByText(page.says("problems.internal.title"))).isVisible();
        dialog.getByRole(AriaRole.BUTTON, named(page.says("elements.retry"))).click();

        String key = page.dialog(page.says("keys.new.title")).locator("[data-part=key]").textContent();
        api.asOwner().get("/api/v1/keys").then().body("items", hasSize(1)).body("items[0].name", equalTo("Once"));
        assertThat(api.verdictOn(key)).isEqualTo("VALID");
    }

    private static void answerBadly(Route route, int call) {
        if (!route.request().method().equals("POST") || call > 2) {
            route.resume();
        } else if (call == 1) {
            route.fulfill(new Route.FulfillOptions().setStatus(503).setContentType("application/problem+json")
                    .setBody("{\"status\": 503, \"code\": \"unavailable\", \"title\": \"Unavailable\"}"));
        } else {
            route.fetch();
            route.fulfill(
                    new Route.FulfillOptions().setStatus(502).setContentType("text/html").setBody("<h1>Bad gateway</h1>"));
        }
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void aSessionThatEndsInTheMiddleLosesNothing(Look look) {
        PanelPage page = keys(look, "owner").expecting(401);
        Locator dialog = create(page, "Patient", "orders:read");
        page.context().clearCookies();
        submit(dialog);
        assertThat(page.dialog(page.says("frame.ended.title"))).isVisible();
        speaksItsLanguage(page);
        page.page().locator("lk-sign-in-again").getByRole(AriaRole.TEXTBOX).fill(linkTo(api, "owner"));
        page.press("Enter");

        assertThat(page.dialog(page.says("keys.new.title"))).isVisible();
        api.asOwner().get("/api/v1/keys").then().body("items.name", contains("Patient"));
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void theEyeShowsRecoverableKeysAndSaysOfOthersWhyNot(Look look) {
        Created recoverable = api.aKey().with("name", "Recoverable").withSecret().recoverable().create();
        api.aKey().with("name", "Digest only").create();
        PanelPage page = keys(look, "owner");

        page.page().clock().install();
        page.button(page.says("keys.reveal.of", Map.of("name", "Recoverable"))).click();
        Locator shown = page.dialog(page.says("keys.reveal.title"));
        assertThat(shown.locator("[data-part=key]")).hasText(recoverable.key());
        assertThat(shown.locator("[data-part=secret]")).hasText(recoverable.secret());
        speaksItsLanguage(page);
        // A computer that slept has not ticked: one tick, and the time is over.
        page.page().clock().fastForward(31_000);
        assertThat(shown.locator("[data-part=key]")).hasCount(0);
        assertThat(shown.getByText(page.says("keys.reveal.hidden"))).isVisible();
        page.press("Escape");
        api.asOwner().get("/api/v1/activity?action=key.revealed").then().body("items", hasSize(1));

        page.button(page.says("keys.reveal.of", Map.of("name", "Digest only"))).click();
        Locator why = page.dialog(page.says("keys.reveal.cannot"));
        assertThat(why).containsText(page.says("keys.reveal.notRecoverable"));
        why.getByRole(AriaRole.BUTTON, named(page.says("keys.do.regenerate"))).click();
        assertThat(page.dialog(page.says("keys.regenerate.title"))).isVisible();
        speaksItsLanguage(page);
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void eachFilterNarrowsTheListAndStandsInTheAddress(Look look) {
        api.createStore("madrid");
        api.createStore("lisboa");
        Created erp = api.aKey().with("name", "ERP").create();
        api.aKey().with("name", "Carrier").stores("madrid").scopes("customers:read").create();
        Created old = api.aKey().with("name", "Old one").stores("lisboa").create();
        api.act(old.id(), "revoke").then().statusCode(200);
        PanelPage page = keys(look, "viewer");
        KeysPageTest.shows(page, "Old one", "Carrier", "ERP");
        assertThat(page.text(look.isSpanish() ? "3 claves" : "3 keys")).isVisible();

        Stream.of("status=revoked:Old one", "access=stores:Old one,Carrier", "store=madrid:Carrier,ERP",
                "scope=customers:read:Carrier").forEach(each -> {
                    String[] part = each.split("=|:(?=[A-Z])");
                    filter(page, part[0], part[1]);
                    KeysPageTest.shows(page, part[2].split(","));
                    assertThat(page.page())
                            .hasURL(Pattern.compile(".*/keys\\?" + part[0] + "=" + part[1].replace(":", "%3A") + "$"));
                    filter(page, part[0], "");
                });
        page.page().getByRole(AriaRole.SEARCHBOX).fill("erp");
        KeysPageTest.shows(page, "ERP");
        assertThat(page.page()).hasURL(Pattern.compile(".*/keys\\?q=erp$"));

        page.go("/keys?access=stores&status=active").isAt(page.says("frame.pages.keys"));
        KeysPageTest.shows(page, "Carrier");
        assertThat(filterOf(page, "access")).hasValue("stores");
        page.page().getByRole(AriaRole.SEARCHBOX).fill("no such key");
        assertThat(page.text(page.says("keys.none.title"))).isVisible();
        speaksItsLanguage(page);
        page.page().locator(".state").getByRole(AriaRole.BUTTON).click();
        KeysPageTest.shows(page, "Old one", "Carrier", "ERP");
        assertThat(page.page()).hasURL(Pattern.compile(".*/keys$"));

        page.link("ERP").click();
        assertThat(page.page()).hasURL(Pattern.compile(".*/keys/" + erp.id() + "$"));
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void whatARoleMayNotDoIsNotOffered(Look look) {
        Created pair = api.aKey().with("name", "Pair").withSecret().recoverable().create();
        assertThat(pair.secret()).isNotEmpty();

        PanelPage viewer = keys(look, "viewer");
        KeysPageTest.shows(viewer, "Pair");
        assertThat(viewer.button(viewer.says("keys.create"))).hasCount(0);
        assertThat(viewer.page().locator("main tbody button")).hasCount(0);

        PanelPage developer = keys(look, "developer");
        assertThat(developer.button(developer.says("keys.create"))).isVisible();
        assertThat(developer.button(developer.says("keys.reveal.of", Map.of("name", "Pair")))).hasCount(0);
        assertThat(KeysPageTest.menu(developer, "Pair").locator("[role=menuitem]"))
                .hasText(Stream.of("edit", "regenerate", "replaceSecret", "deactivate", "revoke")
                        .map(action -> developer.says("keys.actions." + action)).toArray(String[]::new));

        PanelPage owner = keys(look, "owner");
        assertThat(owner.button(owner.says("keys.reveal.of", Map.of("name", "Pair")))).isVisible();
        assertThat(KeysPageTest.menu(owner, "Pair").locator("[data-action=delete]")).isVisible();
    }

    private PanelPage keys(Look look, String role) {
        PanelPage page = open(look, api, "/keys", role);
        return page.isAt(page.says("frame.pages.keys"));
    }

    /** The dialog of a new key with this name and one scope ticked, to be sent. */
    private static Locator create(PanelPage page, String name, String scope) {
        page.button(page.says("keys.create")).click();
        Locator dialog = page.dialog(page.says("keys.form.create.title"));
        dialog.locator("[name=name]").fill(name);
        Locator scopes = dialog.locator("lk-tick-groups").first();
        scopes.getByRole(AriaRole.SEARCHBOX).fill(scope);
        scopes.locator(".tick").filter(new Locator.FilterOptions().setHas(page.page().getByText(scope, pageText())))
                .locator("input").check();
        return dialog;
    }

    private static void submit(Locator dialog) {
        dialog.locator("[type=submit]").click();
    }

    private static void speaksItsLanguage(PanelPage page) {
        if (page.look().isSpanish()) {
            page.speaksSpanish();
        }
    }

    private static Locator filterOf(PanelPage page, String name) {
        return page.page().getByRole(AriaRole.SEARCH).locator("select[name=" + name + "]");
    }

    private static void filter(PanelPage page, String name, String value) {
        filterOf(page, name).selectOption(value);
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }

    private static Locator.GetByTextOptions exactText() {
        return new Locator.GetByTextOptions().setExact(true);
    }

    private static com.microsoft.playwright.Page.GetByTextOptions pageText() {
        return new com.microsoft.playwright.Page.GetByTextOptions().setExact(true);
    }
}
