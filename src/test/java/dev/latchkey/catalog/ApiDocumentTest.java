package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

import dev.latchkey.catalog.ApiDocument.Read;
import dev.latchkey.catalog.Catalog.Group;
import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.catalog.Demand.Code;
import dev.latchkey.web.Problem.FieldError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiDocumentTest {

    /** Numbers counted by a script of its own, see src/test/resources/openapi/README.md. */
    @ParameterizedTest
    @CsvSource({ "github.json, 1223, 47, 0", "blockfrost.yaml, 129, 20, 0", "figma.yaml, 54, 18, 22" })
    void everyOperationOfAPublicDocumentIsRead(String name, int operations, int tags, int scopes) {
        Read read = ApiDocument.read(Documents.resource(name), name.endsWith("json"));

        assertThat(read.methods()).isEqualTo(operations);
        assertThat(read.groups().stream().filter(group -> !group.operations().isEmpty())).hasSize(tags);
        assertThat(read.scopes()).hasSize(scopes);
        assertThat(read.groups()).allSatisfy(group -> {
            assertThat(group.name().english()).isNotBlank();
            assertThat(group.scopes()).allSatisfy(scope -> assertThat(scope.description().english()).isNotBlank());
            assertThat(group.operations()).allSatisfy(each -> assertThat(each.summary().english()).isNotBlank());
        });
        assertThat(CatalogText.read(CatalogText.write(read.groups()))).isEqualTo(read.groups());
    }

    @Test
    void whatAPublicDocumentDemandsIsDemanded() {
        Catalog figma = Catalog.withService(ApiDocument.read(Documents.resource("figma.yaml"), false).groups());

        assertThat(demandOf(figma, "GET", "/v1/files/abc/comments")).isEqualTo(
                new Demand(Code.KNOWN, Set.of("file_comments:read", "files:read"), null));
        assertThat(demandOf(figma, "POST", "/v1/files/abc/comments").scopes()).containsExactly("file_comments:write");
        assertThat(demandOf(figma, "GET", "/v1/nothing").code()).isEqualTo(Code.UNKNOWN);

        Catalog github = Catalog.withService(ApiDocument.read(Documents.resource("github.json"), true).groups());
        assertThat(demandOf(github, "GET", "/repos/octo/cat/issues/7")).isEqualTo(new Demand(Code.KNOWN, Set.of(), null));
        assertThat(demandOf(github, "GET", "/repos/octo/cat/compare/main...dev").code()).isEqualTo(Code.KNOWN);

        Catalog blockfrost = Catalog.withService(ApiDocument.read(Documents.resource("blockfrost.yaml"), false).groups());
        assertThat(demandOf(blockfrost, "GET", "/api/v0/blocks/latest").code()).isEqualTo(Code.KNOWN);
        assertThat(demandOf(blockfrost, "GET", "/blocks/latest").code()).isEqualTo(Code.UNKNOWN);
    }

    @Test
    void aTagBecomesAGroupWithTheScopesOfItsOperations() {
        Read read = Documents.yaml(
                """
                        tags: [{name: last, description: 'The last one'}, {name: shown, x-displayName: As shown}, {name: empty}]
                        paths:
                          /a: {get: {tags: [shown, last], summary: An a, security: [{oauth: [a]}]}}
                          /b: {get: {description: "A b.\\nMore of it", security: [{oauth: [b]}]}, put: {tags: [last], operationId: putB}}
                          /c: {get: {tags: [new], security: [{oauth: [a]}]}}
                        """);

        assertThat(read.groups()).extracting(group -> group.name().english()).containsExactly("last", "As shown", "new",
                "Other operations", "Other scopes");
        assertThat(read.groups()).extracting(group -> group.name().spanish()).endsWith("Otras operaciones", "Otros permisos");
        assertThat(read.groups().get(0).description()).isEqualTo(Text.untranslated("The last one"));
        assertThat(read.groups()).extracting(ApiDocumentTest::scopeNames).containsExactly(List.of(), List.of("a"), List.of("a"),
                List.of("b"), List.of("never"));
        assertThat(read.groups().stream().flatMap(group -> group.operations().stream())
                .map(each -> each.pattern() + ": " + each.summary().english())).containsExactly("PUT /b: putB", "GET /a: An a",
                        "GET /c: GET /c", "GET /b: A b. More of it");
        assertThat(read.scopes()).containsExactlyInAnyOrder("a", "b", "never");
        assertThat(read.methods()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "[]                                  |        | ",
            "[{}]                                |        | ",
            "[{key: []}]                         |        | ",
            "[{oauth: [a]}]                      | a      | ",
            "[{oauth: [a, b]}]                   | a b    | ",
            "[{oauth: [a], open: [x]}]           | a x    | ",
            "[{key: [role], oauth: [b]}]         | b role | ",
            "[{oauth: [a]}, {oauth: [b]}]        | a      | alternatives",
            "[{oauth: [a]}, {oauth: [a]}]        | a      | ",
            "[{key: []}, {oauth: [b]}]           | b      | all the same",
            "[{}, {oauth: [b]}]                  | b      | all the same",
            "[{oauth: [undescribed]}]            | undescribed | no flow",
            "[{open: [undescribed]}]             | undescribed | ",
    })
    void requirementsBecomeScopesThatAreNeverLaxer(String security, String scopes, String warning) {
        Read read = Documents.yaml("paths: {/x: {get: {security: " + security + "}}}");

        assertThat(onlyOperation(read).scopes())
                .isEqualTo(scopes == null ? Set.of() : Set.of(scopes.split(" ")));
        if (warning == null) {
            assertThat(read.warnings().stream().filter(each -> !each.contains("demand no scope"))).isEmpty();
        } else {
            assertThat(read.warnings()).anyMatch(each -> each.contains(warning) && each.contains(" [1]: "));
        }
    }

    @Test
    void whatTheDocumentDemandsHoldsForOperationsThatSayNothing() {
        Read read = Documents.yaml(
                "security: [{oauth: [a]}]\npaths: {/x: {get: {}, put: {security: []}, post: {security: [{oauth: [b]}]}}}");

        assertThat(read.groups().get(0).operations()).extracting(Operation::scopes).containsExactly(Set.of("a"), Set.of(),
                Set.of("b"));
        assertThat(read.warnings()).containsExactly(
                "operations demand no scope: any valid key may call them, unless its methods keep it from that [1]: PUT /x");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "[]                                                        | /x",
            "[{url: /}]                                                | /x",
            "[{url: https://api.shop.example}]                         | /x",
            "[{url: https://api.shop.example/v2/}]                     | /v2/x",
            "[{url: 'https://api.shop.example:8443/a//b'}]             | /a/b/x",
            "[{url: //api.shop.example/v2}]                            | /v2/x",
            "[{url: /v2}]                                              | /v2/x",
            "[{url: v2}]                                               | /v2/x",
            "[{url: ./v2}]                                             | /v2/x",
            "[{url: .}]                                                | /x",
            "[{url: '{host}/v1', variables: {host: {default: 'https://h'}}}]                     | /v1/x",
            "[{url: 'https://{r}.h/{base}', variables: {r: {default: eu}, base: {default: v3}}}] | /v3/x",
            "[{url: https://h/first}, {url: http://localhost:3000}]    | /first/x",
            "[{url: https://h/a%20b}]                                  | ",
    })
    void theFirstServersPathComesBeforeEachOperations(String servers, String path) {
        if (path == null) {
            assertThat(Documents.errorsOf(Documents.HEAD + "servers: " + servers + "\npaths: {/x: {get: {}}}"))
                    .extracting(FieldError::field)
                    .containsExactly("/servers/0/url");
            return;
        }
        Read read = Documents.yaml("servers: " + servers + "\npaths: {/x: {get: {}}}");

        assertThat(onlyOperation(read).path()).isEqualTo(path);
        assertThat(read.warnings().stream().anyMatch(each -> each.contains("base path"))).isEqualTo(servers.contains("first"));
    }

    @Test
    void theServersNearestToAnOperationCount() {
        Read read = Documents.yaml("""
                servers: [{url: /root}]
                paths:
                  /x: {servers: [{url: /item}], get: {servers: [{url: /own}]}, put: {}, post: {servers: []}}
                  /y: {get: {}}
                """);

        assertThat(paths(read)).containsExactly("/own/x", "/item/x", "/item/x", "/root/y");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "/                          | /",
            "/orders/{id}               | /orders/*",
            "/orders/{id}/lines/{line}  | /orders/*/lines/*",
            "/files/{name}.{format}     | /files/*.*",
            "/v{version}/x              | /v*/x",
            "/a/{x}{y}/b                | /a/*/b",
            "/compare/{base}...{head}   | /compare/*...*",
            "/orders/                   | /orders",
            "/a//b                      | /a/b",
            "/caf%C3%A9                 | /café",
            "/files/{proxy+}            | /files/**",
            "/{proxy+}/x                | /*/x",
            "/files/*                   | /files/*",
            "/files/**                  | /files/**",
            "/keys(id={id})             | /keys(id=*)",
    })
    void aPathBecomesAPattern(String template, String pattern) {
        PathTemplate read = PathTemplate.of(template);

        assertThat(read.problem()).isNull();
        assertThat(read.path()).isEqualTo(pattern);
        assertThat(MethodPattern.parse("GET " + read.path())).isInstanceOf(MethodPattern.Valid.class);
    }

    @Test
    void aPathMayReferToAnotherOneOfTheDocument() {
        Read read = ApiDocument.read("""
                openapi: 3.1.0
                paths:
                  /a/{id}: {get: {summary: one}}
                  /b: {$ref: '#/paths/~1a~1%7Bid%7D'}
                  /c: {$ref: '#/components/pathItems/common', put: {summary: own}}
                components: {pathItems: {common: {get: {summary: common}, put: {summary: theirs}}}}
                """.getBytes(StandardCharsets.UTF_8), false);

        assertThat(read.groups().get(0).operations().stream().map(each -> each.pattern() + " " + each.summary().english()))
                .containsExactly("GET /a/* one", "GET /b one", "PUT /c own", "GET /c common");
    }

    @Test
    void whatIsAlsoThisServicesIsToldAndDemandsBoth() {
        Read read = Documents.yaml("""
                paths:
                  /api/v1/stores: {get: {security: [{oauth: [a]}]}}
                  /api/v1/keys/special: {get: {}}
                  /api/v1/hooks: {get: {security: [{open: ['webhooks:manage']}]}}
                """);
        Catalog catalog = Catalog.withService(read.groups());

        assertThat(read.warnings())
                .anyMatch(each -> each.contains("operations of this service") && each.contains("[2]: GET /api/v1/stores"))
                .anyMatch(each -> each.contains("scopes of this service") && each.endsWith("[1]: webhooks:manage"));
        assertThat(demandOf(catalog, "GET", "/api/v1/stores").scopes()).containsExactlyInAnyOrder("a", "stores:read");
        assertThat(demandOf(catalog, "GET", "/api/v1/keys/special").scopes()).containsExactly("keys:read");
        assertThat(demandOf(catalog, "GET", "/api/v1/hooks").scopes()).containsExactly("webhooks:manage");
        assertThat(catalog.groups().stream().flatMap(group -> group.scopes().stream())
                .filter(scope -> scope.name().equals("webhooks:manage"))).hasSize(1)
                .noneMatch(scope -> scope.description().english().equals("webhooks:manage"));
    }

    private static Operation onlyOperation(Read read) {
        assertThat(read.methods()).isEqualTo(1);
        return read.groups().get(0).operations().get(0);
    }

    private static List<String> paths(Read read) {
        return read.groups().stream().flatMap(group -> group.operations().stream()).map(Operation::path).toList();
    }

    private static List<String> scopeNames(Group group) {
        return group.scopes().stream().map(Catalog.Scope::name).toList();
    }

    private static Demand demandOf(Catalog catalog, String method, String path) {
        return catalog.demandOf(method, ApiPath.parse(path));
    }
}
