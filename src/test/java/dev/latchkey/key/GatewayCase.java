package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Backend;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Gateway;
import dev.latchkey.testing.GatewayKind;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** A real gateway, with the configuration that is shipped, before an API whose keys a Latchkey of its own judges. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class GatewayCase {

    static final String ORDERS = "/api/v1/orders";

    final GatewayKind kind;

    LatchkeyProcess latchkey;
    Backend backend;
    Gateway gateway;
    Api api;
    RawHttp client;

    GatewayCase(GatewayKind kind) {
        this.kind = kind;
    }

    @BeforeAll
    void start() {
        latchkey = LatchkeyProcess.on(Databases.create()).ready();
        RestAssured.baseURI = "http://localhost";
        RestAssured.port = portOf(latchkey);
        api = Api.ofNewOrganization();
        api.createStore("madrid");
        api.createStore("london");
        backend = Backend.start();
        gateway = Gateway.start(kind, portOf(latchkey), backend.port(),
                Map.of("madrid.example", "madrid", "london.example", "london"),
                Map.of("ours.example", api.organization(), "theirs.example", "theirs"));
    }

    @AfterAll
    void stop() {
        RestAssured.reset();
        for (AutoCloseable started : new AutoCloseable[] { gateway, backend, latchkey }) {
            try {
                started.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @BeforeEach
    void aClient() {
        client = RawHttp.to(gateway.port());
    }

    @AfterEach
    void asBefore() {
        backend.answers(Backend.Reply.OK);
        backend.reached();
    }

    static int portOf(LatchkeyProcess process) {
        return URI.create(process.baseUrl()).getPort();
    }

    static Answer assertRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        JsonPath problem = JsonPath.from(answer.body());
        assertThat(problem.getString("code")).isEqualTo(code);
        assertThat(problem.getString("type")).isEqualTo("urn:latchkey:problem:" + code);
        assertThat(problem.getInt("status")).isEqualTo(status);
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getString("detail")).isNotBlank();
        assertThat(problem.getString("requestId")).isEqualTo(answer.header("X-Request-Id"));
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.header("Cache-Control")).contains("no-store");
        assertThat(answer.header("WWW-Authenticate") != null).isEqualTo(status == 401);
        return answer;
    }
}
