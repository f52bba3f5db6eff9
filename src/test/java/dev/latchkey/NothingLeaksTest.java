package dev.latchkey;

import static dev.latchkey.testing.CredentialBuilder.aSecret;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Foreign;
import dev.latchkey.testing.KeyBuilder;
import dev.latchkey.testing.LeakSearch;
import dev.latchkey.testing.Planted;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Comes last: no secret that any test of the suite made or received stands in what was logged, measured, answered as a problem
 * or stored. Run alone, it searches for the secrets that it makes itself.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@Order(Integer.MAX_VALUE)
class NothingLeaksTest {

    /** The log, and what a restart of the application rotated away. */
    private static final Pattern LOG = Pattern.compile("quarkus-test\\.log(\\.\\d+)?");

    @Test
    void noSecretOfTheSuiteStandsAnywhere() throws IOException, SQLException {
        useSomeSecrets();
        useSomeSessions();
        useSomeCredentials();
        useSomeWebhooks();
        List<String> secrets = Planted.secrets();
        Map<String, String> places = new LinkedHashMap<>();
        places.put("log", log());
        places.put("metrics", given().get("/q/metrics").asString());
        places.put("problems", Planted.problems());

        LeakSearch search = new LeakSearch(secrets);
        List<String> hits = new ArrayList<>();
        places.forEach((place, text) -> hits.addAll(search.hits(place, text)));
        Map<String, Integer> rows = searchTables(search, hits);

        assertThat(hits).isEmpty();
        assertThat(secrets).hasSizeGreaterThan(40).anyMatch(secret -> secret.startsWith("m1:"))
                .anyMatch(secret -> secret.startsWith("p1:")).anyMatch(secret -> secret.startsWith("eyJ"))
                .anyMatch(secret -> secret.contains("_live_")).anyMatch(secret -> secret.contains("_secret_"))
                .anyMatch(secret -> secret.startsWith("latchkey_link_"))
                .anyMatch(secret -> secret.startsWith("latchkey_session_")).anyMatch(secret -> secret.startsWith("s3cr3t"))
                .anyMatch(secret -> secret.startsWith("whsec_"));
        assertThat(rows).containsKeys("api_key", "key_material", "activity", "event", "key_copy", "data_key", "foreign_prefix",
                "key_leak", "panel_link", "panel_session", "credential", "credential_secret", "credential_state", "webhook");
        assertThat(rows.get("key_material")).isGreaterThan(10);
        assertThat(places.get("log")).contains("Profile test activated");
        assertThat(places.get("problems").lines()).hasSizeGreaterThan(40);
        assertThat(places.values().stream().mapToInt(String::length).sum()).isGreaterThan(30_000);
    }

