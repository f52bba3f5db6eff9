package dev.latchkey.web;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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
