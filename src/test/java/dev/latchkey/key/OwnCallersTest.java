package dev.latchkey.key;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys and people as callers of our own operations. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class OwnCallersTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void aKeyIsTakenFromEitherHeader() {
        Created key = api.aKey().create();

        given().header("X-API-Key", key.key()).get("/api/v1/keys/self").then().statusCode(200).body("keyId", equalTo(key.id()));
        given().header("Authorization", "Bearer " + key.key()).get("/api/v1/keys/self").then().statusCode(200).body("name",
                equalTo("ERP"));
        given().header("Authorization", "bearer " + key.key()).get("/api/v1/keys/self").then().statusCode(200);
    }

    @Test
    void aKeyDoesWhatItsScopesSayAndNothingElse() {
        Created reader = api.aKey().scopes("keys:read").create();

        Api.withKey(reader.key()).get("/api/v1/keys").then().statusCode(200);
        Api.withKey(reader.key()).get("/api/v1/catalog").then().statusCode(200);
        Api.withKey(reader.key()).get("/api/v1/stores").then().statusCode(403).body("code", equalTo("forbidden"));
        Api.withKey(reader.key()).delete("/api/v1/keys/" + reader.id()).then().statusCode(403);
        api.aKey().requestedBy(Api.withKey(reader.key())).then().statusCode(403);
    }

    @Test
    void aCallerIsAskedForAndToldWhyItIsRefused() {
        Created key = api.aKey().scopes("keys:read").create();
        given().get("/api/v1/keys").then().statusCode(401).header("WWW-Authenticate", startsWith("Bearer")).body("code",
                equalTo("unauthenticated"));
        given().header("X-API-Key", "junk").get("/api/v1/keys").then().statusCode(401)
                .header("WWW-Authenticate", startsWith("Bearer")).body("code", equalTo("invalid-key"));

        api.patch(key.id(), Map.of("active", false));
        Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(401).body("code", equalTo("key-inactive"));
        api.act(key.id(), "revoke");
        Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(401).body("code", equalTo("key-revoked"));
        Created elsewhere = api.aKey().networks("203.0.113.0/24").create();
        Api.withKey(elsewhere.key()).get("/api/v1/keys/self").then().statusCode(403).body("code", equalTo("network-forbidden"));
    }

    @Test
    void aForwardingHeaderOfJustAnyoneIsNotBelieved() {
        Created elsewhere = api.aKey().networks("203.0.113.0/24").create();

        Api.withKey(elsewhere.key()).header("X-Forwarded-For", "203.0.113.7").get("/api/v1/keys/self").then().statusCode(403);
    }

    @Test
    void aTokenIsBelievedOnlyFromItsIssuerAndWhileItLasts() {
        given().auth().oauth2(Tokens.expired("acme", "ana", "owner")).get("/api/v1/keys").then().statusCode(401).body("code",
                equalTo("invalid-token"));
        given().auth().oauth2(Tokens.foreign("acme", "ana", "owner")).get("/api/v1/keys").then().statusCode(401);
        given().auth().oauth2("a.b.c").get("/api/v1/keys").then().statusCode(401);
        given().header("Authorization", "Basic YTpi").get("/api/v1/keys").then().statusCode(401);
    }

    @Test
    void ownOperationsCountAgainstTheCallersLimit() {
        Created key = api.aKey().scopes("keys:read").rateLimit(2, "P1D").create();

        Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(200)
                .header("RateLimit", matchesPattern("\"key\";r=1;t=[0-9]+"))
                .header("RateLimit-Policy", equalTo("\"key\";q=2;w=86400"));
        Api.withKey(key.key()).get("/api/v1/stores").then().statusCode(403);
        Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(200);
        Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(429).header("Retry-After", matchesPattern("[1-9][0-9]*"))
                .header("RateLimit", startsWith("\"key\";r=0;t=")).body("code", equalTo("rate-limited"));
    }

    @Test
    void aVerifierIsNotCountedUnlessItsKeyNamesALimit() {
        Created judged = api.aKey().unlimited().create();
        Created verifier = api.aKey().scopes("keys:verify").create();
        for (int i = 0; i < 150; i++) {
            verifyAs(verifier, judged, 200);
        }
        Created limited = api.aKey().scopes("keys:verify").rateLimit(2, "P1D").create();
        verifyAs(limited, judged, 200);
        verifyAs(limited, judged, 200);
        verifyAs(limited, judged, 429);
    }

    @Test
    void anotherOrganizationsVerifierFindsNothing() {
        Api other = Api.ofNewOrganization();
        Created key = api.aKey().create();
        Created foreign = other.aKey().scopes("keys:verify").create();
        Created any = other.aKey().scopes("keys:verify-any").create();

        Api.withKey(foreign.key()).body(Map.of("key", key.key())).post("/api/v1/keys/verify").then().statusCode(200).body("$",
                equalTo(Map.of("valid", false, "code", "NOT_FOUND")));
        Api.withKey(any.key()).body(Map.of("key", key.key())).post("/api/v1/keys/verify").then().statusCode(200).body("code",
                equalTo("VALID"));
        api.as("owner").body(Map.of("key", key.key())).post("/api/v1/keys/verify").then().statusCode(403);
    }

    @Test
    void selfTellsWhatIsLeft() {
        Created key = api.aKey().create();

        Api.withKey(key.key()).get("/api/v1/keys/self").then().statusCode(200).body("rateLimit.remaining", equalTo(99));
        Api.withKey(api.aKey().unlimited().create().key()).get("/api/v1/keys/self").then().body("rateLimit", nullValue());
        api.asOwner().get("/api/v1/keys/self").then().statusCode(403);
    }

    @Test
    void verificationsOfTheSameKeyDoNotDisturbEachOther() throws InterruptedException {
        Created key = api.aKey().rateLimit(50, "P1D").create();
        var admitted = new java.util.concurrent.atomic.AtomicInteger();
        try (var together = new dev.latchkey.testing.Together(8)) {
            together.run(() -> {
                for (int i = 0; i < 20; i++) {
                    if ("VALID".equals(api.verify(Map.of("key", key.key())).extract().path("code"))) {
                        admitted.incrementAndGet();
                    }
                }
            });
        }
        assertThat(admitted).as("admitted of 160 with a limit of 50").hasValue(50);
    }

    private static void verifyAs(Created verifier, Created judged, int status) {
        Api.withKey(verifier.key()).body(Map.of("key", judged.key())).post("/api/v1/keys/verify").then().statusCode(status);
    }
}
