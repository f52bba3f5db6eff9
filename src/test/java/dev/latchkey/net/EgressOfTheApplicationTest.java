package dev.latchkey.net;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

import jakarta.inject.Inject;

import dev.latchkey.net.OutboundOutcome.Code;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.WireServer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.Test;

/** The way out with the settings of an application, as it starts. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class EgressOfTheApplicationTest {

    @Inject
    Outbound outbound;

    @Test
    void theListOfAStartOnOneMachineOpensThatMachineAlone() throws Throwable {
        try (var server = WireServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
            assertThat(get("http://erp.localhost:" + server.port() + "/").code()).isEqualTo(Code.ANSWERED);
            assertThat(get(server.url()).code()).isEqualTo(Code.ANSWERED);
            assertThat(get("https://10.0.0.1/").code()).isEqualTo(Code.BLOCKED);
            assertThat(get("https://169.254.169.254/latest/meta-data/").code()).isEqualTo(Code.BLOCKED);
        }
    }

    @Test
    void theOutcomeComesOnTheContextOfTheCaller() throws Throwable {
        try (var server = WireServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
            var same = new AtomicBoolean();
            VertxContextSupport.subscribeAndAwait(() -> {
                var context = Vertx.currentContext();
                return send("http://localhost:" + server.port())
                        .invoke(outcome -> same.set(Vertx.currentContext() == context));
            });

            assertThat(same).isTrue();
        }
    }

    @Test
    void metricsTellOutcomesAndNeverHosts() throws Throwable {
        try (var server = WireServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
            get("http://a-name-of-its-own.localhost:" + server.port() + "/a-path-of-its-own");
            var metrics = given().get("/q/metrics").then().statusCode(200).extract().asString();

            assertThat(metrics).contains("latchkey_egress_requests_total{outcome=\"answered\"",
                    "latchkey_egress_requests_total{outcome=\"blocked\"",
                    "latchkey_egress_streams_total{outcome=\"unreachable\"",
                    "latchkey_egress_duration_seconds_count{phase=\"first_byte\"")
                    .doesNotContain("a-name-of-its-own").doesNotContain("a-path-of-its-own")
                    .doesNotContain(":" + server.port());
        }
    }

    private OutboundOutcome get(String url) throws Throwable {
        return VertxContextSupport.subscribeAndAwait(() -> send(url));
    }

    private Uni<OutboundOutcome> send(String url) {
        return outbound.send(OutboundRequest.get(Objects.requireNonNull(Destination.parse(url).orNull()), Egress.LIMITS));
    }
}
