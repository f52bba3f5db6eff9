package dev.latchkey.credential;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.crypto.Secret;
import io.vertx.core.json.JsonObject;

/**
 * One way in which a vendor is asked, and what it answers to whom: a case of {@code credential/fakes.yaml}.
 *
 * @param node of the file
 */
record FakeCase(String provider, CredentialType type, JsonNode node) {

    private static final String SECRET = "{secret}";

    /** Who asks; his credential says it. */
    enum Who {
        GOOD("good", ProbeReason.VALID),
        WRONG("wrong", ProbeReason.INVALID),
        LIMITED("limited", ProbeReason.LIMITED),
        THROTTLED("throttled", ProbeReason.RATE_LIMITED);

        private final String name;
        private final ProbeReason reason;

        Who(String name, ProbeReason reason) {
            this.name = name;
            this.reason = reason;
        }

        /** With characters that have to be encoded in one place or the other. */
        String secret() {
            return "s3cret-of_" + name + "+/~=x9Kq2Lm7";
        }
    }

    static List<FakeCase> all() {
        try (InputStream file = Objects
                .requireNonNull(FakeCase.class.getClassLoader().getResourceAsStream("credential/fakes.yaml"))) {
            List<FakeCase> cases = new ArrayList<>();
            new YAMLMapper().readTree(file).fields().forEachRemaining(provider -> provider.getValue()
                    .forEach(node -> cases.add(new FakeCase(provider.getKey(), CredentialType.of(node.path("type").asText()),
                            node))));
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isTokenCall() {
        return node.path("grant").asText().equals("client_credentials");
    }

    ProbeReason expected(Who who) {
        return ProbeReason.of(node.path(who.name).path("reason").asText(who.reason.text())).orElseThrow();
    }

    int status(Who who) {
        return node.path(who.name).path("status").asInt(200);
    }

    ProbeSubject subject(Providers providers, Who who) {
        Provider entry = providers.find(provider).orElseThrow();
        Map<String, String> said = new HashMap<>();
        node.path("variables").fields().forEachRemaining(each -> said.put(each.getKey(), each.getValue().asText()));
        return new ProbeSubject(entry, Variables.of(entry, said), node.path("baseUrl").asText(null), data(entry, who.secret()),
                null,
                Locale.ENGLISH);
    }

    private CredentialData data(Provider entry, String secret) {
        Secret hidden = Secret.of(secret);
        return switch (type) {
            case API_KEY -> new CredentialData.ApiKey(hidden, null, CredentialData.Placement.QUERY, "unused", "unused");
            case BEARER -> new CredentialData.Bearer(hidden);
            case BASIC -> new CredentialData.Basic(Secret.of(node.path("basic").asText().split(":", 2)[0]), hidden);
            case CUSTOM_HEADERS -> throw new IllegalStateException("no entry has it");
            case OAUTH2 -> {
                List<String> scopes = new ArrayList<>();
                node.path("scopes").forEach(scope -> scopes.add(scope.asText()));
                boolean isRenewed = !isTokenCall() && entry.oauth2() != null
                        && entry.oauth2().renewal().by() == ProviderOAuth.Renewal.By.REFRESH_TOKEN;
                // What the data says of the client's authentication is the wrong one: the entry knows better.
                yield new CredentialData.OAuth2(isTokenCall() ? Grant.CLIENT_CREDENTIALS : Grant.AUTHORIZATION_CODE, "client-1",
                        isTokenCall() ? hidden : Secret.of("app-secret"), null, null, null, scopes,
                        isTokenCall() ? null : hidden, isRenewed ? Secret.of("kept-for-later") : null, null,
                        node.has("basic") ? ClientAuth.POST : ClientAuth.BASIC, true, null);
            }
        };
    }

    /** What the vendor answers; a request that is not as it documents is none that it knows. */
    FakeProvider.Answer answer(FakeProvider.Asked asked) {
        String[] documented = node.path("asks").asText().split(" ", 2);
        Map<String, String> query = query(asked.target());
        node.path("query").fieldNames().forEachRemaining(query::remove);
        if (!asked.method().equals(documented[0]) || !path(asked.target()).equals(path(documented[1]))
                || !query.equals(query(documented[1]))) {
            return new FakeProvider.Answer(404, "{\"error\": \"no such thing\"}");
        }
        boolean isComplete = values("also").entrySet().stream()
                .allMatch(header -> asked.header(header.getKey()).equals(header.getValue()));
        if (!isComplete) {
            return new FakeProvider.Answer(400, "{\"error\": \"a header is missing\"}");
        }
        for (Who who : Who.values()) {
            if (isFrom(who, asked)) {
                return new FakeProvider.Answer(status(who), node.path(who.name).path("body").asText());
            }
        }
        return new FakeProvider.Answer(418, "not one of the four");
    }

    private boolean isFrom(Who who, FakeProvider.Asked asked) {
        boolean isHim = true;
        for (Map.Entry<String, String> header : values("header").entrySet()) {
            isHim &= asked.header(header.getKey()).equals(header.getValue().replace(SECRET, who.secret()));
        }
        if (node.has("basic")) {
            isHim &= asked.header("Authorization").equals("Basic " + Base64.getEncoder().encodeToString(
                    node.path("basic").asText().replace(SECRET, who.secret()).getBytes(StandardCharsets.UTF_8)));
        }
        for (Map.Entry<String, String> parameter : values("query").entrySet()) {
            isHim &= parameter.getValue().replace(SECRET, who.secret()).equals(query(asked.target()).get(parameter.getKey()));
        }
        if (node.has("form")) {
            isHim &= asked.header("Content-Type").equals("application/x-www-form-urlencoded")
                    && query("?" + asked.body()).equals(with(values("form"), who));
        }
        if (node.has("json")) {
            isHim &= asked.header("Content-Type").equals("application/json")
                    && new JsonObject(asked.body()).getMap().equals(with(values("json"), who));
        }
        return isHim;
    }

    private static Map<String, String> with(Map<String, String> parameters, Who who) {
        parameters.replaceAll((name, value) -> value.replace(SECRET, who.secret()));
        return parameters;
    }

    private Map<String, String> values(String field) {
        Map<String, String> values = new LinkedHashMap<>();
        node.path(field).fields().forEachRemaining(each -> values.put(each.getKey(), each.getValue().asText()));
        return values;
    }

    private static String path(String target) {
        return target.split("\\?", 2)[0];
    }

    private static Map<String, String> query(String target) {
        Map<String, String> query = new LinkedHashMap<>();
        String text = target.indexOf('?') < 0 ? "" : target.substring(target.indexOf('?') + 1);
        for (String parameter : text.split("&")) {
            if (!parameter.isEmpty()) {
                String[] parts = parameter.split("=", 2);
                query.put(URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                        parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return query;
    }

    @Override
    public String toString() {
        return provider + " " + type.text() + (isTokenCall() ? " (token)" : "") + " " + node.path("asks").asText();
    }
}
