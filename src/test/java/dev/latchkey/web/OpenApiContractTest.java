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
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.fuzz.Contract;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** The committed document is the served one; {@code -Dlatchkey.openapi.write} writes it anew. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class OpenApiContractTest {

    private static final Path COMMITTED = Path.of("docs", "openapi.yaml");

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

    /** Whoever reads the document knows how much is too much, and no operation takes without end. */
    @Test
    void everythingThatARequestHoldsIsBounded() {
        Contract contract = Contract.parse(given().get("/q/openapi?format=json").asString());
        List<String> unbounded = new ArrayList<>();
        for (Contract.Operation operation : contract.operations()) {
            operation.parameters().forEach(parameter -> collectUnbounded(contract, parameter.schema(),
                    operation.id() + " " + parameter.in() + " " + parameter.name(), unbounded));
            collectUnbounded(contract, operation.body(), operation.id() + " body", unbounded);
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
