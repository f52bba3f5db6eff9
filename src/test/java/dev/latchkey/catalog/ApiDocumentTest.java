package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.zip.GZIPInputStream;

import dev.latchkey.catalog.ApiDocument.Read;
import dev.latchkey.catalog.Catalog.Group;
import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.catalog.Demand.Code;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiDocumentTest {

    private static final String HEAD = """
            openapi: 3.0.3
            info: {title: Shop, version: '1'}
            components:
              securitySchemes:
                key: {type: apiKey, in: header, name: X-API-Key}
                oauth:
                  type: oauth2
                  flows:
                    clientCredentials:
                      tokenUrl: https://id.shop.example/token
                      scopes: {'a': Read a, 'b': Read b, 'never': Not demanded}
                open: {type: openIdConnect, openIdConnectUrl: https://id.shop.example}
            """;

    /** Numbers counted by a script of its own, see src/test/resources/openapi/README.md. */
    @ParameterizedTest
    @CsvSource({ "github.json, 1223, 47, 0", "blockfrost.yaml, 129, 20, 0", "figma.yaml, 54, 18, 22" })
    void everyOperationOfAPublicDocumentIsRead(String name, int operations, int tags, int scopes) {
        Read read = ApiDocument.read(resource(name), name.endsWith("json"));

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
        Catalog figma = Catalog.withService(ApiDocument.read(resource("figma.yaml"), false).groups());

        assertThat(demandOf(figma, "GET", "/v1/files/abc/comments")).isEqualTo(
                new Demand(Code.KNOWN, Set.of("file_comments:read", "files:read"), null));
        assertThat(demandOf(figma, "POST", "/v1/files/abc/comments").scopes()).containsExactly("file_comments:write");
        assertThat(demandOf(figma, "GET", "/v1/nothing").code()).isEqualTo(Code.UNKNOWN);

        Catalog github = Catalog.withService(ApiDocument.read(resource("github.json"), true).groups());
        assertThat(demandOf(github, "GET", "/repos/octo/cat/issues/7")).isEqualTo(new Demand(Code.KNOWN, Set.of(), null));
        assertThat(demandOf(github, "GET", "/repos/octo/cat/compare/main...dev").code()).isEqualTo(Code.KNOWN);

        Catalog blockfrost = Catalog.withService(ApiDocument.read(resource("blockfrost.yaml"), false).groups());
        assertThat(demandOf(blockfrost, "GET", "/api/v0/blocks/latest").code()).isEqualTo(Code.KNOWN);
        assertThat(demandOf(blockfrost, "GET", "/blocks/latest").code()).isEqualTo(Code.UNKNOWN);
    }

    @Test
    void aTagBecomesAGroupWithTheScopesOfItsOperations() {
        Read read = yaml(
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
        Read read = yaml("paths: {/x: {get: {security: " + security + "}}}");

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
        Read read = yaml(
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
            assertThat(errorsOf(HEAD + "servers: " + servers + "\npaths: {/x: {get: {}}}")).extracting(FieldError::field)
                    .containsExactly("/servers/0/url");
            return;
        }
        Read read = yaml("servers: " + servers + "\npaths: {/x: {get: {}}}");

        assertThat(onlyOperation(read).path()).isEqualTo(path);
        assertThat(read.warnings().stream().anyMatch(each -> each.contains("base path"))).isEqualTo(servers.contains("first"));
    }

    @Test
    void theServersNearestToAnOperationCount() {
        Read read = yaml("""
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

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "paths: []                                                | /paths           | must be an object",
            "paths: {}                                                | /paths           | no operation",
            "paths: {/x: {parameters: []}}                            | /paths           | no operation",
            "paths: {x: {get: {}}}                                    | /paths/x         | slash",
            "paths: {/x: [get]}                                       | /paths/~1x       | must be an object, not a list",
            "paths: {/x: {GET: {}}}                                   | /paths/~1x/GET   | no method",
            "paths: {/x: {get: }}                                     | /paths/~1x/get   | must be an object, not null",
            "paths: {/x: {get: {tags: a}}}                            | /paths/~1x/get/tags | must be a list",
            "paths: {/x: {get: {security: }}}                         | /paths/~1x/get/security | must be a list, not null",
            "paths: {/x: {get: {security: [{nope: []}]}}}             | /paths/~1x/get/security/0/nope | no scheme",
            "paths: {/x: {get: {security: [{oauth: a}]}}}             | /paths/~1x/get/security/0/oauth | must be a list",
            "paths: {/x: {get: {security: [{oauth: ['a b']}]}}}       | /paths/~1x/get/security/0/oauth/0 | no scope that a key can hold",
            "paths: {/x: {get: {}}, /x/: {get: {}}, '/{a}': {put: {}}, '/{b}': {put: {}}} | /paths/~1{b}/put | only the names",
            "paths: {/x: {$ref: '#/paths/~1y'}}                       | /paths/~1x       | refers to no path",
            "paths: {/x: {$ref: '#/paths/~1x'}}                       | /paths/~1x       | refers to no path",
            "paths: {/x: {$ref: 'other.yaml#/x'}}                     | /paths/~1x       | refers to no path",
            "paths: {/x/../y: {get: {}}}                              | /paths/~1x~1..~1y/get | that cannot be matched",
            "paths: {'/x?a=b': {get: {}}}                             | /paths/~1x?a=b/get | that cannot be matched",
            "paths: {'/x/{a': {get: {}}}                              | /paths/~1x~1{a/get | that cannot be matched",
            "servers: [{url: '/{v}'}]\\npaths: {/x: {get: {}}}        | /servers/0/url   | without a default",
            "servers: [{}]\\npaths: {/x: {get: {}}}                   | /servers/0       | must have a url",
            "servers: [{url: '/v1?a'}]\\npaths: {/x: {get: {}}}       | /servers/0/url   | matched",
            "tags: {a: b}\\npaths: {/x: {get: {}}}                    | /tags            | must be a list",
            "paths: {/x: {get: {}, get: {}}}                          | /paths/~1x/get   | twice",
            "paths: &p {/x: *p}                                       | /paths/~1x       | written out",
            "paths: {/x: {get: {<<: {security: []}}}}                 | /paths/~1x/get   | written out",
    })
    void aBadDocumentIsToldWhereItIsBad(String rest, String field, String message) {
        assertThat(errorsOf(HEAD + rest.replace("\\n", "\n"))).anySatisfy(error -> {
            assertThat(error.field()).isEqualTo(field);
            assertThat(error.message()).contains(message);
        });
    }

    @Test
    void severalMistakesAreToldAtOnceWithTheirLines() {
        List<FieldError> errors = errorsOf(HEAD + """
                paths:
                  /x:
                    get: {security: [{nope: []}]}
                    fetch: {}
                  y: {get: {}}
                """);

        assertThat(errors).extracting(FieldError::field).containsExactly("/paths/~1x/get/security/0/nope",
                "/paths/~1x/fetch", "/paths/y");
        assertThat(errors).extracting(FieldError::message)
                .allMatch(message -> message.matches(".*\\(line 1[4-7], column \\d+\\)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "{}                                       | /openapi",
            "{\"openapi\": \"2.0\"}                   | /openapi",
            "{\"openapi\": \"3.2.0\"}                 | /openapi",
            "{\"openapi\": []}                        | /openapi",
            "{\"swagger\": \"2.0\"}                   | /swagger",
            "[]                                       | document",
            "null                                     | document",
            "\"openapi\"                              | document",
    })
    void onlyOpenApi30And31AreTaken(String json, String field) {
        for (boolean isJson : new boolean[] { true, false }) {
            ProblemException refusal = catchThrowableOfType(ProblemException.class,
                    () -> ApiDocument.read(json.getBytes(StandardCharsets.UTF_8), isJson));
            assertThat(refusal.code()).isEqualTo(ProblemCode.INVALID);
            assertThat(refusal.errors()).extracting(FieldError::field).contains(field);
        }
    }

    @Test
    void whatIsAlsoThisServicesIsToldAndDemandsBoth() {
        Read read = yaml("""
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

    @Test
    void aDocumentBeyondTheBoundsIsRefused() {
        StringBuilder paths = new StringBuilder(HEAD).append("paths:\n");
        for (int i = 0; i <= ApiDocument.MAX_OPERATIONS; i++) {
            paths.append("  /p").append(i).append(": {get: {}}\n");
        }

        assertThat(errorsOf(paths.toString())).extracting(FieldError::message)
                .containsExactly("name more than 10000 operations");
        assertThatThrownBy(() -> ApiDocument.read(("{\"openapi\": \"3.1.0\", \"tags\": [" + "{},".repeat(300_000) + "{}]}")
                .getBytes(StandardCharsets.UTF_8), true)).isInstanceOf(ProblemException.class).hasMessageContaining("fewer");
    }

    static byte[] resource(String name) {
        var stream = ApiDocumentTest.class.getResourceAsStream("/openapi/" + name + ".gz");
        try (var plain = new GZIPInputStream(Objects.requireNonNull(stream, name))) {
            return plain.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Read yaml(String rest) {
        return ApiDocument.read((HEAD + rest).getBytes(StandardCharsets.UTF_8), false);
    }

    private static List<FieldError> errorsOf(String document) {
        ProblemException refusal = catchThrowableOfType(ProblemException.class,
                () -> ApiDocument.read(document.getBytes(StandardCharsets.UTF_8), false));
        assertThat(refusal).as("the document is accepted").isNotNull();
        return refusal.errors();
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
