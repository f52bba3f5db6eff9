package dev.latchkey.web;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client sends wrongly, it is told so as a problem. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class BadInputTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void everyProblemHasTheSameForm() {
        Response response = api.asOwner().body("{\"nam\": 1}").post("/api/v1/keys");

        response.then().statusCode(422).contentType(Problem.MEDIA_TYPE).body("type", equalTo("urn:latchkey:problem:invalid"))
                .body("title", notNullValue()).body("status", equalTo(422)).body("detail", notNullValue())
                .body("instance", equalTo("/api/v1/keys")).body("code", equalTo("invalid"))
                .body("requestId", equalTo(response.header("X-Request-Id"))).body("errors[0].field", equalTo("nam"));
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "{", "[]", "null", "5", "\"x\"", "{} {}", "{\"name\": \"a\", \"name\": \"b\"}", "{\"name\": }",
            "<xml/>", "{\"name\": \"\u0001\"}", "{'name': 1}" })
    void whatIsNotOneJsonObjectIsMalformed(String body) {
        api.asOwner().body(body).post("/api/v1/keys").then().statusCode(400).contentType(Problem.MEDIA_TYPE).body("code",
                equalTo("malformed-request"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "name | 5", "name | null", "name | ''", "name | '   '", "name | 'NUL\\u0000'", "name | '\\ud800'", "name | ['a']",
            "scopes | 'orders:read'", "scopes | null", "scopes[0] | [5]", "scopes[0] | ['nope:read']",
            "scopes[1] | ['orders:read', '']",
            "access | 'all'", "access | null", "access | {'type': 'stores'}", "access | {'type': 'all', 'stores': ['x']}",
            "access.type | {'type': 'some'}", "access.type | {'type': 0}",
            "access.stores[0] | {'type': 'stores', 'stores': ['nope']}",
            "access.kind | {'type': 'all', 'kind': 1}", "active | 'true'", "active | 1", "expiresAt | 1893456000",
            "expiresAt | '2020-01-01T00:00:00Z'", "expiresAt | '2027-02-30T00:00:00Z'", "expiresAt | '99999-01-01T00:00:00Z'",
            "expiresAt | 'tomorrow'", "rateLimit | {'limit': 0, 'window': 'PT1M'}",
            "rateLimit | {'limit': 1, 'window': 'PT0S'}",
            "rateLimit.limit | {'limit': 1.5, 'window': 'PT1M'}", "rateLimit.limit | {'limit': 99999999999, 'window': 'PT1M'}",
            "rateLimit.window | {'limit': 1, 'window': '1 minute'}", "rateLimit.window | {'limit': 1, 'window': 60}",
            "rateLimit | {'limit': 1}", "rateLimit | 5", "rateLimit | 'none'", "ipAllowList[0] | ['10.0.0.0/33']",
            "ipAllowList[1] | ['10.0.0.1', 'localhost']", "ipAllowList[0] | [null]", "environment | 'prod'", "metadata | []",
            "metadata | 'x'", "methods | []", "methods | 'GET /x'", "methods[0] | ['GET x']", "methods[1] | ['GET /x', null]",
            "methods[0] | [5]", "withSecret | 'true'", "recoverable | 1", "id | 'x'" })
    void aBadFieldIsNamed(String field, String value) {
        String name = field.replaceAll("[.\\[].*", "");
        String json = value.replace('\'', '"');
        StringBuilder body = new StringBuilder("{");
        body.append(name.equals("name") ? "" : "\"name\": \"x\", ").append(name.equals("scopes") ? "" : "\"scopes\": [], ")
                .append(name.equals("access") ? "" : "\"access\": {\"type\": \"all\"}, ");
        body.append('"').append(name).append("\": ").append(json).append('}');

        api.asOwner().body(body.toString()).post("/api/v1/keys").then().statusCode(422).body("code", equalTo("invalid"))
                .body("errors.field", hasItem(field));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "expiresAt | no day | must be an RFC 3339 instant such as 2027-01-31T12:00:00Z",
            "gracePeriod | a day | must be an ISO 8601 duration such as PT15M" })
    void whatATimeLooksLikeIsSaid(String field, String value, String message) {
        String key = api.aKey().create().id();
        api.asOwner().body(Map.of(field, value)).post("/api/v1/keys/" + key + "/regenerate").then().statusCode(422)
                .body("errors[0].field", equalTo(field)).body("errors[0].message", equalTo(message));
    }

    @Test
    void overlongTextIsRefusedAndNothingIsStored() {
        api.aKey().with("name", "x".repeat(101)).requestedBy(api.asOwner()).then().statusCode(422).body("errors[0].field",
                equalTo("name"));
        api.aKey().with("description", "x".repeat(1001)).requestedBy(api.asOwner()).then().statusCode(422);
        api.asOwner().body(
                "{\"name\": \"x\", \"scopes\": [], \"access\": {\"type\": \"all\"}, \"metadata\": {\"a\": [{\"b\": 1e400}]}}")
                .post("/api/v1/keys").then().statusCode(422).body("errors[0].field", equalTo("metadata"));
        api.aKey().with("metadata", Map.of("a", "x".repeat(5000))).requestedBy(api.asOwner()).then().statusCode(422)
                .body("errors[0].field", equalTo("metadata"));
        assertThat(api.asOwner().get("/api/v1/keys").<java.util.List<Object>> path("items")).isEmpty();
    }

    @Test
    void deepAndHugeJsonIsRefused() {
        api.asOwner().body("{\"metadata\": {\"a\": " + "[".repeat(2000) + "]".repeat(2000) + "}}").post("/api/v1/keys").then()
                .statusCode(400);
        api.asOwner().body("{\"metadata\": {\"a\": " + "9".repeat(5000) + "}}").post("/api/v1/keys").then().statusCode(400);
        api.asOwner().body(
                "{\"metadata\": {\"a\": {\"\\u0000\": 1}}, \"name\": \"x\", \"scopes\": [], \"access\": {\"type\": \"all\"}}")
                .post("/api/v1/keys").then().statusCode(422);
    }

    @Test
    void aBodyBeyondTheLimitIs413() {
        api.asOwner().body("{\"name\": \"" + "x".repeat(300_000) + "\"}").post("/api/v1/keys").then().statusCode(413)
                .contentType(Problem.MEDIA_TYPE).body("code", equalTo("too-large"));
    }

    @ParameterizedTest
    @CsvSource({ "limit=0", "limit=201", "limit=x", "limit=-1", "limit=1e2", "status=nope", "access=some" })
    void aBadParameterIsNamed(String query) {
        api.asOwner().get("/api/v1/keys?" + query).then().statusCode(422).body("errors[0].field",
                equalTo(query.substring(0, query.indexOf('='))));
    }

    @Test
    void badCursorsAndIdsAreRefused() {
        for (String cursor : new String[] { "x", "%00", "AAAA", "..", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo" }) {
            api.asOwner().urlEncodingEnabled(false).get("/api/v1/keys?cursor=" + cursor).then().statusCode(400)
                    .contentType(Problem.MEDIA_TYPE);
        }
        for (String id : new String[] { "x", "%00", "1-1-1-1-1", "01890a5d-ac96-774b-bcce-b302099a805g",
                "01890a5da-c96-774b-bcce-b302099a8057" }) {
            api.asOwner().urlEncodingEnabled(false).get("/api/v1/keys/" + id).then().statusCode(404)
                    .contentType(Problem.MEDIA_TYPE);
        }
        for (String query : new String[] { "q=%00", "store=%00", "scope=%00" }) {
            api.asOwner().urlEncodingEnabled(false).get("/api/v1/keys?" + query).then().statusCode(422)
                    .contentType(Problem.MEDIA_TYPE);
        }
    }

    /** What reads a sign, a short group or base64 as an id as well would give each object many addresses. */
    @Test
    void anObjectHasOneAddress() {
        String key = api.aKey().create().id();

        assertThat(key).startsWith("0");
        api.asOwner().get("/api/v1/keys/" + key).then().statusCode(200);
        api.asOwner().urlEncodingEnabled(false).get("/api/v1/keys/+" + key.substring(1)).then().statusCode(404);
        for (String id : new String[] { "+" + key.substring(1), "1-1-1-1-1", "AYkKXayWd0u8zrMCCZqAVw==", "" }) {
            api.asOwner().body(Map.of("keyIds", List.of(id))).post("/api/v1/integrations").then().statusCode(422).body(
                    "errors.find { it.field == 'keyIds[0]' }.message", equalTo("must be an id"));
        }
    }

    @Test
    void anInstantIsWithinTheCenturiesThatCanBeStored() {
        String key = api.aKey().create().id();
        for (String instant : new String[] { "9999-12-31T23:59:59-01:00", "1970-01-01T00:00:00+01:00",
                "+10000-01-01T00:00:00Z" }) {
            api.asOwner().body(Map.of("expiresAt", instant)).post("/api/v1/keys/" + key + "/regenerate").then().statusCode(422)
                    .body("errors[0].message", containsString("must be an RFC 3339 instant"));
        }
    }

    @Test
    void wrongTypesMethodsAndAddressesAreProblemsToo() {
        api.asOwner().contentType("text/plain").body("x").post("/api/v1/keys").then().statusCode(415)
                .contentType(Problem.MEDIA_TYPE);
        api.asOwner().accept("text/csv").get("/api/v1/keys").then().statusCode(406).contentType(Problem.MEDIA_TYPE);
        api.asOwner().put("/api/v1/keys").then().statusCode(405).contentType(Problem.MEDIA_TYPE);
        api.asOwner().get("/api/v1/nowhere").then().statusCode(404).contentType(Problem.MEDIA_TYPE);
        given().get("/nowhere").then().statusCode(404).contentType(Problem.MEDIA_TYPE);
    }

    @ParameterizedTest
    @ValueSource(strings = { "/api/v1/keys/%zz", "/api/v1/keys/100%", "/%", "/api/v1/auth/envoy/100%", "/api/v1/auth/%zz",
            "/api/v1/keys?q=%zz", "/api/v1/keys?limit=%", "/api/v1/keys/%ff%fe" })
    void aBrokenEscapeInAnAddressIsTheCallersFault(String path) {
        assertProblem(raw("GET " + path + " HTTP/1.1", ""), 400, 401, 403, 404);
    }

    @Test
    void aBodyWithoutItsLengthIsReadAndCounted() {
        assertThat(raw(STREAMED, chunks("{\"key\": \"madrid\",", " \"name\": \"Madrid\"}")).status()).isEqualTo(201);
        assertProblem(raw(STREAMED, chunks("{\"name\": \"", "x".repeat(0x10000), "x".repeat(0x10000), "x".repeat(0x10000),
                "x".repeat(0x10000), "\"}")), 413);
        assertProblem(raw(STREAMED + "\nExpect: 100-continue", chunks("{")), 400);
    }

    /** Beyond 10 KiB the framework's default hops to another thread, where no database session can be opened. */
    @Test
    void aLongBodyIsReadLikeAShortOne() {
        String padding = " ".repeat(100_000);
        api.asOwner().body(padding + "{\"key\": \"madrid\", \"name\": \"Madrid\"}").post("/api/v1/stores").then()
                .statusCode(201);
        assertThat(raw(STREAMED, chunks(padding, "{\"key\": \"sevilla\", \"name\": \"Sevilla\"}")).status()).isEqualTo(201);
    }

    @Test
    void aBodyThatDoesNotArriveIsGivenUp() {
        Together.each(List.of(() -> assertProblem(raw(STORES + "\nContent-Length: 500", "{\"key\": "), 408),
                () -> assertProblem(raw(STREAMED, "5\r\n{\"key"), 408)));
    }

    @Test
    void howABodyIsWrittenIsSaid() {
        for (String form : new String[] { "Content-Encoding: gzip", "Content-Encoding: br, gzip",
                "Content-Type: application/json; charset=utf-16", "Content-Type: application/json;charset=\"UTF-32\"",
                "Content-Type: text/plain", "Content-Type: multipart/form-data; boundary=x", "Content-Type: nonsense" }) {
            String request = (form.startsWith("Content-Type") ? "POST /api/v1/stores HTTP/1.1" : STORES) + "\n" + form;
            assertProblem(raw(request + "\nContent-Length: 2", "{}"), 415);
        }
        assertProblem(raw(STORES + "; charset=utf-8\nContent-Encoding: identity\nContent-Length: 2", "{}"), 422);
        assertProblem(raw(STORES + "\nContent-Length: 13", "{\"name\": \"\u00ff\"}"), 400);
    }

    @Test
    void headsBeyondTheLimitsAreRefused() {
        assertProblem(raw("GET /api/v1/keys?q=" + "x".repeat(20_000) + " HTTP/1.1", ""), 414);
        assertProblem(raw("GET /api/v1/keys HTTP/1.1\nX-Long: " + "x".repeat(20_000), ""), 431);
        assertProblem(raw("GET /api/v1/keys HTTP/1.1\n" + "X-Many: 1\n".repeat(150).strip(), ""), 431);
        // Refused while they are parsed, hence without a body.
        assertThat(raw("GET /api/v1/keys HTTP/1.1\nX-Long: " + "x".repeat(70_000), "").status()).isEqualTo(431);
        assertThat(raw("GET /api/v1/keys HTTP/1.1\nContent-Length: 5\nContent-Length: 6", "").status()).isEqualTo(400);
        assertThat(raw("GET /api/v1/keys HTTP/1.1\nContent-Length: -5", "").status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = { "TRACE", "BREW", "PUT", "get" })
    void anUnknownMethodIsAProblem(String method) {
        assertProblem(raw(method + " /api/v1/keys HTTP/1.1", ""), 404, 405);
    }

    /** Java's own client asks for HTTP/2 unless it is told otherwise. */
    @Test
    void whoAsksForAnUpgradeIsAnsweredAsItIs() {
        assertThat(raw(STORES + "\nUpgrade: h2c\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\nConnection: Upgrade, HTTP2-Settings"
                + "\nContent-Length: 35", "{\"key\": \"madrid\", \"name\": \"Madrid\"}").status()).isEqualTo(201);
    }

    @Test
    void anAcceptThatCannotBeReadAsksForNothing() {
        for (String accept : new String[] { "x", ",;,", "", "application/json;q=x", "*/*;q=" }) {
            assertThat(raw("GET /api/v1/keys HTTP/1.1\nAccept: " + accept, "").status()).as(accept).isIn(200, 400, 406);
        }
    }

    @Test
    void aTextWhereJsonBelongsIs415AlsoWhereTheBodyIsOptional() {
        String id = api.aKey().create().id();
        assertProblem(raw("POST /api/v1/keys/" + id + "/revoke HTTP/1.1\nContent-Type: text/plain\nContent-Length: 1", "x"),
                415);
    }

    @Test
    void anAddressThatNothingServesMakesNoMetricOfItsOwn() {
        String marker = "m" + System.nanoTime();
        raw("PUT /api/v1/keys/" + marker + " HTTP/1.1", "");
        raw("GET /api/v1/" + marker + "/%zz HTTP/1.1", "");
        raw("BREW /" + marker + " HTTP/1.1", "");
        raw("GET /" + marker + " HTTP/1.1\nX-Long: " + "x".repeat(20_000), "");
        raw("POST /api/v1/stores/" + marker + " HTTP/1.1\nContent-Encoding: gzip\nContent-Length: 1", "x");

        assertThat(given().get("/q/metrics").asString()).contains("uri=\"/unrouted\"").doesNotContain(marker);
    }

    /** The server would read none in it, and what a gateway takes for the body as the next request. */
    @ParameterizedTest
    @ValueSource(strings = { "xchunked\nContent-Length: 2", "identity\nContent-Length: 2", "identity", "gzip", "gzip, chunked",
            "chunked, chunked", "chunked\nTransfer-Encoding: chunked", "\"chunked\"", "x chunked" })
    void aBodyOfWhichNotEverybodySeesTheSameEndIsRefused(String encoding) {
        for (String path : List.of("/api/v1/stores", "/api/v1/proxy/01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42/x", "/api/v1/none")) {
            RawHttp.Answer refused = raw(
                    "POST " + path + " HTTP/1.1\nContent-Type: application/json\nTransfer-Encoding: " + encoding, "{}");

            assertThat(refused.status()).as(path).isEqualTo(400);
            assertThat(refused.header("Connection")).isEqualToIgnoringCase("close");
        }
    }

    @Test
    void headAndOptionsAnswerWithoutABody() {
        assertThat(raw("HEAD /api/v1/keys HTTP/1.1", "").status()).isEqualTo(200);
        assertThat(raw("OPTIONS /api/v1/keys HTTP/1.1", "").status()).isIn(200, 204);
    }

    @Test
    void aKeyInTheWrongPlaceIsNotRepeated() {
        String key = api.aKey().create().key();
        String answers = api.asOwner().body("{\"" + key + "\": 1}").post("/api/v1/keys").then().statusCode(422).extract()
                .asString() + api.asOwner().get("/api/v1/" + key).asString()
                + api.asOwner().body("{\"" + "n".repeat(900) + "\": 1}").post("/api/v1/keys").asString();

        assertThat(answers).doesNotContain(key).doesNotContain("n".repeat(300));
    }

    private static final String STORES = "POST /api/v1/stores HTTP/1.1\nContent-Type: application/json";
    private static final String STREAMED = STORES + "\nTransfer-Encoding: chunked";

    private RawHttp.Answer raw(String head, String body) {
        return RawHttp.to(RestAssured.port).send(
                head + "\nHost: localhost\nAuthorization: Bearer " + Tokens.owner(api.organization()),
                body.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String chunks(String... parts) {
        StringBuilder chunks = new StringBuilder();
        for (String part : parts) {
            chunks.append(Integer.toHexString(part.length())).append("\r\n").append(part).append("\r\n");
        }
        return chunks.append("0\r\n\r\n").toString();
    }

    private static void assertProblem(RawHttp.Answer answer, Integer... statuses) {
        assertThat(answer.status()).as(answer.toString()).isIn((Object[]) statuses);
        assertThat(answer.header("Content-Type")).as(answer.toString()).startsWith(Problem.MEDIA_TYPE);
        assertThat(answer.body()).contains("\"requestId\":\"" + answer.header("X-Request-Id") + "\"");
    }

    @Test
    void aSecretIsNeverEchoed() {
        var key = api.aKey().create();
        String broken = key.key() + "x";

        String answers = api.asOwner().get("/api/v1/keys/" + key.key()).asString()
                + given().header("X-API-Key", broken).get("/api/v1/keys").asString()
                + given().header("Authorization", "Bearer " + broken).get("/api/v1/keys").asString()
                + api.asPlatform().body("{\"key\": \"" + key.key() + "\", \"cost\": -1}").post("/api/v1/keys/verify").asString()
                + api.asPlatform().body("{\"key\": [\"" + key.key() + "\"]}").post("/api/v1/keys/verify").asString()
                + api.asPlatform().body("{\"key\": \"" + key.key()).post("/api/v1/keys/verify").asString();

        assertThat(answers).doesNotContain(key.key()).doesNotContain(broken);
    }
}
