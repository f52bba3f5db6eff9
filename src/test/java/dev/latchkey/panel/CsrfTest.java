package dev.latchkey.panel;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.fuzz.Contract;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Walks every unsafe operation of the OpenAPI document as another page would have someone's browser ask for it: with his
 * cookie.
 * An operation that is added is walked without being named here.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class CsrfTest {

    /** They look at no cookie. May only shrink: forward auth believes networks. */
    private static final Set<String> WITHOUT_CALLER = Set.of("forwardAuth", "forwardAuthNginx", "forwardAuthEnvoy");
    /** What ends the session that asks, or what others rely on. */
    private static final Set<String> NOT_IN_THE_MIDDLE = Set.of("endSession", "restoreCatalog");

    /** What keys alone may do. */
    private static final Set<String> OF_KEYS = Set.of("leaseCredential", "proxyPost", "proxyPut", "proxyPatch", "proxyDelete");

    private Api api;
    private SignedIn ana;
    private List<Contract.Operation> unsafe;

    @BeforeEach
    void everyUnsafeOperation() {
        api = Api.ofNewOrganization();
        ana = SignedIn.withToken(Tokens.of(api.organization(), "ana", "owner", "platform"));
        List<Contract.Operation> operations = Contract.parse(given().get("/q/openapi?format=json").asString()).operations();
        assertThat(operations).extracting(Contract.Operation::id).as("what is left out").containsAll(WITHOUT_CALLER)
                .containsAll(NOT_IN_THE_MIDDLE).containsAll(OF_KEYS);
        unsafe = operations.stream()
                .filter(operation -> !Set.of("GET", "HEAD", "OPTIONS").contains(operation.method()))
                .filter(operation -> !WITHOUT_CALLER.contains(operation.id())).toList();
        assertThat(unsafe).hasSizeGreaterThan(20).anyMatch(operation -> operation.method().equals("DELETE"))
                .anyMatch(operation -> operation.method().equals("PATCH"))
                .anyMatch(operation -> operation.method().equals("PUT"))
                .anyMatch(operation -> operation.id().equals("createKey"));
    }

    @Test
    void theCookieAloneChangesNothing() {
        for (Contract.Operation operation : unsafe) {
            refused(ask(ana.reading(), operation), operation);
        }
    }

    @Test
    void whatIsNotThisSessionsTokenChangesNothing() {
        SignedIn other = SignedIn.withToken(Tokens.of(api.organization(), "ana", "owner", "platform"));
        for (String wrong : List.of("", "x", other.csrf(), ana.cookie(), ana.csrf() + "x",
                ana.csrf().substring(1), "4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFoIwE3y")) {
            for (Contract.Operation operation : unsafe) {
                refused(ask(ana.reading().header(SignedIn.CSRF_HEADER, wrong), operation), operation);
            }
        }
    }

    @Test
    void evenWithTheTokenAPageOfAnotherOriginChangesNothing() {
        for (Map.Entry<String, String> says : Map
                .of("Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example").entrySet()) {
            for (Contract.Operation operation : unsafe) {
                refused(ask(ana.request().header(says.getKey(), says.getValue()), operation), operation);
            }
        }
        ana.reading().get(SignedIn.SESSION).then().statusCode(200);
    }

    @Test
    void withBothEveryOperationIsReached() {
        for (Contract.Operation operation : unsafe) {
            if (!NOT_IN_THE_MIDDLE.contains(operation.id()) && !OF_KEYS.contains(operation.id())) {
                Response answer = ask(ana.request().header("Sec-Fetch-Site", "same-origin"), operation);
                assertThat(answer.<String> path("code")).as(operation + " " + answer.asString()).isNotEqualTo("csrf");
                assertThat(answer.statusCode()).as(operation.toString()).isNotIn(401, 403).isLessThan(500);
            }
        }
        ana.signOut().then().statusCode(204);
    }

    @Test
    void whatChangesNothingNeedsNoToken() {
        ana.reading().header("Sec-Fetch-Site", "cross-site").get("/api/v1/keys").then().statusCode(200)
                .header("Access-Control-Allow-Origin", equalTo(null));
    }

    @Test
    void whoeverCallsOtherwiseNeedsNoToken() {
        api.as("owner").header("Origin", "https://elsewhere.example")
                .body(Map.of("key", "madrid", "name", "Madrid")).post("/api/v1/stores").then().statusCode(201);
        String key = api.aKey().scopes("stores:write").create().key();
        ana.reading().header("X-API-Key", key).body(Map.of("key", "lisbon", "name", "Lisbon")).post("/api/v1/stores").then()
                .statusCode(201);
    }

    @ParameterizedTest
    @CsvSource({ "Sec-Fetch-Site,same-origin,204", "Sec-Fetch-Site,none,204", "Sec-Fetch-Site,same-site,403",
            "Sec-Fetch-Site,cross-site,403", "Sec-Fetch-Site,,403", "Origin,http://localhost:8081,204", "Origin,null,403",
            "Origin,http://localhost:1,403", "Origin,http://localhost.elsewhere.example,403",
            "Origin,http://elsewhere.example,403", "Origin,,403" })
    void theOriginDecides(String header, String value, int status) {
        ana.request().header(header, value == null ? "" : value).delete(SignedIn.SESSION).then().statusCode(status);
    }

    @Test
    void theHostThatWasAskedIsAnOriginOfOurOwn() {
        ana.request().header("Host", "panel.internal:9000").header("Origin", "http://panel.internal:9000")
                .delete(SignedIn.SESSION).then().statusCode(204);
    }

    /** Otherwise a page could sign its visitor in as somebody else, and read what he then types. */
    @ParameterizedTest
    @ValueSource(strings = { "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://elsewhere.example" })
    void nobodyIsSignedInByAnotherPage(String says) {
        String link = SignedIn.linkTo(api, Map.of("org", api.organization(), "user", "mallory", "groups", List.of("owner")));
        String[] header = says.split(": ");
        given().header(header[0], header[1]).contentType(ContentType.JSON).body(Map.of("link", link)).post(SignedIn.SESSION)
                .then().statusCode(403).body("code", equalTo("csrf"));
        given().contentType("text/plain").body("{\"link\": \"" + link + "\"}").post(SignedIn.SESSION).then()
                .statusCode(415);

        SignedIn.by(link);
    }

    private static void refused(Response answer, Contract.Operation operation) {
        assertThat(answer.statusCode()).as(operation.toString()).isEqualTo(403);
        assertThat(answer.<String> path("code")).as(operation.toString()).isEqualTo("csrf");
    }

    private static Response ask(RequestSpecification caller, Contract.Operation operation) {
        return caller.contentType(operation.takesBody() ? operation.bodyType() : "application/json")
                .body("{}".getBytes(StandardCharsets.UTF_8))
                .request(operation.method(), operation.path().replaceAll("\\{[^}]+}", UUID.randomUUID().toString()));
    }
}
