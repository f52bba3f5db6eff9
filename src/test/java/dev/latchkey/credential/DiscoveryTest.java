package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a server publishes about itself is taken once, from itself alone, and binds it to say who it is. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class DiscoveryTest {

    private static final String WELL_KNOWN = "/.well-known/openid-configuration";

    @Inject
    DataSource database;

    private Api api;
    private FakeAuthorization server;
    private ConnectScene scene;

    @BeforeEach
    void aServerThatPublishes() {
        api = Api.ofNewOrganization();
        server = new FakeAuthorization();
        server.tellsIssuer = true;
        scene = new ConnectScene(api, server, new Behind(database));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void anIssuerSaysTheAddressesAndHasToSayWhoItIs() {
        String id = scene.stored(data(server.url() + WELL_KNOWN));
        scene.read(id).then().body("data.issuer", equalTo(server.url()))
                .body("data.tokenUrl", equalTo(server.url() + "/token"))
                .body("data.revokeUrl", equalTo(server.url() + "/revoke")).body("data.clientAuth", equalTo("post"));
        Map<String, String> silent = new HashMap<>(scene.back(id));
        silent.remove("iss");
        ConnectScene.callback(silent).then().statusCode(400).body(containsString("another server"));
        scene.come(id).then().statusCode(200);

        server.tellsIssuer = false;
        refused(data(server.url()));
    }

    @Test
    void whoSaysTheAddressesHimselfStillNamesTheIssuerByItsName() {
        Map<String, Object> data = server.data();
        data.put("issuer", server.url() + WELL_KNOWN);
        String id = scene.stored(data);
        scene.read(id).then().body("data.issuer", equalTo(server.url()));
        scene.come(id).then().statusCode(200);
    }

    @Test
    void whereNobodyAnswersNobodyIsSent() {
        String id = scene.stored(data(server.url()));
        server.hidesMetadata = true;
        scene.connect(id).then().statusCode(503).header("Retry-After", equalTo("30"));
        server.hidesMetadata = false;
        scene.come(id).then().statusCode(200);
    }

    @Test
    void whatIsPublishedElsewhereIsFoundAndWhatNamesAnotherIsNotTaken() {
        server.metadataAt = ".well-known/oauth-authorization-server";
        scene.come(scene.stored(data(server.url()))).then().statusCode(200);
        server.namedIssuer = "https://other.example";
        refused(data(server.url()));
    }

    @Test
    void whoNeedsNobodyToAgreeNeedsNoAuthorizeUrl() {
        server.tellsIssuer = false;
        Map<String, Object> data = new HashMap<>(Map.of("grant", "client_credentials", "clientId", FakeAuthorization.CLIENT,
                "clientSecret", server.clientSecret, "tokenUrl", server.url() + "/token", "issuer", server.url()));
        api.aCredential().of("oauth2", data).requested().then().statusCode(201);
    }

    @Test
    void anotherIssuerSaysAnewHowItsClientsSignIn() {
        String id = scene.stored(data(server.url()));
        try (FakeAuthorization other = new FakeAuthorization()) {
            other.tellsIssuer = true;
            other.clientAuth = "client_secret_basic";
            scene.patch(id, Map.of("skipTest", true, "data", Map.of("issuer", other.url(), "clientSecret",
                    other.clientSecret))).then().statusCode(200).body("data.clientAuth", equalTo("basic"))
                    .body("data.tokenUrl", equalTo(other.url() + "/token"));
        }
    }

    private void refused(Map<String, Object> data) {
        List<String> fields = api.aCredential().of("oauth2", data).requested().then().statusCode(422).extract()
                .path("errors.field");
        assertThat(fields).containsExactly("data.issuer");
    }

    private Map<String, Object> data(String issuer) {
        return new HashMap<>(Map.of("grant", "authorization_code", "clientId", FakeAuthorization.CLIENT, "clientSecret",
                server.clientSecret, "issuer", issuer));
    }
}
