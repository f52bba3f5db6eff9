package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.latchkey.testing.RawHttp;
import dev.latchkey.web.Problem;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a catalogue may be put as: in which form, of which size; what is refused changes nothing. */
@QuarkusTest
class CatalogDocumentTest extends CatalogCase {

    @ParameterizedTest
    @CsvSource({ "application/yaml, 200", "application/x-yaml, 200", "text/yaml;charset=UTF-8, 200", "text/x-yaml, 200",
            "application/openapi+yaml, 200", "application/vnd.oai.openapi, 200", "application/vnd.oai.openapi+yaml, 200",
            "application/json, 422", "application/openapi+json, 422", "text/plain, 415",
            "application/x-www-form-urlencoded, 415" })
    void aDocumentIsReadAsWhatItSaysToBe(String type, int status) {
        String yaml = "openapi: 3.1.0\npaths:\n  /v2/things:\n    get: {tags: [Things]}\n";
        RawHttp.Answer answer = raw(type, yaml.getBytes(StandardCharsets.UTF_8), false);

        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    }

    @Test
    void aBadDocumentIsRefusedWithItsPlaceAndChangesNothing() {
        String before = api.as("viewer").get(CATALOG).header("ETag");

        put("{\"openapi\": \"3.0.0\", \"paths\": {\"/x\": {\"get\": {\"security\": [{\"nope\": []}]}, \"FETCH\": {}}}}").then()
                .statusCode(422).contentType(Problem.MEDIA_TYPE).body("code", equalTo("invalid"))
                .body("errors.field", equalTo(List.of("/paths/~1x/get/security/0/nope", "/paths/~1x/FETCH")));
        put("{\"openapi\": \"3.0.0\",\n \"paths\": {]}").then().statusCode(422).body("errors[0].field", equalTo("document"))
                .body("errors[0].message", containsString("line 2, column"));
        put("").then().statusCode(422).body("errors[0].message", equalTo("is empty"));

        assertThat(api.as("viewer").get(CATALOG).header("ETag")).isEqualTo(before);
    }

    @Test
    void aDocumentMayHaveEightMebibytesAndNothingElseMay() {
        byte[] github = Documents.resource("github.json");
        assertThat(github.length).isBetween(6_000_000, DocumentText.MAX_BYTES);
        for (boolean chunked : new boolean[] { false, true }) {
            RawHttp.Answer answer = raw("application/json", github, chunked);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            assertThat(answer.body()).contains("\"methods\":1223");
        }
        assertThat(RawHttp.to(RestAssured.port)
                .send(head("application/json") + "\nContent-Length: " + (DocumentText.MAX_BYTES + 1))
                .status()).isEqualTo(413);
        api.asOwner().body("{\"name\": \"" + "x".repeat(300_000) + "\"}").post("/api/v1/keys").then().statusCode(413);
        api.asOwner().body("x".repeat(300_000)).put("/api/v1/keys").then().statusCode(413);
    }

    private static RawHttp.Answer raw(String type, byte[] document, boolean chunked) {
        String head = head(type);
        if (!chunked) {
            return RawHttp.to(RestAssured.port).send(head + "\nContent-Length: " + document.length, document);
        }
        byte[] begin = (Integer.toHexString(document.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] end = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] chunk = new byte[begin.length + document.length + end.length];
        System.arraycopy(begin, 0, chunk, 0, begin.length);
        System.arraycopy(document, 0, chunk, begin.length, document.length);
        System.arraycopy(end, 0, chunk, begin.length + document.length, end.length);
        return RawHttp.to(RestAssured.port).send(head + "\nTransfer-Encoding: chunked", chunk);
    }

    private static String head(String type) {
        return "PUT " + CATALOG + " HTTP/1.1\nHost: localhost\nAuthorization: Bearer " + PLATFORM + "\nContent-Type: " + type;
    }
}
