package dev.latchkey.credential;

import static io.restassured.RestAssured.given;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Planted;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;

/** Credentials that a person connects at an authorization server of the tests. */
@NullUnmarked
final class ConnectScene {

    private static final String CREDENTIALS = "/api/v1/credentials/";

    private final Api api;
    private final FakeAuthorization server;
    private final Behind database;

    ConnectScene(Api api, FakeAuthorization server, Behind database) {
        this.api = api;
        this.server = server;
        this.database = database;
    }

    /** A credential that nobody has connected yet. */
    String stored(Map<String, Object> data) {
        return api.aCredential().of("oauth2", data).with("baseUrl", server.url()).with("test", Map.of("url", "/me")).create();
    }

    /** One that somebody has. */
    String connected() {
        return connected(server.data());
    }

    String connected(Map<String, Object> data) {
        String id = stored(data);
        come(id).then().statusCode(200);
        return id;
    }

    /** One of which old tokens are given back. */
    String revocable() {
        Map<String, Object> data = server.data();
        data.put("revokeUrl", server.url() + "/revoke");
        return connected(data);
    }

    Response connect(String id) {
        return connect(id, Map.of());
    }

    Response connect(String id, Map<String, String> body) {
        Response begun = api.asOwner().body(body).post(CREDENTIALS + id + "/connect");
        if (begun.statusCode() == 200) {
            Planted.add(FakeAuthorization.query(begun.path("authorizationUrl")).get("state"));
        }
        return begun;
    }

    /** Someone agrees, and is back. */
    Response come(String id) {
        return callback(back(id));
    }

    /** Someone agrees: what he is sent back with. */
    Map<String, String> back(String id) {
        return server.agree(connect(id).path("authorizationUrl"));
    }

    /** As browsers ask, whose pages the panel answers elsewhere. */
    static Response callback(Map<String, String> parameters) {
        return given().header("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8").redirects()
                .follow(false).queryParams(parameters).get("/oauth2/callback");
    }

    Response read(String id) {
        return api.asOwner().get(CREDENTIALS + id);
    }

    String status(String id) {
        Response read = read(id);
        return read.path("status") + "/" + read.path("reason");
    }

    Response test(String id) {
        return api.asOwner().post(CREDENTIALS + id + "/test");
    }

    Response refresh(String id) {
        return api.asOwner().post(CREDENTIALS + id + "/refresh");
    }

    Response patch(String id, Map<String, ?> patch) {
        return api.asOwner().contentType("application/merge-patch+json").body(patch).patch(CREDENTIALS + id);
    }

    List<String> notices() {
        return api.asOwner().get("/api/v1/notifications").path("items.kind");
    }

    List<String> failures(String id) {
        return api.asOwner().get("/api/v1/activity?limit=200&targetId=" + id)
                .path("items.findAll { it.action == 'credential.connect_failed' }"
                        + ".collect { it.changes.find { change -> change.field == 'reason' }.after }");
    }

    /** Of the tokens that stand. */
    long pairVersion(String id) {
        return database.count("select pair_version from credential where id = ?", UUID.fromString(id));
    }
}
