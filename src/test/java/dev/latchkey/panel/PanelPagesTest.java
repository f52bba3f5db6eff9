package dev.latchkey.panel;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.latchkey.testing.Api;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every page in both languages, light and dark, wide and on a phone: accessible, within the window, in one language, without a
 * complaint of the browser. The screenshots are for whoever looks at them.
 */
@QuarkusTest
@NullUnmarked
class PanelPagesTest extends BrowserTest {

    /** A new page is a line here: its path, its headings, and its name among the screenshots. */
    private static final List<At> PAGES = List.of(
            new At("keys", "/keys", "API keys", "Claves de API"),
            new At("key-new", "/keys/{key}", "ERP", "ERP"),
            new At("review", "/review", "Review", "Revisión"),
            new At("credentials-new", "/credentials", "Credentials", "Credenciales"),
            new At("webhooks-new", "/webhooks", "Webhooks", "Webhooks"),
            new At("recipes", "/recipes", "Recipes", "Recetas"),
            new At("recipe", "/recipes/orders-from-a-channel", "Orders from a channel of your own",
                    "Pedidos de un canal propio"),
            new At("stores", "/stores", "Stores", "Tiendas"),
            new At("activity-new", "/activity", "Activity", "Actividad"),
            new At("notifications-none", "/notifications", "Notifications", "Notificaciones"),
            new At("organization", "/organization", "Organization", "Organización"));

    private Api api;
    private String key;

    @BeforeEach
    void anOrganizationThatHasSomethingToShow() {
        api = Api.ofNewOrganization();
        api.set(Map.of("name", "Acme Trading")).then().statusCode(200);
        store("madrid", "Madrid Centro", "shopify");
        store("valencia", "Valencia Puerto", "shopify");
        store("tienda", "Tienda online", "woocommerce");
        key = api.aKey().with("name", "ERP").create().id();
    }

    @ParameterizedTest
    @MethodSource
    void isWellMadeInEveryLook(At at, Look look) {
        PanelPage page = open(look, api, at.path().replace("{key}", key), "owner")
                .isAt(look.isSpanish() ? at.spanish() : at.english());

        page.fits().isAccessible().screenshot(at.name());
        if (look.isSpanish()) {
            page.speaksSpanish();
        }
    }

    static Stream<Arguments> isWellMadeInEveryLook() {
        return PAGES.stream()
                .flatMap(at -> Look.ALL.stream().map(look -> Arguments.of(at, look)));
    }

    @ParameterizedTest
    @MethodSource("looks")
    void signingInIsWellMadeInEveryLook(Look look) {
        PanelPage page = open(look, "/").isAt(look.isSpanish() ? "Inicie sesión en Latchkey" : "Sign in to Latchkey");

        page.fits().isAccessible().screenshot("sign-in");
        if (look.isSpanish()) {
            page.speaksSpanish();
        }
    }

    static Stream<Look> looks() {
        return Look.ALL.stream();
    }

    private void store(String key, String name, String platform) {
        api.asOwner().body(Map.of("key", key, "name", name, "platform", platform, "url", "https://" + key + ".example"))
                .post("/api/v1/stores").then().statusCode(201);
    }

    private record At(String name, String path, String english, String spanish) {
    }
}
