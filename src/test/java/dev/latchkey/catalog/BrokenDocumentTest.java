package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.testing.Beside;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever a document is, it is read or refused with a place, soon, and never ends in a fault. */
@Beside
class BrokenDocumentTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String WHOLE = """
            {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "servers": [{"url": "https://{h}/v2", "variables":
            {"h": {"default": "shop.example"}}}], "tags": [{"name": "Orders", "description": "d", "x-displayName": "n"}],
            "security": [{"oauth": ["a"]}], "paths": {"/orders/{id}": {"servers": [{"url": "/x"}], "get": {"tags": ["Orders"],
            "summary": "s", "description": "d", "operationId": "o", "servers": [{"url": "/y"}], "security": [{"oauth": ["a"],
            "key": ["role"]}], "parameters": [{"name": "id", "in": "path"}], "responses": {"200": {"description": "d"}}}},
            "/b": {"$ref": "#/components/pathItems/b"}}, "components": {"pathItems": {"b": {"put": {}}}, "schemas": {"x": {}},
            "securitySchemes": {"key": {"type": "apiKey"}, "same": {"$ref": "#/components/securitySchemes/oauth"}, "oauth":
            {"type": "oauth2", "flows": {"implicit": {"scopes": {"a": "Read a"}}}}}}}
            """;

    @Test
    void theWholeOneIsGood() {
        assertThat(refusalOf(bytes(WHOLE), true)).isNull();
        assertThat(refusalOf(bytes(WHOLE), false)).isNull();
    }

    @Test
    void aDocumentThatEndsTooSoonIsRefused() {
        byte[] whole = bytes(WHOLE.strip());
        for (int length = 0; length < whole.length; length++) {
            assertThat(refusalOf(Arrays.copyOf(whole, length), true)).as("JSON cut at %d", length).isNotNull();
            refusalOf(Arrays.copyOf(whole, length), false);
        }
        byte[] large = Documents.resource("github.json");
        for (int length = 0; length < large.length; length += large.length / 25 + 1) {
            assertThat(refusalOf(Arrays.copyOf(large, length), true)).as("cut at %d", length).isNotNull();
        }
        byte[] yaml = Documents.resource("figma.yaml");
        for (int length = 0; length < yaml.length; length += yaml.length / 50 + 1) {
            refusalOf(Arrays.copyOf(yaml, length), false);
        }
    }

    @Test
    void aDocumentWithSomethingElseInAnyPlaceIsReadOrRefused() throws IOException {
        List<String> odd = List.of("null", "true", "0", "-1.5e300", "\"\"", "\"x\"", "\"\\u0000\"", "\"\\ud800\"", "[]", "{}",
                "[null]", "{\"\": null}", "[[[]]]", "{\"a\": {\"b\": []}}", "[\"a\", 1, {}]", "\"/{a\"", "\"#/paths\"",
                "\"" + "y".repeat(5_000) + "\"");
        int places = places(JSON.readTree(WHOLE)).size();
        assertThat(places).isGreaterThan(40);
        for (int place = 0; place < places; place++) {
            for (String value : odd) {
                JsonNode document = JSON.readTree(WHOLE);
                places(document).get(place).put(JSON.readTree(value));
                refusalOf(JSON.writeValueAsBytes(document), true);
                refusalOf(JSON.writeValueAsBytes(document), false);
            }
        }
    }

    @Test
    void aDocumentOfAlteredBytesIsReadOrRefused() {
        Random random = new Random(20_261_122);
        byte[] figma = Arrays.copyOf(Documents.resource("figma.yaml"), 20_000);
        for (int i = 0; i < 1_000; i++) {
            byte[] altered = i % 2 == 0 ? bytes(WHOLE) : figma.clone();
            for (int times = random.nextInt(4); times >= 0; times--) {
                altered[random.nextInt(altered.length)] = (byte) (random.nextBoolean() ? random.nextInt(256)
                        : "{}[]:,&*!|>'\"%@`#-?\n\t <".charAt(random.nextInt(23)));
            }
            refusalOf(altered, i % 4 == 0);
        }
    }

    @Test
    void aDocumentThatWouldGrowIsRefusedOrReadSoon() {
        String head = "openapi: 3.1.0\npaths: {/x: {get: {}}}\n";
        StringBuilder bomb = new StringBuilder(head).append("x-a: &a0 [x]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("x-b").append(i).append(": &a").append(i).append(" [").append(("*a" + (i - 1) + ",").repeat(9))
                    .append("x]\n");
        }
        int most = DocumentText.MAX_BYTES - 200;
        assertSoon(bomb.toString(), false);
        assertThat(assertSoon(bomb + "tags: *a39\n", false)).isNotNull();
        assertThat(assertSoon("[".repeat(most), true)).isNotNull();
        assertThat(assertSoon("[".repeat(most), false)).isNotNull();
        assertThat(assertSoon("[\n".repeat(most / 2), false)).isNotNull();
        assertThat(assertSoon("{a: ".repeat(most / 4), false)).isNotNull();
        assertThat(assertSoon("- ".repeat(most / 2), false)).isNotNull();
        assertThat(assertSoon("? ".repeat(most / 2), false)).isNotNull();
        assertThat(assertSoon("&a ".repeat(most / 3), false)).isNotNull();
        assertThat(assertSoon("!!a ".repeat(most / 4), false)).isNotNull();
        assertThat(assertSoon("a".repeat(most), false)).isNotNull();
        assertThat(assertSoon("\"" + "\\u0041".repeat(most / 6) + "\"", false)).isNotNull();
        assertSoon(head + "x-n: " + "9".repeat(most - 100), false);
        assertSoon(head + "info: {version: " + "9".repeat(most - 100) + "}", false);
        assertSoon(head + "#" + "c".repeat(most - 100), false);
        assertThat(assertSoon("{\"openapi\": " + "9".repeat(most - 100) + "}", true)).isNotNull();
        assertThat(assertSoon("{\"" + "k".repeat(most - 100) + "\": 1}", true)).isNotNull();
        assertThat(assertSoon("x".repeat(200) + ": ".repeat(100_000), false)).isNotNull();
        assertThat(assertSoon(head + "x-l: |\n" + "  line\n".repeat(most / 7 - 20), false))
                .hasMessageContaining("262144 characters");
        assertThat(assertSoon(head + "---\n" + head, false)).isNotNull();
    }

    /** A document of 850 KB must not need ten thousand times that. */
    @Test
    void aLongNameIsNotRepeatedForEveryPartBelowIt() {
        String tags = "\"a\",".repeat(190_000) + "\"a\"";
        for (int length : new int[] { 1_990, 49_990 }) {
            byte[] document = bytes("{\"openapi\": \"3.1.0\", \"paths\": {\"/" + "a".repeat(length)
                    + "\": {\"get\": {\"tags\": [" + tags + "]}}}}");
            var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = thread.getThreadAllocatedBytes(Thread.currentThread().getId());
            assertThat(refusalOf(document, true)).isNotNull();
            long allocated = thread.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
            assertThat(allocated).as("bytes for a name of %d", length).isLessThan(150_000_000);
        }
    }

    private static @Nullable ProblemException assertSoon(String document, boolean isJson) {
        List<ProblemException> refusals = new ArrayList<>();
        assertTimeoutPreemptively(SOON, () -> {
            ProblemException refusal = refusalOf(bytes(document), isJson);
            if (refusal != null) {
                refusals.add(refusal);
            }
        }, () -> document.substring(0, Math.min(60, document.length())));
        return refusals.isEmpty() ? null : refusals.get(0);
    }

    /** Null where the document is accepted; whatever else it throws fails the test. */
    private static @Nullable ProblemException refusalOf(byte[] document, boolean isJson) {
        try {
            var read = ApiDocument.read(document, isJson);
            Catalog.withService(CatalogText.read(CatalogText.write(read.groups())));
            return null;
        } catch (ProblemException refusal) {
            assertThat(refusal.code()).isEqualTo(ProblemCode.INVALID);
            assertThat(refusal.errors()).isNotEmpty().allMatch(error -> !error.field().isEmpty() && !error.message().isEmpty());
            return refusal;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private interface Place {
        void put(JsonNode value);
    }

    private static List<Place> places(JsonNode of) {
        List<Place> places = new ArrayList<>();
        if (of instanceof ObjectNode object) {
            object.fieldNames().forEachRemaining(name -> places.add(value -> object.set(name, value)));
        } else if (of instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                int index = i;
                places.add(value -> array.set(index, value));
            }
        }
        of.forEach(child -> places.addAll(places(child)));
        return places;
    }
}
