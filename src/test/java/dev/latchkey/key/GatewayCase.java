package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Backend;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Nginx;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A real nginx, with the configuration that is shipped, before an API whose keys a Latchkey of its own judges. */
abstract class GatewayCase {

    static final String ORDERS = "/api/v1/orders";

    static LatchkeyProcess latchkey;
    static Backend backend;
    static Nginx nginx;
    static Api api;

    RawHttp client;

    @BeforeAll
    static void start() {
        latchkey = LatchkeyProcess.on(Databases.create()).ready();
        RestAssured.baseURI = "http://localhost";
        RestAssured.port = portOf(latchkey);
        api = Api.ofNewOrganization();
        api.createStore("madrid");
        api.createStore("london");
        backend = Backend.start();
        nginx = Nginx.start(portOf(latchkey), backend.port(), GatewayCase::withHosts);
    }

    @AfterAll
    static void stop() {
        RestAssured.reset();
        for (AutoCloseable started : new AutoCloseable[] { nginx, backend, latchkey }) {
            try {
                started.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @BeforeEach
    void aClient() {
        client = RawHttp.to(nginx.port());
    }

    @AfterEach
    void asBefore() {
        backend.answers(Backend.Reply.OK);
        backend.reached();
    }

    /** The two maps, filled as their examples show. */
    private static String withHosts(String shipped) {
        return shipped.replace("# shop.madrid.example madrid;", "madrid.example madrid; london.example london;")
                .replace("# shop.madrid.example acme;", "ours.example " + api.organization() + "; theirs.example theirs;");
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
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.header("WWW-Authenticate") != null).isEqualTo(status == 401);
        return answer;
    }
}
