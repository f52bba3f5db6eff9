package dev.latchkey.key;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;
import jakarta.validation.Validator;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.latchkey.key.KeySnapshot.Limit;
import dev.latchkey.key.KeySnapshot.StoreReference;
import dev.latchkey.key.VerificationResource.Request;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The short way answers as the resource does, which here is asked for something that the short way leaves to it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class DirectVerificationTest {

    private static final String LEFT_TO_THE_RESOURCE = "application/json, application/problem+json";

    @Inject
    VerificationJson json;
    @Inject
    ObjectMapper mapper;
    @Inject
    Validator validator;
    @Inject
    MeterRegistry metrics;

    private final Api api = Api.ofNewOrganization();

    @Test
    void bothWaysSayTheSameOfEveryBody() {
        String caller = api.aKey().scopes("keys:verify").create().key();
        Created key = api.aKey().unlimited().stores(api.createStore("madrid"))
                .expiresAt(Instant.now().plus(Duration.ofDays(30)))
                .with("name", "Ñandú ☂ \"quoted\"").with("metadata", Map.of("team", "logistics", "n", 1)).create();
        Created pair = api.aKey().unlimited().withSecret().create();

        double before = direct();
        List<String> bodies = bodies(key.key());
        bodies.addAll(pairs(pair));
        for (String body : bodies) {
            assertSaidAlike(caller, body);
        }
        assertThat(direct() - before).as("of them took the short way").isBetween(20.0, bodies.size() - 20.0);
    }

    @Test
    void bothWaysSayTheSameOfEveryKey() {
        Api other = Api.ofNewOrganization();
        Created revoked = other.aKey().create();
        other.act(revoked.id(), "revoke").then().statusCode(200);
        Created inactive = other.aKey().with("active", false).create();
        Created exhausted = other.aKey().rateLimit(1, "P31D").create();
        other.verify(Map.of("key", exhausted.key())).body("code", equalTo("VALID"));
        Created elsewhere = other.aKey().networks("203.0.113.0/24").create();
        Api suspended = Api.ofNewOrganization();
        Created sleeping = suspended.aKey().create();
        suspended.setActive(false);

        String own = other.aKey().scopes("keys:verify").create().key();
        String any = api.aKey().scopes("keys:verify-any").create().key();
        String foreign = api.aKey().scopes("keys:verify").create().key();
        double before = direct();
        for (Created key : List.of(revoked, inactive, exhausted, elsewhere, sleeping)) {
            for (String caller : List.of(own, any, foreign)) {
                assertSaidAlike(caller, "{\"key\": \"" + key.key() + "\"}");
            }
        }
        assertThat(direct() - before).as("took the short way").isEqualTo(15);
        assertThat(ask(any, "{\"key\": \"" + exhausted.key() + "\"}", "*/*").path("code").toString())
                .isEqualTo("RATE_LIMITED");
    }

    private void assertSaidAlike(String caller, String body) {
        Response direct = ask(caller, body, "*/*");
        Response resource = ask(caller, body, LEFT_TO_THE_RESOURCE);

        assertThat(direct.statusCode()).as(body).isEqualTo(resource.statusCode());
        assertThat(direct.contentType()).as(body).isEqualTo(resource.contentType());
        assertThat(direct.header("WWW-Authenticate")).as(body).isEqualTo(resource.header("WWW-Authenticate"));
        assertThat(withoutId(direct)).as(body).isEqualTo(withoutId(resource));
    }

    @Test
    void callersAreRefusedAlike() {
        String body = "{\"key\": \"" + api.aKey().create().key() + "\"}";
        Created pair = api.aKey().scopes("keys:verify").withSecret().create();
        Created revoked = api.aKey().scopes("keys:verify").create();
        api.act(revoked.id(), "revoke").then().statusCode(200);
        String limited = api.aKey().scopes("keys:verify").rateLimit(2, "P31D").create().key();
        Api suspended = Api.ofNewOrganization();
        String sleeping = suspended.aKey().scopes("keys:verify").create().key();
        suspended.setActive(false);

        for (String caller : List.of("junk", revoked.key(), sleeping, api.aKey().create().key())) {
            assertSaidAlike(caller, body);
        }
        assertThat(ask("junk", body, "*/*").statusCode()).isEqualTo(401);
        for (String accept : List.of("*/*", LEFT_TO_THE_RESOURCE)) {
            assertThat(ask(pair.key(), body, accept).path("code").toString()).isEqualTo("invalid-key");
            assertThat(plain(pair.key()).header("X-API-Secret", pair.secret()).header("Accept", accept)
                    .contentType("application/json").body(body).post("/api/v1/keys/verify").statusCode()).isEqualTo(200);
        }
        assertThat(ask(revoked.key(), body, "*/*").path("code").toString()).isEqualTo("key-revoked");
        assertThat(ask(api.aKey().create().key(), body, "*/*").statusCode()).as("without the scope").isEqualTo(403);
        assertThat(ask(limited, body, "*/*").header("RateLimit")).startsWith("\"key\";r=1;");
        assertThat(ask(limited, body, "*/*").statusCode()).isEqualTo(200);
        assertThat(ask(limited, body, "*/*").statusCode()).isEqualTo(429);
        assertThat(given().contentType("application/json").body(body).post("/api/v1/keys/verify").statusCode()).isEqualTo(401);
    }

    @Test
    void whatIsPlainTakesTheShortWayAndIsCountedUnderItsOperation() {
        String caller = api.aKey().scopes("keys:verify").create().key();
        String key = api.aKey().unlimited().create().key();
        double before = direct();

        for (String type : List.of("application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8")) {
            plain(caller).contentType(type).body("{\"key\": \"" + key + "\"}").post("/api/v1/keys/verify").then()
                    .statusCode(200);
        }
        given().header("X-API-Key", key).header("X-Forwarded-Method", "GET").header("X-Forwarded-Uri", "/api/v1/orders")
                .get("/api/v1/auth").then().statusCode(204);

        assertThat(direct()).isEqualTo(before + 4);
        for (String operation : List.of("/api/v1/keys/verify", "/api/v1/auth")) {
            Eventually.holds(() -> assertThat(metrics.find("http.server.requests").tag("uri", operation).timers())
                    .as(operation).isNotEmpty());
        }
    }

    @Test
    void whatIsReadIsWhatTheOrdinaryReaderReads() throws IOException {
        int read = 0;
        for (String body : bodies("lk_live_x")) {
            Request direct = json.read(body.getBytes(StandardCharsets.UTF_8));
            if (direct != null) {
                read++;
                Request ordinary = mapper.readValue(body, Request.class);
                assertThat(direct).as(body).isEqualTo(ordinary);
                assertThat(validator.validate(ordinary)).as(body).isEmpty();
            }
        }
        assertThat(read).as("of them are read directly").isGreaterThan(5);
    }

    @Test
    void whatIsWrittenIsWhatJacksonWrites() throws IOException {
        KeySnapshot plain = Snapshots.of(UUID.randomUUID(), UUID.randomUUID()).build();
        KeySnapshot full = Snapshots.of(UUID.randomUUID(), UUID.randomUUID()).name("Ñandú ☂ \"\\ \u0001 𝄞")
                .scopes(List.of("orders:read", "orders:write")).metadata("{\"a\": [1, \"é\"]}")
                .stores(List.of(new StoreReference(UUID.randomUUID(), "madrid"),
                        new StoreReference(UUID.randomUUID(), "paris")))
                .limit(new Limit(5, 60, true)).expiresAt(Instant.parse("2030-01-01T00:00:00.123456Z")).build();
        Instant now = Instant.parse("2027-01-01T00:00:00Z");
        Quota quota = new Quota(true, 5, 60, 4, now.plusSeconds(60), now);

        List<Verdict> verdicts = new ArrayList<>();
        for (Verdict.Code code : Verdict.Code.values()) {
            verdicts.add(Verdict.nothingKnown(code));
            verdicts.add(Verdict.of(code, plain));
            verdicts.add(new Verdict(code, full, quota));
        }
        for (Verdict verdict : verdicts) {
            assertThat(new String(json.write(verdict), StandardCharsets.UTF_8)).isEqualTo(
                    new String(mapper.writeValueAsBytes(VerificationResource.answer(verdict)), StandardCharsets.UTF_8));
        }
    }

    private static List<String> bodies(String key) {
        List<String> bodies = new ArrayList<>(List.of("", " ", "{}", "[]", "null", "\"x\"", "{", "{\"key\": null}",
                "\uFEFF{\"key\": \"" + key + "\"}", "{\"key\": 1}", "{\"key\": \"" + "x".repeat(9_000) + "\"}",
                "{\"key\": \"a\\u0000\"}", "{\"key\": \"a\\ud800\"}", "{\"key\": \"\"}", "{\"key\": \"" + key + "\"} x",
                "{\"key\": \"" + key + "\"}{}", "{\"key\": \"" + key + "\",}", "{'key': \"" + key + "\"}",
                " \n{\"key\": \"" + key + "\"}\n", "{\"key\": \"" + key + "\", \"key\": \"x\"}",
                "{\"k\\u0065y\": \"" + key + "\"}",
                "{\"key\": \"" + key + "\"", "{\"key\": \"" + key + "\"}]", "{/**/\"key\": \"" + key + "\"}"));
        for (String more : List.of("\"store\": \"madrid\"", "\"store\": \"rome\"", "\"store\": \"\"", "\"store\": null",
                "\"store\": \"" + "x".repeat(101) + "\"", "\"store\": [\"madrid\"]", "\"ip\": \"203.0.113.7\"", "\"ip\": \"x\"",
                "\"ip\": \"\"", "\"ip\": \"::1\"", "\"cost\": 0", "\"cost\": 1", "\"cost\": -1", "\"cost\": 1.0",
                "\"cost\": \"1\"", "\"cost\": 1e2", "\"cost\": 1000000000", "\"cost\": 1000000001", "\"cost\": 2147483648",
                "\"cost\": 00", "\"cost\": true", "\"cost\": null", "\"scopes\": []", "\"scopes\": [\"orders:read\"]",
                "\"scopes\": [\"a\", \"a\"]", "\"scopes\": [\" \"]", "\"scopes\": [\"\"]", "\"scopes\": [null]",
                "\"scopes\": [1]", "\"scopes\": \"orders:read\"", "\"scopes\": null", "\"scopes\": [\"a\"",
                "\"scopes\": [" + "\"a\",".repeat(100) + "\"a\"]", "\"scopes\": [" + "\"a\",".repeat(99) + "\"a\"]",
                "\"scopes\": [[\"a\"]]", "\"method\": \"GET\"", "\"path\": \"/api/v1/orders\"",
                "\"method\": \"get\", \"path\": \"/api/v1/orders\"", "\"method\": \"GET\", \"path\": \"/api/v1/orders\"",
                "\"method\": \"POST\", \"path\": \"/api/v1/orders\"", "\"method\": \"M-X\", \"path\": \"/api/v1/orders\"",
                "\"method\": \"-X\", \"path\": \"/api/v1/orders\"", "\"method\": \"ABCDEFGHIJKLMNOPQRSTU\", \"path\": \"/\"",
                "\"method\": \"GET\", \"path\": \"nonsense\"", "\"method\": \"GET\", \"path\": \"\"",
                "\"method\": \"GET\", \"path\": \"/" + "x".repeat(8_192) + "\"", "\"unknown\": 1", "\"Key\": \"x\"",
                "\"secret\": 1", "\"secret\": null", "\"secret\": \"\"", "\"secret\": \"x\"",
                "\"secret\": \"" + "x".repeat(8_193) + "\"", "\"secret\": [\"x\"]", "\"secret\": \"a\\u0000\"",
                "\"secret\": \"x\", \"secret\": \"x\"", "\"ip\": \"203.0.113.7\", \"ip\": \"203.0.113.7\"")) {
            bodies.add("{\"key\": \"" + key + "\", \"store\": \"madrid\", " + more + "}");
            bodies.add("{" + more + ", \"key\": \"" + key + "\"}");
        }
        return bodies;
    }

    private static List<String> pairs(Created pair) {
        String key = "\"key\": \"" + pair.key() + "\"";
        String secret = "\"secret\": \"" + pair.secret() + "\"";
        return List.of("{" + key + "}", "{" + key + ", " + secret + "}", "{" + secret + ", " + key + ", \"cost\": 0}",
                "{" + key + ", " + secret + ", " + secret + "}", "{" + key + ", \"secret\": \"\"}",
                "{" + key + ", \"secret\": null}", "{" + key + ", \"secret\": \"" + pair.key() + "\"}",
                "{" + key + ", \"secret\": \" " + pair.secret() + "\"}", "{" + secret + "}");
    }

    /** A body as it is, of exactly that type. */
    private static RequestSpecification plain(String caller) {
        return given().config(RestAssuredConfig.config()
                .encoderConfig(EncoderConfig.encoderConfig().appendDefaultContentCharsetToContentTypeIfUndefined(false)))
                .header("X-API-Key", caller);
    }

    private static Response ask(String caller, String body, String accept) {
        return plain(caller).header("Accept", accept).contentType("application/json")
                .body(body.getBytes(StandardCharsets.UTF_8)).post("/api/v1/keys/verify");
    }

    private Map<String, Object> withoutId(Response response) {
        Map<String, Object> body = new HashMap<>(response.jsonPath().getMap("$"));
        body.remove("requestId");
        return body;
    }

    private double direct() {
        return metrics.get("latchkey.verifications.direct").counter().count();
    }
}
