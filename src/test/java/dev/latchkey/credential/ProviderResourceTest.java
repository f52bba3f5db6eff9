package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ProviderResourceTest {

    private final Api api = Api.ofNewOrganization();

    private Response get(String path) {
        return api.as("viewer").get("/api/v1/providers" + path);
    }

    @Test
    void theListIsByNameAndSaysWhatIsConfirmed() {
        Response list = get("?limit=200");

        assertThat(list.statusCode()).isEqualTo(200);
        List<String> names = list.path("items.name");
        assertThat(names).hasSizeGreaterThanOrEqualTo(24).isSortedAccordingTo(String.CASE_INSENSITIVE_ORDER);
        assertThat(list.<List<Boolean>> path("items.confirmed")).contains(false);
        assertThat(list.<Object> path("items.find {it.key == 'paypal'}.types")).isEqualTo(List.of("oauth2"));
        assertThat(list.<Object> path("nextCursor")).isNull();
    }

    @Test
    void pagesHoldEachServiceOnce() {
        List<String> keys = new ArrayList<>();
        String cursor = null;
        int pages = 0;
        do {
            Response page = get("?limit=5" + (cursor == null ? "" : "&cursor=" + cursor));
            keys.addAll(page.path("items.key"));
            cursor = page.path("nextCursor");
            pages++;
        } while (cursor != null);

        assertThat(keys).doesNotHaveDuplicates().isEqualTo(get("?limit=200").path("items.key"));
        assertThat(pages).isEqualTo((keys.size() + 4) / 5);
    }

    @ParameterizedTest
    @CsvSource({ "q=contifico, contifico", "q=CONTÍFICO, contifico", "q=mercado p, mercado-pago", "q=fedex,",
            "q=woo&category=stores, woocommerce", "q=woo&category=erp,", "category=analytics, google-analytics",
            "type=custom_headers, generic", "q=stripe&type=bearer, stripe", "q=stripe&type=basic," })
    void filtersFind(String query, @Nullable String only) {
        assertThat(get("?" + query).<List<String>> path("items.key")).isEqualTo(only == null ? List.of() : List.of(only));
    }

    @ParameterizedTest
    @ValueSource(strings = { "category=food", "type=cookie", "limit=0" })
    void whatIsNoFilterIsRefused(String query) {
        Response refused = get("?" + query);

        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.<List<String>> path("errors.field")).containsExactly(query.split("=")[0]);
    }

    @Test
    void aCursorIsOfItsListAlone() {
        String cursor = get("?limit=5").path("nextCursor");

        assertThat(get("?limit=5&type=basic&cursor=" + cursor).<String> path("code")).isEqualTo("invalid-cursor");
        assertThat(get("?cursor=x").statusCode()).isEqualTo(400);
    }

    @Test
    void anEntryIsToldInTheReadersLanguage() {
        Response english = get("/shopify");
        Response spanish = api.as("viewer").header("Accept-Language", "es-MX").get("/api/v1/providers/shopify");

        assertThat(english.header("Content-Language")).isEqualTo("en");
        assertThat(english.<String> path("variables[0].label")).isEqualTo("Shop name");
        assertThat(spanish.header("Content-Language")).isEqualTo("es");
        assertThat(spanish.header("Vary")).containsIgnoringCase("Accept-Language");
        assertThat(spanish.<String> path("variables[0].label")).isEqualTo("Nombre de la tienda");
        assertThat(spanish.<String> path("types[1].fields[1].label")).isEqualTo("Secreto de cliente");
        assertThat(spanish.<Boolean> path("confirmed")).isFalse();
        assertThat(spanish.<String> path("oauth2.rotation")).isEqualTo("grace");
        assertThat(spanish.<String> path("oauth2.refreshTokenLifetime")).isEqualTo("PT2160H");
        assertThat(spanish.<List<String>> path("oauth2.grants")).containsExactly("authorization_code", "client_credentials");
    }

    @Test
    void everyEntryCanBeRead() {
        for (String key : get("?limit=200").<List<String>> path("items.key")) {
            Response entry = get("/" + key);
            assertThat(entry.statusCode()).as(key).isEqualTo(200);
            assertThat(entry.<String> path("key")).isEqualTo(key);
            assertThat(entry.<List<String>> path("types.test.by")).as(key).isSubsetOf("request", "token", "nothing");
        }
    }

    @Test
    void whatIsNotKnownIsNotFound() {
        assertThat(get("/fedex").statusCode()).isEqualTo(404);
        assertThat(get("/" + "x".repeat(51)).statusCode()).isIn(404, 422);
    }

    @Test
    void aKeyNeedsTheScope() {
        String with = api.aKey().scopes("credentials:read").createdBy(api.asOwner()).key();
        String without = api.aKey().scopes("orders:read").createdBy(api.asOwner()).key();

        assertThat(Api.withKey(with).get("/api/v1/providers/stripe").statusCode()).isEqualTo(200);
        assertThat(Api.withKey(without).get("/api/v1/providers/stripe").statusCode()).isEqualTo(403);
    }
}
