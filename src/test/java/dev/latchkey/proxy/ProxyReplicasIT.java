package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.TokenServer;
import dev.latchkey.testing.TokenServer.Fault;
import io.restassured.RestAssured;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Credentials are stored at one replica and bound at another one, and used at both. */
@Tag("replicas")
class ProxyReplicasIT {

    private static final int ROUNDS = 15;

    private static LatchkeyProcess one;
    private static LatchkeyProcess other;

    @BeforeAll
    static void start() {
        Databases.Database database = Databases.create();
        one = LatchkeyProcess.on(database).with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8").start();
        other = LatchkeyProcess.on(database).with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8").start();
        one.awaitReady();
        other.awaitReady();
        RestAssured.baseURI = one.baseUrl();
    }

    @AfterAll
    static void stop() {
        RestAssured.reset();
        other.close();
        one.close();
    }

    /** Two data keys, of which one is forgotten, would leave a secret that nothing opens. */
    @Test
    void replicasThatSealAnOrganizationsFirstSecretsAtOnceAgreeOnItsDataKey() {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            for (int round = 0; round < ROUNDS; round++) {
                Api api = Api.ofNewOrganization();
                Created key = api.aKey().scopes("credentials:use").unlimited().create();
                AtomicInteger turn = new AtomicInteger();
                List<String> credentials;
                try (Together together = new Together(4)) {
                    credentials = together.call(() -> api.aCredential().with("baseUrl", origin.url())
                            .requestedBy(
                                    api.asOwner().baseUri(turn.getAndIncrement() % 2 == 0 ? one.baseUrl() : other.baseUrl()))
                            .then().statusCode(201).extract().path("id"));
                }
                bind(api, key, credentials);

                for (String credential : credentials) {
                    for (LatchkeyProcess replica : List.of(one, other)) {
                        assertThat(asked(replica, key, credential)).as("round %d", round).isEqualTo(200);
                    }
                }
            }
        }
    }

    @Test
    void whatIsUnboundAtOneReplicaIsRefusedByTheOther() {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            Api api = Api.ofNewOrganization();
            Created key = api.aKey().scopes("credentials:use").unlimited().create();
            String credential = api.aCredential().with("baseUrl", origin.url()).create();
            String integration = bind(api, key, List.of(credential));
            for (int round = 0; round < ROUNDS; round++) {
                assertThat(asked(other, key, credential)).isEqualTo(200);

                active(api, integration, false);
                assertThat(asked(other, key, credential)).isEqualTo(403);
                active(api, integration, true);
            }
        }
    }

    @Test
    void whoeverFindsATokenEndedJoinsTheRenewalThatIsUnderWayOnWhicheverReplica() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (TokenServer server = TokenServer.start().next(Fault.held(answer));
                Origin origin = Origin.answering("200 OK", "ok")) {
            Api api = Api.ofNewOrganization();
            Created key = api.aKey().scopes("credentials:use").unlimited().create();
            String token = server.grant();
            String credential = api.aCredential().with("baseUrl", origin.url()).of("oauth2",
                    Map.of("grant", "refresh_token", "clientId", "app-1", "clientSecret", CredentialBuilder.aSecret(),
                            "tokenUrl", server.url(), "accessToken", CredentialBuilder.aSecret(), "refreshToken", token,
                            "expiresAt", Instant.now().minusSeconds(5).toString()))
                    .create();
            bind(api, key, List.of(credential));
            Eventually.holds(() -> assertThat(server.presented()).hasSize(1));

            List<CompletableFuture<Integer>> waiting = Stream.of(one, other)
                    .flatMap(replica -> Stream.of(replica, replica))
                    .map(replica -> CompletableFuture.supplyAsync(() -> asked(replica, key, credential))).toList();
            assertThatThrownBy(
                    () -> CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new)).get(1, TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);
            answer.countDown();

            for (CompletableFuture<Integer> each : waiting) {
                assertThat(each.get(20, TimeUnit.SECONDS)).isEqualTo(200);
            }
            assertThat(server.timesPresented()).isEqualTo(Map.of(token, 1L));
        }
    }

    private static String bind(Api api, Created key, List<String> credentials) {
        return api.asOwner().body(Map.of("name", "Stock", "keyIds", List.of(key.id()), "credentialIds", credentials))
                .post("/api/v1/integrations").then().statusCode(201).extract().path("id");
    }

    private static void active(Api api, String integration, boolean active) {
        api.asOwner().body(Map.of("active", active)).patch("/api/v1/integrations/" + integration).then().statusCode(200);
    }

    private static int asked(LatchkeyProcess replica, Created key, String credential) {
        return Api.withKey(key.key()).baseUri(replica.baseUrl()).get(ProxyScene.path(credential, "/stock")).statusCode();
    }
}
