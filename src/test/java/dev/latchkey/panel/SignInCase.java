package dev.latchkey.panel;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;

/** What tests of signing in and out extend: an organization of its own, and links for it. */
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
abstract class SignInCase {

    static final String SESSION = SignedIn.SESSION;
    static final String LINKS = "/api/v1/panel-sessions";

    @Inject
    DataSource database;

    Api api;
    Behind behind;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        behind = new Behind(database);
    }

    String link(String... groups) {
        return SignedIn.linkTo(api, Map.of("org", api.organization(), "user", "ana", "groups", groups));
    }

    Response ask(Map<String, ?> wanted) {
        return given().auth().oauth2(Tokens.withoutOrganization("operator", "platform")).contentType(ContentType.JSON)
                .body(wanted).post(LINKS);
    }

    static Response signInBy(String link) {
        return given().contentType(ContentType.JSON).body(Map.of("link", link)).post(SESSION);
    }

    static String tokenOf(Response link) {
        String url = link.path("url");
        return url.substring(url.indexOf('#') + 1);
    }

    Object row(String column) {
        return behind.query("select " + column + " from panel_session where organization_id = ?", behind.organization(api))
                .get(0);
    }

    void expire(String table, String change) {
        assertThat(behind.execute("update " + table + " set " + change + " where organization_id = ?",
                behind.organization(api))).isEqualTo(1);
    }
}
