package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

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
    /** By these, some frameworks answer another method, path or client than the one that was judged. */
    private static final List<String> CLAIMS = List.of("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override",
            "X-Original-URL", "X-Original-URI", "X-Original-Method", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Method",
            "Forwarded");
    private static final String EMPTIED = "proxy_set_header\\s+(\\S+)\\s+\"\";";
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

    @ParameterizedTest
    @ValueSource(strings = { "nginx.conf", "ingress-nginx.yaml", "traefik.yaml", "Caddyfile", "haproxy.cfg",
            "envoy-gateway.yaml" })
    void eachTakesAwayByWhatABackendMayAnswerSomethingElse(String file) throws IOException {
        List<String> takenAway = takenAway(file).map(name -> name.toLowerCase(Locale.ROOT)).toList();

        assertThat(CLAIMS).allSatisfy(claim -> assertThat(takenAway).anyMatch(name -> name.endsWith("*")
                ? claim.toLowerCase(Locale.ROOT).startsWith(name.substring(0, name.length() - 1))
                : claim.equalsIgnoreCase(name)));
    }

    /** The headers that never reach the backend; with a star behind what they begin with. */
    private static Stream<String> takenAway(String file) throws IOException {
        return switch (file) {
            case "nginx.conf" -> found(EMPTIED, text(file));
            case "ingress-nginx.yaml" -> found(EMPTIED, snippetOfIngressNginx());
            case "traefik.yaml" -> {
                JsonNode emptied = YAML.readTree(text(file)).at("/http/middlewares/no-key/headers/customRequestHeaders");
                yield emptied.properties().stream().filter(header -> header.getValue().asText().isEmpty())
                        .map(Map.Entry::getKey);
            }
            case "Caddyfile" -> found("\\trequest_header -(\\S+)\\n", text(file));
            case "haproxy.cfg" -> found("http-request del-header (\\S+)\\n", text(file).replace(" -m beg\n", "*\n"));
            default -> texts(earlyHeadersOfEnvoy(text(file)).path("remove"));
        };
    }

    private static Stream<String> found(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().map(result -> result.group(1));
    }

    private static String snippetOfIngressNginx() throws IOException {
        return YAML.readTree(text("ingress-nginx.yaml")).at("/metadata/annotations")
                .path("nginx.ingress.kubernetes.io/configuration-snippet").asText();
    }

    /** Its template sends whatever upgrade a client asks for. */
    @Test
    void behindIngressNginxThereIsNoUpgradeButToWebSockets() throws IOException {
        assertThat(snippetOfIngressNginx()).startsWith("if ($http_upgrade !~* \"^(websocket)?$\") { return 400; }\n");
    }

    @Test
    void ingressNginxTakesVerdictsOfManyStores() throws IOException {
        assertThat(YAML.readTree(text("ingress-nginx.yaml")).at("/metadata/annotations")
                .path("nginx.ingress.kubernetes.io/proxy-buffer-size").asText()).isEqualTo("64k");
    }

    /** Envoy Gateway writes all that is set before all that is removed. */
    @Test
    void whatEnvoyGatewayIsToSetItDoesNotRemove() throws IOException {
        String shipped = text("envoy-gateway.yaml");
        assertThat(texts(earlyHeadersOfEnvoy(shipped).path("remove"))).contains("X-Store", "X-Auth-Organization-Required");

        String withStore = shipped.replace("#store ", "").replaceAll("(?m)^.* #unset\n", "");
        JsonNode early = earlyHeadersOfEnvoy(withStore);
        List<String> set = early.path("set").findValuesAsText("name");

        assertThat(set).containsExactly("X-Store");
        assertThat(texts(early.path("remove"))).contains("X-Auth-Organization-Required").doesNotContainAnyElementsOf(set);
        assertThat(texts(documentOfEnvoy(withStore, "SecurityPolicy").at("/spec/extAuth/headersToExtAuth")))
                .contains("x-store");
    }

    private static JsonNode earlyHeadersOfEnvoy(String text) throws IOException {
        return documentOfEnvoy(text, "ClientTrafficPolicy").at("/spec/headers/earlyRequestHeaders");
    }

    private static JsonNode documentOfEnvoy(String text, String kind) throws IOException {
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode> readValues(text)) {
            return documents.readAll().stream().filter(document -> document.path("kind").asText().equals(kind)).findFirst()
                    .orElseThrow();
        }
    }

    private static Stream<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText);
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
        JsonNode asking = documentOfEnvoy(text("envoy-gateway.yaml"), "SecurityPolicy").at("/spec/extAuth");

        assertThat(asking.path("failOpen").asBoolean(true)).isFalse();
        // Keys that are bound to networks.
        assertThat(asking.path("headersToExtAuth")).extracting(JsonNode::asText).contains("x-forwarded-for");
    }
}
