package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;

import dev.latchkey.catalog.Catalog.Group;
import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.catalog.Catalog.Scope;
import dev.latchkey.catalog.Demand.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogTest {

    private static final Catalog BUILT_IN = Catalog.builtIn();

    @Test
    void theScopesAreThoseOfTheContract() {
        assertThat(Catalog.serviceScopes()).containsExactlyInAnyOrder("keys:read", "keys:write", "keys:verify",
                "keys:verify-any",
                "stores:read", "stores:write", "credentials:read", "credentials:write", "credentials:use", "webhooks:manage",
                "events:read", "events:publish", "activity:read", "leaks:report");
        assertThat(BUILT_IN.scopes()).containsAll(Catalog.serviceScopes()).hasSize(14 + 12 + 3)
                .contains("payments:write", "import", "export");
        for (var resource : List.of("customers", "orders", "products", "categories", "accounts", "contacts")) {
            assertThat(BUILT_IN.scopes()).contains(resource + ":read", resource + ":write");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "customers", "orders", "products", "categories", "accounts", "contacts" })
    void readingDemandsReadAndEverythingElseDemandsWrite(String resource) {
        for (var path : List.of("/api/v1/" + resource, "/api/v27/" + resource + "/5", "/api/v1/" + resource + "/5/lines/")) {
            for (var method : List.of("GET", "HEAD")) {
                assertThat(demandOf(method, path)).isEqualTo(new Demand(Code.KNOWN, Set.of(resource + ":read"), null));
            }
            for (var method : List.of("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY")) {
                assertThat(demandOf(method, path)).isEqualTo(new Demand(Code.KNOWN, Set.of(resource + ":write"), null));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "POST   | /api/v1/payments                | payments:write",
            "DELETE | /api/v1/payments/5/refunds      | payments:write",
            "GET    | /api/v1/import                  | import",
            "POST   | /api/v2/import/orders           | import",
            "GET    | /api/v1/export/orders.csv       | export",
            "GET    | /api/v1/keys                    | keys:read",
            "GET    | /api/v1/keys/review             | keys:read",
            "GET    | /api/v1/keys/5/usage            | keys:read",
            "POST   | /api/v1/keys                    | keys:write",
            "POST   | /api/v1/keys/5/regenerate       | keys:write",
            "POST   | /api/v1/keys/verify             | keys:verify",
            "DELETE | /api/v1/stores/5                | stores:write",
            "POST   | /api/v1/credentials/5/lease     | credentials:use",
            "PUT    | /api/v1/proxy/5/orders/7        | credentials:use",
            "GET    | /api/v1/integrations            | credentials:read",
            "POST   | /api/v1/webhooks/5/test         | webhooks:manage",
            "POST   | /api/v1/deliveries/5/retry      | webhooks:manage",
            "POST   | /api/v1/events                  | events:publish",
            "GET    | /api/v1/activity/verify         | activity:read",
            "POST   | /api/v1/leaks                   | leaks:report",
    })
    void anOperationDemandsItsScope(String method, String path, String scope) {
        assertThat(demandOf(method, path)).isEqualTo(new Demand(Code.KNOWN, Set.of(scope), null));
    }

    @ParameterizedTest
    @ValueSource(strings = { "/api/v1/keys/self", "/api/v1/catalog", "/api/v1/event-types" })
    void whatAnyKeyMayCallDemandsNoScope(String path) {
        assertThat(demandOf("GET", path)).isEqualTo(new Demand(Code.KNOWN, Set.of(), null));
    }

    @ParameterizedTest
    @CsvSource({
            "GET, /", "GET, /api/v1", "GET, /api/v1/unheard-of", "GET, /orders", "GET, /api/orders", "GET, /api/1/orders",
            "GET, /API/v1/orders", "GET, /api/v1/Orders", "GET, /x/api/v1/orders", "GET, /api/v1/payments",
            "HEAD, /api/v1/payments/5", "OPTIONS, /api/v1/payments", "POST, /api/v1/keys/5/reveal", "DELETE, /api/v1/keys/5",
            "POST, /api/v1/keys/import", "GET, /api/v1/organization", "PUT, /api/v1/catalog", "POST, /api/v1/panel-sessions",
    })
    void whatTheCatalogueDoesNotNameIsUnknownAndDemandsNothing(String method, String path) {
        assertThat(demandOf(method, path)).isEqualTo(new Demand(Code.UNKNOWN, Set.of(), null));
    }

    @ParameterizedTest
    @CsvSource({
            "get, /api/v1/orders", "Get, /api/v1/orders", "*, /api/v1/orders", "'', /api/v1/orders", "'GET ', /api/v1/orders",
            "GET, /api/v1/orders/..;/customers", "GET, *", "GET, /api/v1/orders%00", "GET, //x/api/v1/orders",
            "GET, /x/%252e%252e/api/v1/orders",
    })
    void whatServersReadDifferentlyIsRefusedAndNotMerelyUnknown(String method, String path) {
        assertThat(demandOf(method, path)).isEqualTo(new Demand(Code.REFUSED, Set.of(), null));
    }

    @Test
    void aDoubtfulPathDemandsTheScopesOfEachReading() {
        assertThat(demandOf("GET", "/api/v1/products/AB%2F12"))
                .isEqualTo(new Demand(Code.KNOWN, Set.of("products:read"), null));

        var catalog = new Catalog(List.of(group(List.of("a", "b"), operation("GET /x/*", "a"), operation("GET /x/*/*", "b"))));

        assertThat(catalog.demandOf("GET", ApiPath.parse("/x/1%2F2")))
                .isEqualTo(new Demand(Code.KNOWN, Set.of("a", "b"), null));
    }

    @Test
    void aPathOfWhichOneReadingIsUnknownIsUnknownAndStillDemandsTheOthersScopes() {
        assertThat(demandOf("GET", "/api/v1%2Forders")).isEqualTo(new Demand(Code.UNKNOWN, Set.of("orders:read"), null));
        assertThat(demandOf("GET", "/api/v1/orders%3Fx")).isEqualTo(new Demand(Code.UNKNOWN, Set.of("orders:read"), null));
    }

    @Test
    void theMostSpecificPathDecides() {
        var catalog = new Catalog(List.of(group(List.of("any", "rest", "exact", "partial"),
                operation("* /**", "any"), operation("GET /a/**", "rest"), operation("GET /a/b", "exact"),
                operation("GET /a/b*", "partial"), operation("GET /a/free"))));

        assertThat(catalog.demandOf("GET", ApiPath.parse("/z")).scopes()).containsExactly("any");
        assertThat(catalog.demandOf("GET", ApiPath.parse("/a/x")).scopes()).containsExactly("rest");
        assertThat(catalog.demandOf("GET", ApiPath.parse("/a/bx")).scopes()).containsExactly("partial");
        assertThat(catalog.demandOf("GET", ApiPath.parse("/a/b")).scopes()).containsExactly("exact");
        assertThat(catalog.demandOf("GET", ApiPath.parse("/a/free"))).isEqualTo(new Demand(Code.KNOWN, Set.of(), null));
        assertThat(catalog.demandOf("POST", ApiPath.parse("/a/b")).scopes()).containsExactly("any");
    }

    @Test
    void pathsOfWhichNeitherIsMoreSpecificDemandBothScopes() {
        var catalog = new Catalog(List.of(group(List.of("one", "two"), operation("GET /a/*/c", "one"),
                operation("GET /a/b/*", "two"))));

        assertThat(catalog.demandOf("GET", ApiPath.parse("/a/b/c")))
                .isEqualTo(new Demand(Code.KNOWN, Set.of("one", "two"), null));
        assertThat(catalog.demandOf("GET", ApiPath.parse("/a/x/c"))).isEqualTo(new Demand(Code.KNOWN, Set.of("one"), null));
    }

    @Test
    void anOperationNamedTwiceDemandsBothScopes() {
        var catalog = new Catalog(
                List.of(group(List.of("one", "two"), operation("GET /a", "one"), operation("GET /a", "two"))));

        assertThat(catalog.demandOf("GET", ApiPath.parse("/a")).scopes()).containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void aScopeThatNobodyCouldBeGivenIsNotDemanded() {
        var group = group(List.of("one"), operation("GET /a", "other"));

        assertThatThrownBy(() -> new Catalog(List.of(group))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPlatformsDocumentNeverTakesTheServicesOwnOperationsAway() {
        var catalog = Catalog.withService(List.of(group(List.of("one"), operation("GET /a", "one"))));

        assertThat(catalog.scopes()).contains("one").containsAll(Catalog.serviceScopes()).doesNotContain("orders:read");
        assertThat(catalog.demandOf("POST", ApiPath.parse("/api/v1/keys")).scopes()).containsExactly("keys:write");
    }

    @Test
    void aMistypedPatternIsNoticed() {
        assertThat(BUILT_IN.knowsAnyOf(MethodPattern.of("GET /api/v*/orders/statuses"))).isTrue();
        assertThat(BUILT_IN.knowsAnyOf(MethodPattern.of("* /**"))).isTrue();
        assertThat(BUILT_IN.knowsAnyOf(MethodPattern.of("GET /api/v*/ordres"))).isFalse();
    }

    @Test
    void everyTextIsThereInBothLanguagesAndTranslated() throws IOException {
        var english = texts("en");
        var spanish = texts("es");

        assertThat(spanish.stringPropertyNames()).isEqualTo(english.stringPropertyNames());
        assertThat(english.stringPropertyNames()).allSatisfy(key -> {
            assertThat(english.getProperty(key)).isNotBlank().isNotEqualTo(spanish.getProperty(key));
            assertThat(spanish.getProperty(key)).isNotBlank();
            assertThat(spanish.getProperty(key).contains("{0}")).isEqualTo(english.getProperty(key).contains("{0}"));
        });
    }

    @Test
    void everyWrittenTextIsShownAndNoneIsShownTwiceInAGroup() throws IOException {
        var shown = new HashSet<String>();
        BUILT_IN.groups().forEach(group -> textsOf(group).forEach(text -> shown.add(text.english())));
        var written = texts("en");

        assertThat(written.stringPropertyNames()).filteredOn(key -> !key.startsWith("name.") && !key.startsWith("resource."))
                .allSatisfy(key -> assertThat(shown).contains(written.getProperty(key)));
        assertThat(shown).noneMatch(text -> text.contains("{0}"));
        assertThat(BUILT_IN.groups()).allSatisfy(group -> {
            var summaries = group.operations().stream().filter(operation -> !operation.path().contains("port"))
                    .map(operation -> operation.summary().spanish()).toList();
            assertThat(summaries).doesNotHaveDuplicates();
        });
    }

    @Test
    void everyGroupScopeAndOperationIsDescribedInBothLanguages() {
        assertThat(BUILT_IN.groups()).hasSize(8 + 7).allSatisfy(group -> assertThat(textsOf(group)).allSatisfy(text -> {
            assertThat(text.english()).isNotBlank();
            assertThat(text.spanish()).isNotBlank().isNotEqualTo(text.english());
        }));
    }

    @Test
    void whatIsAPartOfAServicesOperationDemandsItsScopeToo() {
        var catalog = Catalog.withService(List.of(group(List.of("one", "keys:read"), operation("GET /api/v1/keys/mine", "one"),
                operation("POST /api/v1/keys/mine"), operation("PUT /api/v1/proxy/mine"), operation("GET /api/**"))));

        assertThat(catalog.demandOf("GET", ApiPath.parse("/api/v1/keys/mine")).scopes())
                .containsExactlyInAnyOrder("one", "keys:read");
        assertThat(catalog.demandOf("POST", ApiPath.parse("/api/v1/keys/mine")).scopes()).isEmpty();
        assertThat(catalog.demandOf("PUT", ApiPath.parse("/api/v1/proxy/mine")).scopes()).containsExactly("credentials:use");
        assertThat(catalog.demandOf("GET", ApiPath.parse("/api/v1/keys")).scopes()).containsExactly("keys:read");
        assertThat(catalog.demandOf("GET", ApiPath.parse("/api/v1/other")).scopes()).isEmpty();
        assertThat(catalog.groups().get(0).scopes()).extracting(Scope::name).containsExactly("one");
    }

    @Test
    void aTextIsGivenInTheReadersLanguageAndElseInEnglish() {
        var text = new Text("Orders", "Pedidos");

        assertThat(text.in(Locale.forLanguageTag("es-MX"))).isEqualTo("Pedidos");
        assertThat(text.in(Locale.UK)).isEqualTo("Orders");
        assertThat(text.in(Locale.ROOT)).isEqualTo("Orders");
    }

    private static Stream<Text> textsOf(Group group) {
        return Stream.concat(Stream.of(group.name(), Objects.requireNonNull(group.description())),
                Stream.concat(group.scopes().stream().map(Scope::description),
                        group.operations().stream().map(Operation::summary)));
    }

    private static Properties texts(String language) throws IOException {
        var properties = new Properties();
        var stream = CatalogTest.class.getResourceAsStream("/catalog/texts_" + language + ".properties");
        try (var reader = new InputStreamReader(Objects.requireNonNull(stream), StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        return properties;
    }

    private static Demand demandOf(String method, String path) {
        return BUILT_IN.demandOf(method, ApiPath.parse(path));
    }

    private static Group group(List<String> scopes, Operation... operations) {
        return new Group(Text.untranslated("Group"), null,
                scopes.stream().map(scope -> new Scope(scope, Text.untranslated(scope))).toList(), List.of(operations));
    }

    private static Operation operation(String pattern, String... scopes) {
        return new Operation(MethodPattern.of(pattern), Text.untranslated(pattern), Set.of(scopes));
    }
}
