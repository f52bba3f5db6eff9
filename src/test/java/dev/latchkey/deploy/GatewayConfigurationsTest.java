package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each gateway's configuration asks the operation that is made for it, tells who asks, and keeps the key. */
class GatewayConfigurationsTest {

    private static final Path DIRECTORY = Path.of("deploy", "gateway");
    private static final List<String> WHO = List.of("X-Auth-Key-Id", "X-Auth-Organization", "X-Auth-Scopes",
            "X-Auth-Stores");
    private static final List<String> KEY = List.of("X-API-Key", "X-API-Secret", "Authorization");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private static String text(String file) throws IOException {
        return Files.readString(DIRECTORY.resolve(file));
    }

    @ParameterizedTest
    @CsvSource({ "nginx.conf,/api/v1/auth/nginx", "ingress-nginx.yaml,/api/v1/auth/nginx", "traefik.yaml,/api/v1/auth",
            "Caddyfile,/api/v1/auth?", "latchkey.lua,/api/v1/auth", "envoy-gateway.yaml,/api/v1/auth/envoy" })
    void eachAsksTheOperationThatIsMadeForIt(String file, String operation) throws IOException {
        assertThat(text(file)).containsPattern("/" + operation.substring(1).replace("?", "\\?") + "[;\"\\s]");
    }

    @ParameterizedTest
    @ValueSource(strings = { "nginx.conf", "ingress-nginx.yaml", "traefik.yaml", "Caddyfile", "latchkey.lua",
            "envoy-gateway.yaml" })
    void eachTellsTheBackendWhoAsks(String file) throws IOException {
        assertThat(text(file).toLowerCase(Locale.ROOT))
                .contains(WHO.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = { "nginx.conf", "ingress-nginx.yaml", "traefik.yaml", "Caddyfile", "haproxy.cfg",
            "envoy-gateway.yaml" })
    void eachNamesTheHeadersThatHoldAKeyAndHasAWayForPreflights(String file) throws IOException {
        assertThat(text(file).toLowerCase(Locale.ROOT))
                .contains(KEY.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList());
        assertThat(text(file)).contains("#cors ");
    }

    @ParameterizedTest
    @ValueSource(strings = { "ingress-nginx.yaml", "traefik.yaml", "envoy-gateway.yaml" })
    void withItsCommentedLinesItIsStillYaml(String file) throws IOException {
        for (String text : List.of(text(file), text(file).replaceAll("#(cors|proxy|store) ", ""))) {
            try (var documents = YAML.readerFor(JsonNode.class).<JsonNode> readValues(text)) {
                assertThat(documents.readAll()).isNotEmpty();
            }
        }
    }

    @Test
    void traefikTakesTheClientsWordForNothing() throws IOException {
        JsonNode middlewares = YAML.readTree(text("traefik.yaml")).at("/http/middlewares");
        JsonNode asking = middlewares.at("/latchkey/forwardAuth");

        assertThat(asking.path("trustForwardHeader").asBoolean(true)).isFalse();
        assertThat(asking.path("authResponseHeaders")).extracting(JsonNode::asText).containsExactlyElementsOf(WHO);
        assertThat(asking.path("authRequestHeaders")).extracting(JsonNode::asText).containsAll(KEY);
        assertThat(middlewares.at("/told/headers/customRequestHeaders").fieldNames()).toIterable().contains("Connection",
                "X-Store", "X-Auth-Organization-Required");
        for (JsonNode router : YAML.readTree(text("traefik.yaml")).at("/http/routers")) {
            assertThat(router.path("middlewares")).extracting(JsonNode::asText).containsSubsequence("told", "latchkey",
                    "no-key");
        }
    }

    @Test
    void envoyRefusesWhereNobodyJudges() throws IOException {
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode> readValues(text("envoy-gateway.yaml"))) {
            JsonNode asking = documents.readAll().stream()
                    .filter(document -> document.path("kind").asText().equals("SecurityPolicy")).findFirst().orElseThrow()
                    .at("/spec/extAuth");

            assertThat(asking.path("failOpen").asBoolean(true)).isFalse();
            // Keys that are bound to networks.
            assertThat(asking.path("headersToExtAuth")).extracting(JsonNode::asText).contains("x-forwarded-for");
        }
    }
}
