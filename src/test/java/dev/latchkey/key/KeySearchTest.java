package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.inject.Inject;

import dev.latchkey.key.KeyForm.Access;
import dev.latchkey.key.KeyQueries.Filter;
import dev.latchkey.key.KeyView.Status;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Narrowed lists of keys are right; that they look at few keys to be so is in {@link KeySearchPlansTest}. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class KeySearchTest {

    @Inject
    Pool database;
    @Inject
    KeyQueries queries;

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void textIsFoundInNameDescriptionStartAndIdWhateverItsCase() {
        Created key = api.aKey().with("name", "Pedidos de CÓRDOBA").with("description", "Cada noche, Émile").create();
        api.aKey().with("name", "Other").create();

        for (String text : List.of("pedidos", "DE CÓRDOBA", "córdoba", "noche, é", "ÉMILE", "s d", "ó",
                key.key().substring(4, 12),
                key.key().substring(8, 12).toUpperCase(Locale.ROOT), key.id(), key.id().substring(0, 8),
                key.id().substring(0, 24).toUpperCase(Locale.ROOT), " pedidos  ")) {
            assertThat(found("q", text)).as(text).contains(key.id());
        }
        assertThat(found("q", "pedidos de córdoba")).containsExactly(key.id());
        assertThat(found("q", "córdoba cada")).as("not across fields").isEmpty();
        assertThat(found("q", key.key().substring(12))).as("no more of the key than is shown").isEmpty();
        assertThat(found("q", key.id().substring(0, 7))).as("would be nearly every key's").isEmpty();
        assertThat(found("q", " ")).hasSize(2);
    }

    @Test
    void noCharacterOfTheTextHasAMeaning() {
        Created percent = api.aKey().with("name", "50%_off\\x").create();
        Created other = api.aKey().with("name", "50 and offx").create();

        assertThat(found("q", "%_o")).containsExactly(percent.id());
        assertThat(found("q", "f\\x")).containsExactly(percent.id());
        for (String text : List.of("50%off", "5*", "5.", "0_", "%", "a|b", "'", "\"", "${x}", "50% off & x", "<->")) {
            assertThat(found("q", text)).as(text).doesNotContain(other.id());
        }
    }

    @Test
    void aKeyIsFoundByWhatItHasNow() {
        Created key = api.aKey().with("name", "Before").with("description", "Old").create();
        api.patch(key.id(), Map.of("name", "After", "description", "New", "scopes", List.of("customers:read")));
        String renewed = api.act(key.id(), "regenerate").then().statusCode(200).extract().path("key");

        assertThat(found("q", "after")).containsExactly(key.id());
        assertThat(found("q", renewed.substring(0, 12))).containsExactly(key.id());
        assertThat(found("q", key.key().substring(0, 12))).isEmpty();
        assertThat(found("q", "before")).isEmpty();
        assertThat(found("scope", "orders:read")).isEmpty();
        assertThat(found("scope", "customers:read")).containsExactly(key.id());
    }

    @Test
    void badFiltersAreRefused() {
        for (String bad : List.of("status=dead", "access=some", "store=nowhere", "q=" + "x".repeat(101),
                "scope=" + "x".repeat(101), "limit=0", "limit=201", "limit=x")) {
            api.asOwner().get("/api/v1/keys?" + bad).then().statusCode(422);
        }
        api.asOwner().urlEncodingEnabled(false).get("/api/v1/keys?q=%00").then().statusCode(422);
        api.asOwner().get("/api/v1/keys?cursor=x").then().statusCode(400);
    }

    @Test
    void aCursorIsOneOfItsFilters() {
        String store = api.createStore("madrid");
        api.aKey().create();
        api.aKey().create();
        String narrowed = "status=active&access=all&store=madrid&scope=orders:read&q=erp";
        String cursor = api.asOwner().get("/api/v1/keys?limit=1&" + narrowed).then().statusCode(200).extract()
                .path("nextCursor");

        api.asOwner().get("/api/v1/keys?limit=2&cursor=" + cursor + "&" + narrowed).then().statusCode(200)
                .body("items.size()", equalTo(1));
        for (String other : List.of("", narrowed.replace("q=erp", "q=er"), narrowed.replace("active", "expired"),
                narrowed.replace("madrid", store), narrowed.replace("access=all&", ""),
                narrowed.replace("orders", "products"))) {
            api.asOwner().get("/api/v1/keys?cursor=" + cursor + "&" + other).then().statusCode(400).body("code",
                    equalTo("invalid-cursor"));
        }
    }

    /** More keys than are walked through, and each filter rare here and common there, or known to the oldest alone. */
    @Test
    void whatIsFoundIsWhatALookAtEachKeyFinds() {
        UUID organization = organization();
        UUID madrid = UUID.fromString(api.createStore("madrid"));
        UUID paris = UUID.fromString(api.createStore("paris"));
        new ManyKeys(database, organization, 3 * KeySearch.WALKED / 2).limited(madrid, paris);
        for (int i = 0; i < 60; i++) {
            api.aKey().with("name", "ERP " + i % 7).stores(i % 3 == 0 ? "madrid" : "paris").with("active", i % 4 == 0).create();
        }
        new ManyKeys(database, organization, KeySearch.WALKED).aged(paris);
        ManyKeys.tidy(database);
        List<KeyView> all = pages(organization, new Filter(null, null, null, null, null), 200);
        assertThat(all).hasSize(3 * KeySearch.WALKED / 2 + 60 + KeySearch.WALKED);

        Predicate<KeyView> begin = key -> key.id().toString().startsWith("018bcfe5");
        assertThat(pages(organization, new Filter(null, null, null, null, "018BCFE5"), 100)).hasSize(
                (int) all.stream().filter(begin).count()).allMatch(begin);
        Random random = new Random(5);
        int some = 0;
        for (int round = 0; round < 200; round++) {
            Filter filter = new Filter(oneOf(random, null, null, Status.values()),
                    oneOf(random, null, null, Access.Type.values()),
                    oneOf(random, null, null, new UUID[] { madrid, paris }),
                    oneOf(random, null, null, new String[] { "orders:read", "customers:read", "legacy:read", "none" }),
                    oneOf(random, null, null,
                            new String[] { "zürich", "ERP", "sync 00", "jodler", "04", "x", "no such text", "legacy", "É", "ñö",
                                    "éx", "Z", "y s", "ycns" }));
            List<UUID> expected = all.stream().filter(matching(filter)).map(KeyView::id).toList();

            List<UUID> found = pages(organization, filter, 1 + random.nextInt(200)).stream().map(KeyView::id).toList();

            assertThat(found).as(filter.toString()).isEqualTo(expected);
            some += found.isEmpty() || found.size() == all.size() ? 0 : 1;
        }
        assertThat(some).as("filters that took some and left some").isGreaterThan(40);
    }

    private static Predicate<KeyView> matching(Filter filter) {
        String text = filter.text() == null ? "" : filter.text().toLowerCase(Locale.ROOT);
        return key -> (filter.status() == null || key.status() == filter.status())
                && (filter.access() == null || key.access().type() == filter.access())
                && (filter.store() == null || key.access().stores() == null
                        || key.access().stores().stream().anyMatch(store -> store.id().equals(filter.store())))
                && (filter.scope() == null || key.scopes().contains(filter.scope()))
                && Stream.of(key.name(), String.valueOf(key.description()), key.start())
                        .anyMatch(said -> said.toLowerCase(Locale.ROOT).contains(text));
    }

    private List<KeyView> pages(UUID organization, Filter filter, int limit) {
        List<KeyView> all = new ArrayList<>();
        List<KeyView> page = queries.list(organization, filter, null, limit).await().indefinitely();
        while (!page.isEmpty()) {
            assertThat(page.size()).isLessThanOrEqualTo(limit);
            all.addAll(page);
            page = queries.list(organization, filter, all.get(all.size() - 1).id(), limit).await().indefinitely();
        }
        assertThat(all.stream().map(KeyView::id).collect(Collectors.toSet())).hasSameSizeAs(all);
        return all;
    }

    @SafeVarargs
    private static <T> T oneOf(Random random, T first, T second, T... others) {
        int choice = random.nextInt(others.length + 2);
        return choice == 0 ? first : choice == 1 ? second : others[choice - 2];
    }

    private UUID organization() {
        return UUID.fromString(api.organizationId());
    }

    private List<String> found(String filter, String value) {
        return api.asOwner().queryParam(filter, value).get("/api/v1/keys").then().statusCode(200).extract().path("items.id");
    }
}
