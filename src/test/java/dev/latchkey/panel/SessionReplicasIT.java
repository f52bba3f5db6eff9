package dev.latchkey.panel;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.Together;
import io.restassured.RestAssured;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A session begins and ends at one replica, and is asked about at another one. */
@Tag("replicas")
class SessionReplicasIT {

    private static final int ROUNDS = 30;

    private static LatchkeyProcess one;
    private static LatchkeyProcess other;
    private static Api api;

    @BeforeAll
    static void start() {
        Databases.Database database = Databases.create();
        one = LatchkeyProcess.on(database).start();
        other = LatchkeyProcess.on(database).start();
        one.awaitReady();
        other.awaitReady();
        RestAssured.baseURI = one.baseUrl();
        api = Api.ofNewOrganization();
    }

    @AfterAll
    static void stop() {
        RestAssured.reset();
        other.close();
        one.close();
    }

    @Test
    void signingOutIsInForceOnEveryReplicaWhenItIsAnswered() {
        for (int round = 0; round < ROUNDS; round++) {
            SignedIn ana = SignedIn.to(api, "owner");
            assertThat(ana.reading().baseUri(other.baseUrl()).get(SignedIn.SESSION).<String> path("csrfToken"))
                    .isEqualTo(ana.csrf());
            ana.request().baseUri(other.baseUrl()).body(Map.of("locale", "es")).patch(SignedIn.SESSION).then()
                    .statusCode(200);

            ana.signOut().then().statusCode(204);

            ana.reading().baseUri(other.baseUrl()).get(SignedIn.SESSION).then().statusCode(401);
        }
    }

    @Test
    void aLinkSignsInOnceOnWhicheverReplica() {
        for (int round = 0; round < ROUNDS / 3; round++) {
            String link = SignedIn.linkTo(api, Map.of("org", api.organization(), "user", "ana", "groups", List.of("viewer")));
            try (Together together = new Together(4)) {
                List<Integer> answers = together.call(() -> given()
                        .baseUri(Thread.currentThread().getId() % 2 == 0 ? one.baseUrl() : other.baseUrl())
                        .contentType("application/json").body(Map.of("link", link)).post(SignedIn.SESSION).statusCode());

                assertThat(answers).containsOnlyOnce(200);
            }
        }
    }
}
