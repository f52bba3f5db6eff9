package dev.latchkey.web;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.latchkey.fuzz.Contract;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.junit.jupiter.api.Test;

/** The committed document is the served one; {@code -Dlatchkey.openapi.write} writes it anew. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class OpenApiContractTest {

    private static final Path COMMITTED = Path.of("docs", "openapi.yaml");
    /** Operations of the proxy. */
    private static final String PASSING = "proxy";

    @Test
    void theCommittedDocumentIsTheServedOne() throws IOException {
        String served = given().get("/q/openapi").then().statusCode(200).extract().asString();
        if (System.getProperty("latchkey.openapi.write") != null) {
            Files.createDirectories(COMMITTED.getParent());
            Files.writeString(COMMITTED, served);
        }
        assertThat(Files.readString(COMMITTED))
                .as("docs/openapi.yaml; write it with -Dtest=OpenApiContractTest -Dlatchkey.openapi.write")
                .isEqualTo(served);
    }

    @Test
    void everyOperationSaysWhatItIsAndHowItRefuses() {
        Map<String, Map<String, Map<String, Object>>> paths = given().get("/q/openapi?format=json").then().statusCode(200)
                .body("openapi", startsWith("3.1")).extract().path("paths");
        paths.forEach((path, methods) -> methods.forEach((method, operation) -> {
            assertThat(operation).as(method + " " + path).containsKeys("operationId", "summary", "tags", "responses");
            assertThat(String.valueOf(operation.get("responses"))).as(method + " " + path).contains("Problem401", "Problem403",
                    "Problem429", "Problem503");
        }));
        assertThat(paths).hasSizeGreaterThan(10);
    }

    /** Forward auth lets a request pass without a word; what the proxy lets pass has the provider's looks. */
    @Test
    void everySuccessShowsWhatItLooksLike() throws IOException {
        JsonNode document = document();
        Contract contract = Contract.parse(document.toString());
        List<String> wrong = new ArrayList<>();
        eachOperation(document, operation -> operation.get("responses").fields().forEachRemaining(answer -> {
            String where = operation.get("operationId").asText() + " " + answer.getKey();
            if (!answer.getKey().startsWith("2") || answer.getKey().equals("204") || where.equals("forwardAuthEnvoy 200")
                    || passesThrough(operation)) {
                return;
            }
            Iterator<JsonNode> contents = answer.getValue().path("content").elements();
            JsonNode shown = contents.hasNext() ? contents.next() : answer.getValue().path("content");
            if (!shown.has("schema") || !shown.has("example") && shown.path("examples").isEmpty()) {
                wrong.add(where + ": " + shown);
            }
            shown.path("examples").forEach(example -> collectUnknown(contract, shown.get("schema"),
                    contract.resolve(example).get("value"), where, wrong));
        }));

        assertThat(wrong).isEmpty();
    }

    /** A field that is renamed is renamed in its example, too. */
    private static void collectUnknown(Contract contract, JsonNode given, JsonNode example, String where, List<String> wrong) {
        JsonNode schema = contract.resolve(given);
        if (example == null || example.isNull() && where.matches("\\w+ \\d+")) {
            wrong.add(where + " shows nothing");
        } else if (example.isArray()) {
            example.forEach(item -> collectUnknown(contract, schema.path("items"), item, where + "[]", wrong));
        } else if (example.isObject() && schema.has("properties")) {
            example.fields().forEachRemaining(field -> {
                if (schema.get("properties").has(field.getKey())) {
                    collectUnknown(contract, schema.get("properties").get(field.getKey()), field.getValue(),
                            where + "." + field.getKey(), wrong);
                } else {
                    wrong.add(where + "." + field.getKey() + " is unknown");
                }
            });
        }
    }

    @Test
    void everyBodyThatIsTakenHasAnExample() throws IOException {
        JsonNode document = document();
        Contract contract = Contract.parse(document.toString());
        List<String> without = new ArrayList<>();
        eachOperation(document, operation -> operation.path("requestBody").path("content").forEach(body -> {
            if (passesThrough(operation)) {
                return;
            }
            JsonNode schema = contract.resolve(body.path("schema"));
            if (body.path("examples").isEmpty() && schema.findValues("examples").isEmpty()) {
                without.add(operation.get("operationId").asText());
            }
        }));

        assertThat(without).isEmpty();
    }

    /** Clients are generated from it: what is required is always sent, and so is what has a default. */
    @Test
    void aPatchDemandsNothing() throws IOException {
        JsonNode document = document();
        Contract contract = Contract.parse(document.toString());
        List<JsonNode> patches = new ArrayList<>();
        document.get("paths").forEach(path -> path.path("patch").path("requestBody").path("content").forEach(body -> {
            if (!passesThrough(path.get("patch"))) {
                patches.add(contract.resolve(body.get("schema")));
            }
        }));

        assertThat(patches).hasSizeGreaterThanOrEqualTo(4).allSatisfy(patch -> {
            assertThat(patch.path("properties")).isNotEmpty();
            assertThat(patch.findValues("required")).isEmpty();
            assertThat(patch.findValues("default")).isEmpty();
        });
        JsonNode key = document.at("/components/schemas/KeyFormPatch/properties");
        assertThat(key.has("environment")).as("what a PATCH refuses").isFalse();
        assertThat(key.at("/description/type").toString()).contains("null");
        assertThat(key.at("/expiresAt/anyOf").toString()).contains("null");
        assertThat(key.at("/name/type").toString()).doesNotContain("null");
        assertThat(document.at("/components/schemas/OrganizationFormPatch/properties").has("active")).isTrue();
        assertThat(document.at("/components/schemas/OwnOrganizationPatch/properties").has("active")).isFalse();
    }

    /** As the service answers: tried on a store, and on a request that names nobody. */
    @Test
    void headersOfAnswersAreDocumented() throws IOException {
        JsonNode stores = document().at("/paths/~1api~1v1~1stores");
        Response made = Api.ofNewOrganization().asOwner().body(Map.of("key", "madrid", "name", "Madrid"))
                .post("/api/v1/stores");

        assertThat(made.statusCode()).isEqualTo(201);
        for (String header : List.of("ETag", "Location", "X-Request-Id")) {
            assertThat(made.header(header)).as(header).isNotBlank();
            assertThat(stores.at("/post/responses/201/headers").has(header)).as(header).isTrue();
        }
        assertThat(stores.at("/get/responses/200/headers").has("ETag")).as("of a list").isFalse();
        JsonNode limited = document().at("/components/responses/Problem429/headers");
        assertThat(limited.fieldNames()).toIterable().contains("X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy");
        assertThat(given().get("/api/v1/stores").then().statusCode(401).extract().header("X-Request-Id")).isNotBlank();
    }

    /** Bodies of the proxy are the provider's business, of any shape and length. */
    private static boolean passesThrough(JsonNode operation) {
        return operation.path("operationId").asText().startsWith(PASSING);
    }

    private static JsonNode document() throws IOException {
        return new ObjectMapper().readTree(given().get("/q/openapi?format=json").asString());
    }

    private static void eachOperation(JsonNode document, Consumer<JsonNode> reader) {
        document.get("paths").forEach(path -> path.forEach(operation -> {
            if (operation.has("operationId")) {
                reader.accept(operation);
            }
        }));
    }

    /** Whoever reads the document knows how much is too much, and no operation takes without end. */
    @Test
    void everythingThatARequestHoldsIsBounded() {
        Contract contract = Contract.parse(given().get("/q/openapi?format=json").asString());
        List<String> unbounded = new ArrayList<>();
        for (Contract.Operation operation : contract.operations()) {
            operation.parameters().forEach(parameter -> collectUnbounded(contract, parameter.schema(),
                    operation.id() + " " + parameter.in() + " " + parameter.name(), unbounded));
            if (!operation.id().startsWith(PASSING)) {
                collectUnbounded(contract, operation.body(), operation.id() + " body", unbounded);
            }
        }

        assertThat(unbounded).isEmpty();
    }

    private static void collectUnbounded(Contract contract, JsonNode given, String where, List<String> unbounded) {
        JsonNode schema = contract.resolve(given);
        boolean bounded = schema.has("enum") || switch (Contract.type(schema)) {
            case "string" ->
                schema.has("maxLength") || Set.of("uuid", "date-time", "duration").contains(schema.path("format").asText())
                        || schema.has("pattern") && !schema.get("pattern").asText().matches(".*([*+]|,}).*");
            case "array" -> schema.has("maxItems");
            case "integer", "number" -> schema.has("maximum") && schema.has("minimum");
            case "object" -> !schema.has("additionalProperties") || schema.has("maxProperties");
            default -> true;
        };
        if (!bounded) {
            unbounded.add(where);
        }
        schema.path("properties").fields().forEachRemaining(
                property -> collectUnbounded(contract, property.getValue(), where + "." + property.getKey(), unbounded));
        if (schema.has("items")) {
            collectUnbounded(contract, schema.get("items"), where + "[]", unbounded);
        }
        for (String several : List.of("oneOf", "anyOf")) {
            schema.path(several).forEach(one -> collectUnbounded(contract, one, where + "|", unbounded));
        }
    }

    @Test
    void whatOperatorsAskForIsThere() {
        for (String probe : List.of("live", "ready", "started")) {
            given().get("/q/health/" + probe).then().statusCode(200).body("status", equalTo("UP"));
        }
        given().get("/q/metrics").then().statusCode(200).body(containsString("latchkey_verifications_total{code=\"VALID\"}"))
                .body(containsString("latchkey_snapshots_total{result=\"hit\"}"));
        given().get("/q/swagger-ui/").then().statusCode(200);
    }
}
