package dev.latchkey.panel;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

import dev.latchkey.testing.FrontEnd;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.config.DecoderConfig;
import io.restassured.response.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a browser gets that opens the panel. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PagesTest {

    private static final String HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    private static final Pattern SCRIPT = Pattern.compile("src=\"(/static/bundle/[^\"]+\\.js)\"");

    @ParameterizedTest
    @ValueSource(strings = { "/", "/sign-in", "/keys", "/keys?status=active", "/keys/01890a5d-ac96-774b-bcce-b302099a8057",
            "/review", "/organization", "/stores", "/credentials", "/credentials/01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42",
            "/store/madrid/settings/credentials", "/store/madrid/settings/api", "/store/madrid.es/settings/api" })
    void eachPageIsTheOneDocument(String page) {
        for (String accepted : List.of(HTML, "*/*")) {
            assertThat(ask(page, accepted).then().statusCode(200).contentType(startsWith("text/html")).extract().asString())
                    .isEqualTo(document());
        }
    }

    /** One that only the server knew would say 200, and then that there is no such page. */
    @Test
    void theServerHasThePagesOfTheFrontEndAndNoOthers() {
        assertThat(Pages.ADDRESSES).containsExactlyInAnyOrderElementsOf(FrontEnd.addresses());
        for (String address : FrontEnd.addresses()) {
            ask(address.replaceAll(":\\w+", "x"), HTML).then().statusCode(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "/nothing", "/activities", "/store/madrid/settings/events", "/keys/a/b", "/store/madrid",
            "/store/madrid/settings", "/sign-in/x", "/apix", "/qx",
            "/admin/" })
    void anAddressThatIsNoneSaysSoInTheSameDocument(String page) {
        Response answer = ask(page, HTML);

        answer.then().statusCode(404).contentType(startsWith("text/html"));
        assertThat(answer.asString()).isEqualTo(document());
        assertDressed(answer);
    }

    @Test
    void programsAreToldByAProblem() {
        for (String accepted : List.of("*/*", "application/json")) {
            ask("/nothing", accepted).then().statusCode(404).contentType(startsWith("application/problem+json"));
        }
        given().header("Accept", HTML).post("/nothing").then().statusCode(404)
                .contentType(startsWith("application/problem+json"));
        for (String api : List.of("/api/v1/nothing", "/api/nothing", "/api", "/q/nothing", "/api/v1/keys")) {
            ask(api, HTML).then().contentType(not(startsWith("text/html"))).header("Content-Security-Policy",
                    api.startsWith("/q") ? containsString("frame-ancestors") : nullValue());
        }
    }

    @Test
    void theDocumentLetsNothingInThatIsNotOurs() {
        for (String page : List.of("/", "/keys", "/store/madrid/settings/api")) {
            assertDressed(ask(page, HTML));
        }
    }

    private static void assertDressed(Response answer) {
        assertThat(answer.header("Content-Security-Policy")).isEqualTo("default-src 'none'; script-src 'self';"
                + " style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none';"
                + " form-action 'none'; frame-ancestors 'none'");
        assertThat(Map.of("X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer", "Cross-Origin-Opener-Policy",
                "same-origin", "Cache-Control", "no-cache")).allSatisfy(
                        (name, value) -> assertThat(answer.header(name)).as(name).isEqualTo(value));
        assertThat(answer.header("Permissions-Policy")).contains("camera=()");
        assertThat(answer.header("Set-Cookie")).isNull();
    }

    /** A strict policy and a document that does not fit it would be a blank page. */
    @Test
    void theDocumentItselfNeedsNothingThatItForbids() {
        assertThat(document()).doesNotContainPattern("<script(?![^>]*\\ssrc=\"/)[^>]*>")
                .doesNotContainPattern("<style").doesNotContainPattern("\\sstyle=").doesNotContainPattern("\\son\\w+=")
                .doesNotContainPattern("(src|href)=\"(https?:)?//");
    }

    @Test
    void whatItNeedsIsKeptForAYearAndSentCompressed() throws IOException {
        String script = script();
        given().get(script).then().statusCode(200).header("Cache-Control", "public, max-age=31536000, immutable")
                .header("X-Content-Type-Options", "nosniff").header("Cross-Origin-Resource-Policy", "same-origin")
                .contentType(startsWith("text/javascript"));
        RawHttp.Answer plain = RawHttp.to(RestAssured.port).ask("HEAD", script, "Accept-Encoding: identity");
        assertThat(plain.header("Content-Encoding")).isNull();

        RawHttp.Answer head = RawHttp.to(RestAssured.port).ask("HEAD", script, "Accept-Encoding: br, gzip;q=0.9");

        assertThat(head.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(head.header("Vary")).containsIgnoringCase("accept-encoding");
        assertThat(Integer.parseInt(String.valueOf(head.header("Content-Length"))))
                .isLessThan(Integer.parseInt(String.valueOf(plain.header("Content-Length"))));
        byte[] zipped = given().header("Accept-Encoding", "gzip").config(RestAssured.config()
                .decoderConfig(DecoderConfig.decoderConfig().noContentDecoders())).get(script)
                .asByteArray();
        try (GZIPInputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
            assertThat(unzipped.readAllBytes()).isEqualTo(given().get(script).asByteArray());
        }
        assertThat(RawHttp.to(RestAssured.port).ask("HEAD", script, "Accept-Encoding: gzip;q=0").header("Content-Encoding"))
                .isNull();
    }

    @Test
    void whatHasNotChangedIsNotSentAgain() {
        Response first = ask("/keys", HTML);
        String tag = first.header("ETag");

        given().header("If-None-Match", tag).get("/").then().statusCode(304);
        given().header("If-None-Match", "W/\"x\"").get("/").then().statusCode(200);
        given().header("If-None-Match", tag).header("Accept", HTML).get("/nothing").then().statusCode(404);
    }

    @ParameterizedTest
    @ValueSource(strings = { "/static/bundle/none-AAAAAAAA.js", "/favicon.none", "/../application.properties",
            "/application.properties", "/static/%2e%2e/%2e%2e/%2e%2e/application.properties", "/db/migration/V1__x.sql",
            "/dev/latchkey/panel/Pages.class", "/..%2f..%2fapplication.properties", "/static//bundle/.hidden.js" })
    void nothingElseIsServed(String path) {
        RawHttp.Answer answer = RawHttp.to(RestAssured.port).ask("GET", path, "Accept: " + HTML);

        assertThat(answer.status()).isIn(400, 404);
        assertThat(String.valueOf(answer.header("Cache-Control"))).as("another replica may have the file already")
                .doesNotContain("max-age");
    }

    @Test
    void noOtherSiteFramesThePagesOfTheService() {
        given().get("/q/swagger-ui/").then().statusCode(200).header("Content-Security-Policy",
                equalTo("frame-ancestors 'self'"));
    }

    @Test
    void pagesAreCountedUnderFewNames() {
        String page = "/keys/" + UUID.randomUUID();
        ask(page, HTML).then().statusCode(200);
        ask(page + "/x", HTML).then().statusCode(404);

        assertThat(given().get("/q/metrics").asString()).doesNotContain(page).contains("uri=\"/{page}\"");
    }

    private static Response ask(String page, String accepted) {
        return given().header("Accept", accepted).get(page);
    }

    private static String document() {
        return ask("/", HTML).then().statusCode(200).body(containsString("<lk-panel>")).extract().asString();
    }

    private static String script() {
        Matcher script = SCRIPT.matcher(document());
        assertThat(script.find()).isTrue();
        return script.group(1);
    }
}
