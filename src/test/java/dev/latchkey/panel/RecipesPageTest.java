package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.CredentialBuilder;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipes are offered where they help, read in the panel, and taken along, without a network and without a dead link. */
@QuarkusTest
@NullUnmarked
class RecipesPageTest extends BrowserTest {

    private static final Path DOCUMENTS = Path.of("docs", "recipes");

    private Api api;

    @BeforeEach
    void anOrganizationThatHasNothing() {
        api = Api.ofNewOrganization();
    }

    @ParameterizedTest
    @ValueSource(strings = { "stock-to-an-erp", "orders-from-a-channel", "nightly-report", "receive-orders" })
    void aRecipeIsShownWholeAndNoneOfItsLinksIsDead(String name) throws IOException {
        PanelPage page = open(Look.ENGLISH, api, "/recipes", "viewer").isAt("Recipes");
        page.link(page.says("recipes.of." + name)).click();
        page.isAt(page.says("recipes.of." + name));

        List<String> source = Files.readAllLines(DOCUMENTS.resolve(name + ".md"));
        Locator recipe = page.page().locator("article.recipe");
        assertThat(recipe.locator("h2"))
                .hasText(source.stream().filter(line -> line.startsWith("## ")).map(line -> line.substring(3))
                        .toArray(String[]::new));
        assertThat(String.join("\n", recipe.locator("pre").allTextContents()))
                .contains(source.stream().filter(line -> line.startsWith("    $ ")).map(line -> line.substring(4)).toList());
        assertThat(String.join("\n", recipe.locator("> p, td").allTextContents())).doesNotContain("*", "](", "`");
        for (Locator link : recipe.locator("a").all()) {
            given().accept("text/html").get(link.getAttribute("href")).then().statusCode(200);
        }
    }

    @Test
    void scriptsAreTakenAlongAsTheyAre() throws IOException {
        for (Path file : List.of(DOCUMENTS.resolve("sync_stock.py"), DOCUMENTS.resolve("import_orders.sh"),
                Path.of("deploy", "examples", "receiver.py"))) {
            assertThat(given().get("/recipe-files/" + file.getFileName()).then().statusCode(200).extract().asString())
                    .isEqualTo(Files.readString(file));
        }
    }

    @Test
    void commandsAreCopiedWithoutTheirAnswers() {
        PanelPage page = open(Look.ENGLISH, api, "/recipes/stock-to-an-erp", "developer").isAt("Stock to an ERP");
        page.page().context().grantPermissions(List.of("clipboard-read", "clipboard-write"));

        Locator code = page.page().locator(".recipe-code").first();

        code.getByRole(AriaRole.BUTTON).click();

        assertThat(code.locator("lk-copy [role=status]")).hasText(page.says("elements.copied"));
        assertThat(page.page().evaluate("navigator.clipboard.readText()")).asString()
                .startsWith("MOOD=busy STOCK=").endsWith("\ncurl -s --retry 9 --retry-connrefused localhost:9000/api/stock");
    }

    @ParameterizedTest
    @CsvSource({ "/keys, orders-from-a-channel", "/credentials, stock-to-an-erp", "/webhooks, receive-orders" })
    void whereThereIsNothingYetARecipeShowsTheWay(String path, String name) {
        PanelPage page = open(Look.SPANISH, api, path, "developer");

        page.link(page.says("recipes.of." + name)).click();

        page.isAt(page.says("recipes.of." + name)).speaksSpanish();
        assertThat(page.text(page.says("recipes.english"))).isVisible();
    }

    @Test
    void whereThereIsSomethingOneShowsTheWayFurther() {
        String key = api.aKey().with("name", "ERP").create().id();
        String credential = api.aCredential().basic("sync", CredentialBuilder.aSecret()).create();
        Map<String, String> offered = Map.of("/keys/" + key, "orders-from-a-channel", "/credentials/" + credential,
                "stock-to-an-erp", "/review", "nightly-report");
        PanelPage page = open(Look.SPANISH, api, "/stores", "developer").isAt("Tiendas");

        offered.forEach((path, name) -> {
            page.go(path);
            assertThat(page.page().locator(".recipes-for")).hasCount(1);
            assertThat(page.page().locator(".skeleton")).hasCount(0);
            page.fits().isAccessible().speaksSpanish().link(page.says("recipes.of." + name)).click();
            page.isAt(page.says("recipes.of." + name));
        });
    }

    @Test
    void thePaletteFindsAllOfThem() {
        PanelPage page = open(Look.ENGLISH, api, "/keys", "viewer").isAt("API keys");

        page.press("Control+k").type("recipes");
        assertThat(page.page().getByRole(AriaRole.OPTION)).hasCount(5);
        page.press("Enter").isAt("Recipes");
        page.press("Control+k").type("nightly").press("Enter").isAt("A nightly report");
    }

    @Test
    void aRecipeThatThereIsNotIsToldAsAnyPageThatThereIsNot() {
        PanelPage page = open(Look.ENGLISH, api, "/recipes/bread", "viewer");

        page.isAt(page.says("problems.not-found.title"));
    }
}
