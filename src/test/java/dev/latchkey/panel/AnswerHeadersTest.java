package dev.latchkey.panel;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.fuzz.Contract;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.Test;

/**
 * Walks every operation of the OpenAPI document: no cache keeps what was answered to somebody's cookie for the next one. An
 * operation that is added is walked without being named here.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class AnswerHeadersTest {

    /** Answered before anything looks at a cookie, and by one program to another. May only shrink. */
    private static final Set<String> VERIFICATIONS = Set.of("verifyKey", "forwardAuth", "forwardAuthNginx", "forwardAuthEnvoy");
    private static final Set<String> NOT_IN_THE_MIDDLE = Set.of("endSession", "restoreCatalog");

    @Test
    void noCacheKeepsWhatWasAnsweredToACookie() {
        Api api = Api.ofNewOrganization();
        SignedIn ana = SignedIn.withToken(Tokens.of(api.organization(), "ana", "owner", "platform"));
        List<Contract.Operation> operations = Contract.parse(given().get("/q/openapi?format=json").asString()).operations();
        assertThat(operations).extracting(Contract.Operation::id).containsAll(VERIFICATIONS).containsAll(NOT_IN_THE_MIDDLE);
        for (Contract.Operation operation : operations) {
            if (VERIFICATIONS.contains(operation.id()) || NOT_IN_THE_MIDDLE.contains(operation.id())) {
                continue;
            }
            assertKeptByNoCache(operation, ask(ana.request(), operation));
            assertKeptByNoCache(operation, ask(given(), operation));
        }
        assertThat(ana.reading().get("/api/v1/catalog").header("Cache-Control")).isEqualTo("private, no-cache");
        assertThat(ana.reading().get("/api/v1/nothing").header("Cache-Control")).isEqualTo("private, no-store");
        assertThat(ana.signOut().header("Cache-Control")).isEqualTo("private, no-store");
    }

    private static void assertKeptByNoCache(Contract.Operation operation, Response answer) {
        assertThat(answer.headers().getValues("Cache-Control")).as(operation.toString()).hasSize(1).first().asString()
                .matches("(private, )?no-store|private, no-cache");
        assertThat(answer.headers().getValues("X-Content-Type-Options")).as(operation.toString()).containsExactly("nosniff");
    }

    private static Response ask(RequestSpecification caller, Contract.Operation operation) {
        RequestSpecification request = operation.takesBody()
                ? caller.contentType(operation.bodyType()).body("{}".getBytes(StandardCharsets.UTF_8))
                : caller;
        return request.request(operation.method(), operation.path().replaceAll("\\{[^}]+}", UUID.randomUUID().toString()));
    }
}
