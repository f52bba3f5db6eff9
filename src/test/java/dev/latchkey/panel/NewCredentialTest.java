package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.credential.FakeProvider;
import dev.latchkey.credential.FakeProvider.Answer;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.CredentialBuilder;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A credential is tried against its provider before it is stored, and nothing that was typed is lost on the way. */
@QuarkusTest
@NullUnmarked
class NewCredentialTest extends BrowserTest {

    private final String password = CredentialBuilder.aSecret();

    private Api api;
    private FakeProvider provider;

    @BeforeEach
    void aNewOrganizationAndAProviderThatKnowsOnePassword() {
        api = Api.ofNewOrganization();
        provider = FakeProvider.start();
        String good = "Basic " + Base64.getEncoder().encodeToString(("sync:" + password).getBytes(StandardCharsets.UTF_8));
        provider.answers(asked -> new Answer(asked.header("Authorization").equals(good) ? 200 : 401, "{}"));
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void aBadOneIsToldByTheTestAndAGoodOneIsStored(Look look) {
        PanelPage page = credentials(look).expecting(422);
        Locator dialog = ownService(page, "basic");
        dialog.locator("[name='data.username']").fill("sync");
        dialog.locator("[name='data.password']").fill("not the password");
        assertThat(dialog.locator("[name='data.password']")).hasAttribute("type", "password");
        button(dialog, page.says("credentials.test.action")).click();

        assertThat(dialog.locator(".standing-red")).containsText(page.says("credentials.status.red"));
        assertThat(dialog.locator(".standing-red")).containsText(page.says("credentials.next"));
        assertThat(dialog.locator(".standing-red")).containsText("HTTP 401");
        api.asOwner().get("/api/v1/credentials").then().body("items", hasSize(0));
        page.fits().isAccessible().screenshot("credential-red");
        speaksItsLanguage(page);

        dialog.locator("[name='data.password']").fill(password);
        assertThat(dialog.getByText(page.says("credentials.test.outdated"))).isVisible();
        button(dialog, page.says("credentials.test.action")).click();
        assertThat(dialog.locator(".standing-green")).containsText(page.says("credentials.status.green"));
        assertThat(dialog.getByText(page.says("credentials.form.skipTest"))).hasCount(0);
        page.screenshot("credential-green");
        dialog.locator("[type=submit]").click();

        CredentialsPageTest.shows(page, "ERP stock");
        assertThat(page.page().content()).doesNotContain(password);
        api.asOwner().get("/api/v1/credentials").then().body("items.status", contains("green"));
    }

    @Test
    void whatIsRedIsStoredOnlyByWhoSaysSo() {
        PanelPage page = credentials(Look.ENGLISH).expecting(422);
        Locator dialog = ownService(page, "basic");
        dialog.locator("[name='data.username']").fill("sync");
        dialog.locator("[name='data.password']").fill("not the password");
        dialog.locator("[type=submit]").click();

        assertThat(dialog.locator(".dialog-result")).isFocused();
        assertThat(dialog.locator(".standing-red")).containsText("it does not accept these credentials");
        assertThat(dialog.locator("[name='data.password']")).hasValue("not the password");
        api.asOwner().get("/api/v1/credentials").then().body("items", hasSize(0));

        dialog.getByLabel("Save it although its test fails").check();
        button(dialog, "Save untested").click();
        CredentialsPageTest.shows(page, "ERP stock");
        api.asOwner().get("/api/v1/credentials").then().body("items.status", contains("unknown"));
    }

    @ParameterizedTest
    @MethodSource(Look.LANGUAGES)
    void whatTheServerRefusesStandsAtItsFieldAndNothingIsLost(Look look) {
        PanelPage page = credentials(look).expecting(422, 502, 503);
        Locator dialog = ownService(page, "api_key");
        dialog.locator("[name='data.key']").fill("a-key-of-tests");
        dialog.locator("[name='data.name']").fill("Content-Type");
        dialog.locator("[name=baseUrl]").fill("erp.example");
        button(dialog, page.says("credentials.test.action")).click();
        assertThat(field(dialog, "data.name").locator(".error")).hasText(page.says("problems.field.reservedHeader"));
        dialog.locator("[name='data.name']").fill("X-Api-Key");
        dialog.locator("[type=submit]").click();
        assertThat(field(dialog, "baseUrl").locator(".error")).hasText(page.says("problems.field.url"));
        assertThat(dialog.locator("[name=baseUrl]")).isFocused();
        speaksItsLanguage(page);

        provider.answers(200, "{}");
        dialog.locator("[name=baseUrl]").fill(provider.url());
        AtomicInteger calls = new AtomicInteger();
        page.page().route("**/api/v1/credentials", route -> answerBadly(route, calls));
        dialog.locator("[type=submit]").click();
        assertThat(dialog.getByText(page.says("problems.unavailable.title"))).isVisible();
        assertThat(dialog.locator("[name='data.key']")).hasValue("a-key-of-tests");
        // The second is carried out, but its answer is lost.
        button(dialog, page.says("elements.retry")).click();
        assertThat(dialog.getByText(page.says("problems.internal.title"))).isVisible();
        button(dialog, page.says("elements.retry")).click();
        CredentialsPageTest.shows(page, "ERP stock");
        api.asOwner().get("/api/v1/credentials").then().body("items", hasSize(1));
    }

    private static void answerBadly(Route route, AtomicInteger calls) {
        if (!route.request().method().equals("POST") || calls.incrementAndGet() > 2) {
            route.resume();
        } else if (calls.get() == 1) {
            KeysPageTest.unavailable(route);
        } else {
            route.fetch();
            route.fulfill(
                    new Route.FulfillOptions().setStatus(502).setContentType("text/html").setBody("<h1>Bad gateway</h1>"));
        }
    }

    @Test
    void aKnownServiceAsksForWhatItNeedsAndSaysWhatIsNotConfirmed() {
        Look.BOTH.forEach(this::shopify);
    }

    private void shopify(Look look) {
        PanelPage page = credentials(look);
        page.button(page.says("credentials.create")).first().click();
        Locator gallery = page.dialog(page.says("credentials.gallery.title"));
        page.fits().isAccessible().screenshot("credential-gallery");
        assertThat(gallery.locator("[data-provider=contifico]")).containsText(page.says("credentials.gallery.unconfirmed"));
        gallery.getByRole(AriaRole.SEARCHBOX).fill("contif");
        assertThat(gallery.locator(".gallery-card")).hasCount(1);
        gallery.getByRole(AriaRole.SEARCHBOX).fill("shopif");
        page.press("Enter");

        Locator form = page.dialog(page.says("credentials.form.create.title"));
        assertThat(form.locator("[name=name]")).isFocused();
        assertThat(form.getByText(page.says("credentials.provider.unconfirmed"))).isVisible();
        form.locator("[name='variables.shop']").fill("zapatos-madrid");
        form.locator("[name='data.key']").fill("shpat-of-tests");
        form.getByRole(AriaRole.RADIO).nth(1).check();
        assertThat(form.locator("[name='data.clientSecret']")).isVisible();
        assertThat(form.getByText("/oauth2/callback")).isVisible();
        form.getByRole(AriaRole.RADIO).nth(0).check();
        page.fits().isAccessible().screenshot("credential-shopify");
        speaksItsLanguage(page);

        button(form, page.says("credentials.form.chooseAgain")).click();
        gallery.locator("[data-provider=stripe]").click();
        assertThat(form.locator("[name=name]")).hasValue("Stripe");
        button(form, page.says("credentials.form.chooseAgain")).click();
        gallery.locator("[data-provider=shopify]").click();
        assertThat(form.locator("[name='variables.shop']")).hasValue("zapatos-madrid");
        assertThat(form.locator("[name='data.key']")).hasValue("shpat-of-tests");
        page.press("Escape");
        assertThat(page.dialog(page.says("elements.discard.title"))).isVisible();
    }

    @Test
    void headersAreEnteredOneByOne() {
        provider.answers(asked -> new Answer(asked.header("X-One").equals("first-of-tests")
                && asked.header("X-Two").equals("second-of-tests") ? 200 : 401, "{}"));
        PanelPage page = credentials(Look.ENGLISH).expecting(422);
        Locator dialog = ownService(page, "custom_headers");
        dialog.getByLabel("Name of header 1").fill("X-One");
        dialog.getByLabel("Value of header 1", new Locator.GetByLabelOptions().setExact(true)).fill("first-of-tests");
        button(dialog, "Add header").click();
        dialog.getByLabel("Value of header 2", new Locator.GetByLabelOptions().setExact(true)).fill("second-of-tests");
        dialog.locator("[type=submit]").click();
        assertThat(dialog.locator(".header-row .error")).hasText(page.says("elements.headers.nameless"));
        dialog.getByLabel("Name of header 2").fill("x-one");
        button(dialog, "Add header").click();
        button(dialog, "Remove header 3").click();
        assertThat(button(dialog, "Remove header 2")).isFocused();
        button(dialog, "Show or hide: Value of header 2").click();
        assertThat(dialog.locator("[name=header-value]").nth(1)).hasAttribute("type", "text");
        // Of two with one name only one could be sent: nothing is.
        dialog.locator("[type=submit]").click();
        assertThat(dialog.locator(".header-row .error")).hasCount(2);
        dialog.getByLabel("Name of header 2").fill("X-Two");
        dialog.locator("[type=submit]").click();
        CredentialsPageTest.shows(page, "ERP stock");
        api.asOwner().get("/api/v1/credentials").then().body("items[0].status", equalTo("green"))
                .body("items[0].data.headers.size()", equalTo(2));
    }

    private PanelPage credentials(Look look) {
        PanelPage page = open(look, api, "/credentials", "developer");
        return page.isAt(page.says("frame.pages.credentials"));
    }

    /** The form of a service that is in no entry, with a name, an address and a test. */
    private Locator ownService(PanelPage page, String type) {
        page.button(page.says("credentials.create")).first().click();
        page.dialog(page.says("credentials.gallery.title")).locator("[data-type=" + type + "]").click();
        Locator dialog = page.dialog(page.says("credentials.form.create.title"));
        dialog.locator("[name=name]").fill("ERP stock");
        dialog.locator("[name=baseUrl]").fill(provider.url());
        dialog.locator("[name='test.url']").fill("/stock");
        return dialog;
    }

    private static Locator field(Locator dialog, String name) {
        return dialog.locator(".field")
                .filter(new Locator.FilterOptions().setHas(dialog.page().locator("[name='" + name + "']")));
    }

    private static Locator button(Locator dialog, String name) {
        return dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }

    private static void speaksItsLanguage(PanelPage page) {
        if (page.look().isSpanish()) {
            page.speaksSpanish();
        }
    }
}