    private static String log() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            for (Path file : files.filter(file -> LOG.matcher(file.getFileName().toString()).matches()).toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    private static void useSomeSecrets() {
        Api api = Api.ofNewOrganization();
        String prefix = Foreign.aPrefix();
        for (int i = 0; i < 20; i++) {
            KeyBuilder.Created key = api.aKey().withSecret().recoverable().create();
            api.verdictOn(key.key());
            api.verify(Map.of("key", key.key(), "secret", key.secret(), "path", "/" + key.secret(), "method", "GET"));
            Api.withKey(key.key()).header("X-API-Secret", key.secret()).get("/api/v1/keys?q=" + key.secret());
            given().auth().preemptive().basic(key.key(), key.secret()).body("{\"secret\": \"" + key.secret() + "\"}")
                    .post("/api/v1/keys/verify");
            api.act(key.id(), "reveal");
            Api.withKey(key.key()).header("Idempotency-Key", UUID.randomUUID()).body("{\"" + key.key() + "\": 1}")
                    .post("/api/v1/keys");
            Api.withKey(key.key() + "x").get("/api/v1/keys/" + key.key() + "?q=" + key.key());
            given().auth().oauth2(key.key()).body(key.key()).put("/" + key.key());
            Foreign foreign = Foreign.key(prefix);
            Foreign.imported(api, foreign.line());
            Api.withKey(foreign.token()).get("/api/v1/keys?q=" + foreign.token());
            Api.withKey(key.key()).header("X-API-Secret", key.secret()).get("/api/v1/keys/" + foreign.token());
            api.asOwner().get("/api/v1/" + foreign.token() + "/keys");
            api.asOwner().body("{\"" + foreign.token() + "\": 1}").post("/api/v1/keys").then().statusCode(422);
            api.asOwner().get("/api/v1/keys?store=" + foreign.token());
            api.asOwner().body(Map.of("name", "ERP", "scopes", List.of(foreign.token()), "access", Map.of("type", "all")))
                    .post("/api/v1/keys").then().statusCode(422);
            api.asPlatform().body(List.of(Map.of("token", key.key(), "url", "https://code.example/sync.sh?s=" + key.secret(),
                    "source", "commit of " + key.secret()))).post("/api/v1/leaks").then().statusCode(200);
        }
    }

    private static void useSomeSessions() {
        Api api = Api.ofNewOrganization();
        Map<String, ?> wanted = Map.of("org", api.organization(), "user", "ana", "groups", List.of("owner"));
        for (int i = 0; i < 3; i++) {
            String link = SignedIn.linkTo(api, wanted);
            SignedIn ana = SignedIn.by(link);
            given().contentType("application/json").body(Map.of("link", link)).post(SignedIn.SESSION);
            given().contentType("application/json").body(Map.of("link", link, link, link)).post(SignedIn.SESSION);
            given().get("/sign-in/" + link);
            given().header("Accept", "text/html").get("/x/" + link + "?y=" + ana.cookie());
            ana.reading().header(SignedIn.CSRF_HEADER, link).header("Origin", "https://" + link).delete(SignedIn.SESSION);
            ana.request().get("/api/v1/keys/" + ana.cookie() + "?q=" + ana.csrf());
            ana.request().body(Map.of("locale", ana.cookie())).patch(SignedIn.SESSION);
            given().cookie("latchkey", ana.cookie() + "x").get("/api/v1/" + ana.cookie());
            ana.signOut();
            ana.reading().get(SignedIn.SESSION);
        }
    }

    /**
     * Each secret field of each type: stored, tested where nobody answers, edited, refused, and put where it does not belong.
     */
    private static void useSomeCredentials() {
        Api api = Api.ofNewOrganization();
        String nobody = "http://127.0.0.1:9/";
        for (Map.Entry<String, Map<String, Object>> type : Map.<String, Map<String, Object>> of(
                "api_key",
                Map.of("key", aSecret(), "secret", aSecret(), "placement", "query", "name", "key"),
                "bearer", Map.of("token", aSecret()),
                "basic", Map.of("username", aSecret(), "password", ""),
                "custom_headers", Map.of("headers", Map.of("X-One", aSecret(), "Cookie", aSecret())),
                "oauth2",
                Map.of("grant", "refresh_token", "clientId", "shop", "clientSecret", aSecret(), "accessToken", aSecret(),
                        "refreshToken", aSecret(), "tokenUrl", nobody + "token", "revokeUrl", nobody + "revoke"))
                .entrySet()) {
            String id = api.aCredential().of(type.getKey(), type.getValue()).create();
            String path = "/api/v1/credentials/" + id;
            api.aCredential().of(type.getKey(), type.getValue()).testedAt(nobody).requested();
            api.aCredential().of(type.getKey(), type.getValue()).testedAt(nobody).tried();
            api.aCredential().of("bearer", type.getValue()).requested();
            api.asOwner().post(path + "/test");
            api.asOwner().get(path).then().statusCode(200);
            api.asOwner().body(Map.of("data", type.getValue(), "baseUrl", "http://127.0.0.1:10/")).patch(path);
            api.asOwner().body(Map.of("data", type.getValue(), "skipTest", true)).patch(path).then().statusCode(200);
            api.asOwner().body(Map.of("data", Map.of("headers", type.getValue(), "password", type.getValue()))).patch(path);
            api.asOwner().body(type.getValue()).patch(path);
            api.asOwner().body(List.of(type.getValue())).post("/api/v1/credentials/test");
            api.asOwner().delete(path);
        }
        // A key as user name, which stays one beside a password that looks like one.
        String named = api.aCredential().basic(aSecret(), "").create();
        api.asOwner().body(Map.of("data", Map.of("password", aSecret()), "skipTest", true))
                .patch("/api/v1/credentials/" + named).then().statusCode(200);
        api.asOwner().get("/api/v1/credentials");
        String basic = aSecret();
        api.aCredential().basic("sync:" + basic, basic + "\r\n").requested().then().statusCode(422);
        api.aCredential().of("custom_headers", Map.of("headers", Map.of(basic + "\r", basic + "\n"))).requested();
        api.aCredential().with("baseUrl", "https://sync:" + basic + "@erp.example/").requested().then().statusCode(422);
    }

    /** Secrets that are shown once, and headers that never are: set, replaced, refused, and put where they do not belong. */
    private static void useSomeWebhooks() {
        Api api = Api.ofNewOrganization();
        String root = "/api/v1/webhooks";
        String value = aSecret();
        Map<String, Object> form = Map.of("url", "https://192.0.43.8/hooks", "events", List.of("order.create"), "headers",
                Map.of("Authorization", value));
        String path = root + "/" + api.asOwner().body(form).post(root).then().statusCode(201).extract().path("id");
        String secret = api.asOwner().body("{}").post(path + "/rotate-secret").then().statusCode(200).extract().path("secret");
        api.asOwner().body(Map.of("headers", Map.of("X-A", aSecret()))).patch(path).then().statusCode(200);
        api.asOwner().body(Map.of("headers", Map.of("X-A", value + "\r", "Host", value, "X-B", ""))).patch(path);
        api.asOwner().body(Map.of("headers", value, "secret", secret)).patch(path).then().statusCode(422);
        api.asOwner().body(Map.of("url", "https://ana:" + value + "@erp.example/")).patch(path).then().statusCode(422);
        api.asOwner().body(Map.of("url", "https://192.0.43.9/hooks")).patch(path).then().statusCode(422);
        api.asOwner().body(Map.of("overlap", secret)).post(path + "/rotate-secret").then().statusCode(422);
        api.asOwner().get(root + "?cursor=" + secret);
        api.asOwner().get(root + "/" + secret);
        api.asOwner().get(path).then().statusCode(200);
    }

    /** Every table as text; bytes are hexadecimal in it. */
    /** Row by row: all of them together are more than memory has room for. How many there were, by table. */
    private static Map<String, Integer> searchTables(LeakSearch search, List<String> hits) throws SQLException {
        var config = ConfigProvider.getConfig();
        Map<String, Integer> found = new LinkedHashMap<>();
        try (Connection connection = DriverManager.getConnection(
                "jdbc:" + config.getValue("quarkus.datasource.reactive.url", String.class),
                config.getValue("quarkus.datasource.username", String.class),
                config.getValue("quarkus.datasource.password", String.class));
                Statement statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(
                    "select tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            for (String name : names) {
                CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI()
                        .copyOut("copy (select * from " + name + ") to stdout");
                int count = 0;
                for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
                    hits.addAll(search.hits("table " + name, new String(row, StandardCharsets.UTF_8)));
                    count++;
                }
                found.put(name, count);
            }
        }
        return found;
    }
}
