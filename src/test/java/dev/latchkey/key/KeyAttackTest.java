package dev.latchkey.key;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import jakarta.inject.Inject;

import dev.latchkey.net.IpAddress;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.web.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Someone tries random keys whose checksums are right, and hopes that the service pays for it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class KeyAttackTest {

    private static final int GUESSES = 20_000;
    private static final int AT_ONCE = 100;
    private static final String ATTACKER = "203.0.113.66";

    @Inject
    Verifier verifier;
    @Inject
    MeterRegistry metrics;
    @Inject
    KeyConfig config;

    private final Api api = Api.ofNewOrganization();
    private final SecureRandom random = new SecureRandom();

    @Test
    void guessesPushNoLiveKeyOutAndReachTheDatabaseAtABoundedRate() {
        List<Created> live = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            live.add(api.aKey().unlimited().create());
        }
        Created cold = api.aKey().unlimited().create();
        live.forEach(key -> assertThat(verdictOn(key.key())).isEqualTo(Verdict.Code.VALID));
        long begin = System.nanoTime();
        double spent = 0;
        int refused = 0;

        for (int guessed = 0; guessed < GUESSES; guessed += AT_ONCE) {
            double before = reads();
            refused += guess();
            double after = reads();
            spent += after - before;
            assertThat(verdictOn(live.get(guessed / AT_ONCE % live.size()).key())).isEqualTo(Verdict.Code.VALID);
            assertThat(reads()).as("statements for a live key").isEqualTo(after);
        }

        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin) + 1;
        assertThat(spent).as("statements for guesses").isLessThanOrEqualTo(config.unknownRate() * (1 + seconds / 20.0));
        assertThat(refused).isEqualTo(GUESSES - (int) spent);
        double before = reads();
        live.forEach(key -> assertThat(verdictOn(key.key())).isEqualTo(Verdict.Code.VALID));
        assertThat(reads()).as("statements for live keys afterwards").isEqualTo(before);

        refusalOf(() -> forwardAuth(aToken(), ATTACKER)).then().header("Retry-After", notNullValue()).body("code",
                is("unavailable"));
        refusalOf(() -> api.asPlatform().body(Map.of("key", aToken(), "ip", ATTACKER)).post("/api/v1/keys/verify"));
        forwardAuth(cold.key(), "198.51.100.7").then().statusCode(204);
        forwardAuth(aToken(), "198.51.100.7").then().statusCode(401);
    }

    /** The first 503: now and then the attacker has earned another look-up. */
    private static Response refusalOf(Supplier<Response> request) {
        for (int i = 0; i < GUESSES; i++) {
            Response response = request.get();
            if (response.statusCode() == 503) {
                return response;
            }
        }
        throw new AssertionError("everything was looked up");
    }

    /** A hundred at once, from one network. @return how many were told to come back */
    private int guess() {
        List<CompletableFuture<Boolean>> guesses = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            guesses.add(verifier.verify(PresentedKey.alone(aToken()), question(ATTACKER)).subscribeAsCompletionStage()
                    .handle((verdict, fault) -> {
                        assertThat(verdict != null && verdict.code() == Verdict.Code.NOT_FOUND
                                || fault instanceof ProblemException)
                                .isTrue();
                        return fault != null;
                    }));
        }
        return (int) guesses.stream().filter(CompletableFuture::join).count();
    }

    private Response forwardAuth(String key, String client) {
        return given().header("X-API-Key", key).header("X-Forwarded-Method", "GET").header("X-Forwarded-Uri", "/api/v1/orders")
                .header("X-Forwarded-For", client).get("/api/v1/auth");
    }

    private Verdict.Code verdictOn(String key) {
        return verifier.verify(PresentedKey.alone(key), question("198.51.100.7")).await().indefinitely().code();
    }

    private static Question question(String ip) {
        return new Question(null, null, null, List.of(), null, IpAddress.parse(ip), 0);
    }

    private String aToken() {
        return KeyToken.generate("lk", "live", random).text();
    }

    private double reads() {
        return metrics.get("latchkey.snapshots.reads").counter().count();
    }
}
