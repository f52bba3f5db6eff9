package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The review as people work through it: each finding says what is wrong, and one click mends it. */
@QuarkusTest
@NullUnmarked
class ReviewPageTest extends BrowserTest {

    private static final String TITLE = "Review";
    /** What is left of a key whose finding was mended. */
    private static final String ONE_KEY = "**/api/v1/keys/review?key=*";

    @Inject
    DataSource database;

    private Api api;
    private Behind behind;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        behind = new Behind(database);
    }

    @Test
    void oneClickMendsAFindingAndItGoesAndCanBeUndone() {
        Created key = api.aKey().with("name", "ERP").create();
        Created wide = unusedScopes("Wide");
        PanelPage page = open(Look.ENGLISH, api, "/review", "owner").isAt(TITLE);
        assertThat(page.page().locator(".finding")).hasCount(2);

        page.button("Set an expiry: ERP").click();
        assertThat(finding(page, "no-expiry")).hasCount(0);
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("expiresAt", notNullValue());

        assertThat(finding(page, "unused-scopes")).containsText("orders:write");
        page.button("Remove unused scopes: Wide").click();
        assertThat(page.text("Nothing to mend")).isVisible();
        api.asOwner().get("/api/v1/keys/" + wide.id()).then().body("scopes", contains("orders:read"));

        page.page().locator(".toast").filter(new Locator.FilterOptions().setHasText("ERP"))
                .getByRole(AriaRole.BUTTON, named("Undo")).click();
        assertThat(finding(page, "no-expiry")).isVisible();
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("expiresAt", nullValue());
    }

    @Test
    void whatIsFinalIsAskedBeforeAndMendsAllOfTheKey() {
        Created old = api.aKey().with("name", "Forgotten").create();
        age(old, "100 days");
        PanelPage page = open(Look.ENGLISH, api, "/review", "owner").isAt(TITLE);
        assertThat(page.page().locator(".finding")).hasCount(3);

        page.button("Revoke: Forgotten").click();
        Locator question = page.dialog("Revoke this key for good?");
        assertThat(question.getByText("never used")).isVisible();
        question.getByRole(AriaRole.BUTTON, named("Cancel")).click();
        assertThat(page.button("Revoke: Forgotten")).isFocused();
        assertThat(api.verdictOn(old.key())).isEqualTo("VALID");

        page.button("Revoke: Forgotten").click();
        question.getByRole(AriaRole.BUTTON, named("Revoke")).click();
        assertThat(page.text("Nothing to mend")).isVisible();
        assertThat(api.verdictOn(old.key())).isEqualTo("REVOKED");
        api.as("viewer").get("/api/v1/keys/review").then().body("items", empty());
    }

    @Test
    void aNewTokenIsShownOnceAndWorks() {
        Created old = limited("Old").create();
        age(old, "95 days");
        behind.execute(
                "insert into key_last_use (material_id, last_used_at) select id, now() from key_material where key_id = ?",
                UUID.fromString(old.id()));
        PanelPage page = open(Look.ENGLISH, api, "/review?reason=older-than-policy", "owner").isAt(TITLE);
        page.button("Regenerate: Old").click();
        Locator question = page.dialog("Regenerate this key?");
        assertThat(question.getByText("goes on working for 1 week")).isVisible();
        question.getByRole(AriaRole.BUTTON, named("Regenerate")).click();

        Locator shown = page.dialog("Copy your new key now");
        String token = shown.locator("[data-part=key]").textContent();
        assertThat(api.verdictOn(token)).isEqualTo("VALID");
        assertThat(api.verdictOn(old.key())).isEqualTo("VALID");
        shown.getByLabel("I have stored it safely").check();
        shown.getByRole(AriaRole.BUTTON, named("Done")).click();
        assertThat(page.text("No such finding")).isVisible();
        assertThat(page.page().content()).doesNotContain(token);
    }

    @Test
    void filtersAndGroupsStandInTheAddress() {
        api.createStore("madrid");
        Created old = api.aKey().with("name", "Forgotten").create();
        age(old, "31 days");
        api.aKey().with("name", "ERP").create();
        PanelPage page = open(Look.ENGLISH, api, "/review", "viewer").isAt(TITLE);
        assertThat(page.page().locator(".finding-group h2")).hasText(new String[] { "Never used 1", "Never expires 2" });
        assertThat(page.text("3 findings")).isVisible();

        select(page, "reason", "never-used");
        assertThat(page.page().locator(".finding")).hasCount(1);
        assertThat(page.page()).hasURL(Pattern.compile(".*/review\\?reason=never-used$"));
        select(page, "reason", "shared");
        assertThat(page.text("No such finding")).isVisible();
        page.page().locator(".state").getByRole(AriaRole.BUTTON).click();
        select(page, "group", "key");
        assertThat(page.page().locator(".finding-group h2 a")).hasText(new String[] { "ERP", "Forgotten" });
        page.link("Forgotten").click();
        assertThat(page.page()).hasURL(Pattern.compile(".*/keys/" + old.id() + "$"));
    }

    @Test
    void aViewerReadsTheAdviceAndIsOfferedNothing() {
        api.aKey().with("name", "ERP").create();
        PanelPage page = open(Look.ENGLISH, api, "/review", "viewer").isAt(TITLE);

        assertThat(finding(page, "no-expiry")).containsText("Let it expire as your organization's policy has it");
        assertThat(page.page().locator(".finding button")).hasCount(0);
    }

    @Test
    void aRefusalIsToldAndTheFindingStays() {
        Created key = api.aKey().with("name", "ERP").create();
        PanelPage page = open(Look.ENGLISH, api, "/review", "owner").isAt(TITLE).expecting(503);
        page.page().route("**/api/v1/keys/" + key.id(), route -> {
            if (route.request().method().equals("PATCH")) {
                route.fulfill(new Route.FulfillOptions().setStatus(503)
                        .setContentType("application/problem+json").setBody("{\"code\": \"unavailable\"}"));
            } else {
                route.resume();
            }
        });
        page.button("Set an expiry: ERP").click();
        assertThat(page.page().getByText("Not available at the moment")).isVisible();
        assertThat(finding(page, "no-expiry")).isVisible();
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("expiresAt", equalTo(null));
    }

    @Test
    void whatAnswersLateOrTwiceIsShownNeitherElsewhereNorTwice() {
        Created old = api.aKey().with("name", "Forgotten").create();
        age(old, "31 days");
        api.aKey().with("name", "ERP").create();
        unusedScopes("Wide");
        PanelPage page = open(Look.ENGLISH, api, "/review", "owner").isAt(TITLE);
        assertThat(page.page().locator(".finding")).hasCount(4);
        Held rest = Held.of(page, ONE_KEY, "GET");
        page.button("Set an expiry: Forgotten").click();
        rest.awaits(1);
        select(page, "reason", "unused-scopes");
        assertThat(page.page().locator(".finding")).hasCount(1);
        page.page().waitForResponse(ONE_KEY, rest::resume);
        page.page().evaluate("new Promise((resolve) => setTimeout(resolve))");
        assertThat(page.page().locator(".finding")).hasCount(1);
        assertThat(finding(page, "unused-scopes")).hasCount(1);

        // What was asked for before the undoing is of before it.
        page.page().unroute(ONE_KEY);
        select(page, "reason", "no-expiry");
        assertThat(finding(page, "no-expiry")).hasCount(1);
        Map<Route, APIResponse> late = new ConcurrentHashMap<>();
        page.page().route(ONE_KEY, route -> {
            if (late.isEmpty()) {
                late.put(route, route.fetch());
            } else {
                route.resume();
            }
        });
        page.button("Set an expiry: ERP").click();
        Locator undo = page.page().locator(".toast").filter(new Locator.FilterOptions().setHasText("ERP"))
                .getByRole(AriaRole.BUTTON, named("Undo"));
        assertThat(undo).isVisible();
        assertThat(page.page().locator(".finding")).hasCount(0);
        Eventually.holds(() -> {
            page.page().evaluate("1");
            assertThat(late).hasSize(1);
        });
        undo.click();
        assertThat(finding(page, "no-expiry")).hasCount(1);
        page.page().waitForResponse(ONE_KEY,
                () -> late.forEach((route, answer) -> route.fulfill(new Route.FulfillOptions().setResponse(answer))));
        page.page().evaluate("new Promise((resolve) => setTimeout(resolve))");
        assertThat(finding(page, "no-expiry")).hasCount(1);
    }

    @Test
    void aKeyWhoseFindingsTwoPagesShareIsShownOnce() {
        api.aKey().with("name", "ERP").create();
        withUnusedScopes(api.aKey().with("name", "Wide"));
        api.aKey().with("name", "Newest").create();
        PanelPage page = open(Look.ENGLISH, api, "/stores", "owner").isAt("Stores");
        page.page().route("**/api/v1/keys/review?limit=100*", route -> route.resume(
                new Route.ResumeOptions().setUrl(route.request().url().replace("limit=100", "limit=2"))));
        page.link(TITLE).click();
        page.isAt(TITLE);
        assertThat(finding(page, "no-expiry")).hasCount(2);
        page.button("Set an expiry: Wide").click();
        assertThat(finding(page, "unused-scopes")).hasCount(1);

        page.button("Show more").click();
        assertThat(page.button("Set an expiry: ERP")).isVisible();
        assertThat(finding(page, "unused-scopes")).hasCount(1);
        assertThat(page.text("3 findings")).isVisible();
    }

    @Test
    void everybodyCanUseIt() {
        Created old = api.aKey().with("name", "Nómina").create();
        age(old, "100 days");
        unusedScopes("ERP central");
        limited("Transportista").expiresAt(Instant.now().plus(Duration.ofDays(10))).create();

        for (Look look : Look.BOTH) {
            PanelPage page = open(look, api, "/review", "owner").isAt(look.isSpanish() ? "Revisión" : TITLE);
            assertThat(page.page().locator(".finding")).hasCount(5);
            page.fits().isAccessible().screenshot("review-findings");
            if (look.isSpanish()) {
                page.speaksSpanish();
            }
            page.button(look.isSpanish() ? "Regenerar: Nómina" : "Regenerate: Nómina").click();
            assertThat(page.page().locator("dialog[open]")).isVisible();
            page.isAccessible().screenshot("review-asks");
            if (look.isSpanish()) {
                page.speaksSpanish();
            }
        }
        Api nothing = Api.ofNewOrganization();
        for (Look look : List.of(Look.ENGLISH, Look.SPANISH.dark())) {
            PanelPage page = open(look, nothing, "/review", "viewer").isAt(look.isSpanish() ? "Revisión" : TITLE);
            assertThat(page.page().locator(".state")).isVisible();
            page.fits().isAccessible().screenshot("review-empty");
        }
    }

    private KeyBuilder limited(String name) {
        return api.aKey().with("name", name).expiresAt(Instant.now().plus(Duration.ofDays(60)));
    }

    /** A key with that finding alone. */
    private Created unusedScopes(String name) {
        return withUnusedScopes(limited(name));
    }

    private Created withUnusedScopes(KeyBuilder wanted) {
        Created key = wanted.scopes("orders:read", "orders:write").create();
        UUID id = UUID.fromString(key.id());
        behind.execute("update api_key set granted_at = now() - interval '40 days' where id = ?", id);
        behind.execute("insert into key_exercise (key_id, kind, name, last_at) values (?, 'scope', 'orders:read', now())", id);
        return key;
    }

    private void age(Created key, String time) {
        UUID id = UUID.fromString(key.id());
        behind.execute("update api_key set created_at = now() - cast(? as interval) where id = ?", time, id);
        behind.execute("update key_material set created_at = now() - cast(? as interval) where key_id = ?", time, id);
    }

    private static Locator finding(PanelPage page, String reason) {
        return page.page().locator(".finding[data-reason=" + reason + "]");
    }

    private static void select(PanelPage page, String name, String value) {
        page.page().getByRole(AriaRole.SEARCH).locator("select[name=" + name + "]").selectOption(value);
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }
}
