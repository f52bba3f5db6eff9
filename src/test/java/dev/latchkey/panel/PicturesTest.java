package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.SignedIn;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The README's pictures, of a shop that is open; {@code -Dlatchkey.pictures.write} puts them into docs/images. */
@QuarkusTest
@NullUnmarked
class PicturesTest extends BrowserTest {

    private static final Path PICTURES = Path.of("docs/images");
    private static final int DAYS = 30;

    @Inject
    DataSource database;

    private Api api;
    private Behind behind;
    private Created erp;

    @BeforeEach
    void aShopThatIsOpen() {
        behind = new Behind(database);
        api = Api.ofNewOrganization();
        api.set(Map.of("name", "Acme Trading")).then().statusCode(200);
        store("madrid", "Madrid Centro", "shopify");
        store("valencia", "Valencia Puerto", "shopify");
        used(api.aKey().with("name", "Payroll export").with("scopes", List.of("accounts:read")).create(), 4);
        used(api.aKey().with("name", "Marketplace feed").with("scopes", List.of("products:read", "categories:read"))
                .stores("valencia").create(), 60);
        Created partner = api.aKey().with("name", "Carrier: order status").with("scopes", List.of())
                .with("methods", List.of("GET /api/v*/orders/statuses")).create();
        used(partner, 25);
        used(api.aKey().with("name", "Warehouse app").with("scopes", List.of("orders:read", "products:write")).stores("madrid")
                .withSecret().recoverable().create(), 110);
        erp = api.aKey().with("name", "ERP order sync").with("description", "Orders and customers, every five minutes")
                .with("scopes", List.of("orders:read", "customers:read", "orders:write")).create();
        used(erp, 240);
    }

    @Test
    void theReadmeShowsThePanelOfToday() throws IOException {
        PanelPage keys = signedIn("/keys").isAt("API keys");
        assertThat(keys.page().locator(".spark")).hasCount(5);
        keep(keys, "keys");

        PanelPage key = signedIn("/keys/" + erp.id()).isAt("ERP order sync");
        assertThat(key.page().locator(".chart svg, .chart canvas").first()).isVisible();
        assertThat(key.page().locator("lk-key-recent tbody tr").first()).isVisible();
        keep(key, "key");
    }

    private PanelPage signedIn(String path) {
        return open(Look.ENGLISH, "/sign-in?then=" + path + "#" + SignedIn.linkTo(api,
                Map.of("org", api.organization(), "user", "Ana Ruiz", "groups", List.of("owner")))).isSignedIn();
    }

    private static void keep(PanelPage page, String name) throws IOException {
        page.screenshot("readme-" + name);
        if (System.getProperty("latchkey.pictures.write") != null) {
            Files.createDirectories(PICTURES);
            Files.copy(Path.of("target/screenshots/readme-" + name + "-en-light.png"), PICTURES.resolve(name + ".png"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** By requests of today, and by counts of the days before, which nobody can send any more. */
    private void used(Created key, int daily) {
        for (String path : List.of("/api/v1/orders/statuses", "/api/v1/products", "/api/v1/customers")) {
            Map<String, Object> question = new HashMap<>(
                    Map.of("key", key.key(), "method", "GET", "path", path, "store", "madrid"));
            question.put("secret", key.secret());
            question.put("ip", "203.0.113.7");
            api.verify(question);
        }
        for (int day = 1; day < DAYS; day++) {
            int accepted = daily + (day * 37 + daily) % (daily / 2 + 1) - (day % 7 < 2 ? daily / 2 : 0);
            count(key, day, "VALID", accepted);
            count(key, day, day % 3 == 0 ? "SCOPE_MISSING" : "RATE_LIMITED", accepted / 12);
        }
    }

    private void count(Created key, int day, String verdict, int count) {
        behind.execute("""
                insert into key_usage_day (key_id, kind, day, name, count)
                values (cast(? as uuid), 'verdict', current_date - ?, ?, ?)
                """, key.id(), day, verdict, count);
    }

    private void store(String key, String name, String platform) {
        api.asOwner().body(Map.of("key", key, "name", name, "platform", platform, "url", "https://" + key + ".example"))
                .post("/api/v1/stores").then().statusCode(201);
    }
}
