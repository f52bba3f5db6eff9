package dev.latchkey.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The served OpenAPI document, as far as requests are drawn from it. */
public final class Contract {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete", "head", "options");

    private final JsonNode document;
    private final List<Operation> operations = new ArrayList<>();

    private Contract(JsonNode document) {
        this.document = document;
        document.path("paths").fields().forEachRemaining(path -> path.getValue().fields().forEachRemaining(method -> {
            if (METHODS.contains(method.getKey())) {
                operations.add(operation(path.getKey(), method.getKey(), method.getValue()));
            }
        }));
    }

    /**
     * @param bodyType media type; empty where the operation takes no body
     * @param body its schema; an empty object where the operation takes none
     * @param examples whole bodies
     * @param statuses that are documented
     */
    public record Operation(String id, String method, String path, List<Parameter> parameters, String bodyType, JsonNode body,
            List<JsonNode> examples, Set<Integer> statuses) {

        public boolean takesBody() {
            return !bodyType.isEmpty();
        }

        @Override
        public String toString() {
            return id + " (" + method + " " + path + ")";
        }
    }

    /** @param in {@code query}, {@code header} or {@code path} */
    public record Parameter(String name, String in, JsonNode schema) {
    }

    /** Reads {@code /q/openapi?format=json}. */
    public static Contract parse(String json) {
        try {
            return new Contract(JSON.readTree(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public List<Operation> operations() {
        return operations;
    }

    /**
     * The schema with its references followed: what stands beside a reference wins, and of alternatives the first that is not
     * null.
     */
    public JsonNode resolve(JsonNode schema) {
        JsonNode resolved = schema;
        for (String alternatives : List.of("oneOf", "anyOf", "allOf")) {
            for (JsonNode alternative : schema.path(alternatives)) {
                if (!alternative.path("type").asText().equals("null")) {
                    return merged(resolve(alternative), schema, alternatives);
                }
            }
        }
        if (schema.has("$ref")) {
            String name = schema.get("$ref").asText();
            if (document.at(name.substring(1)).path("$ref").asText().equals(name)) {
                throw new IllegalArgumentException(name + " refers to itself");
            }
            resolved = merged(resolve(document.at(name.substring(1))), schema, "$ref");
        }
        return resolved;
    }

    /** The type; of several, the first that is not null. */
    public static String type(JsonNode schema) {
        JsonNode type = schema.path("type");
        if (type.isArray()) {
            for (JsonNode each : type) {
                if (!each.asText().equals("null")) {
                    return each.asText();
                }
            }
        }
        return type.asText(schema.has("properties") ? "object" : "");
    }

    private static JsonNode merged(JsonNode base, JsonNode beside, String without) {
        ObjectNode merged = base.deepCopy();
        beside.fields().forEachRemaining(field -> {
            if (!field.getKey().equals(without)) {
                merged.set(field.getKey(), field.getValue());
            }
        });
        return merged;
    }

    private Operation operation(String path, String method, JsonNode operation) {
        List<Parameter> parameters = new ArrayList<>();
        for (JsonNode given : operation.path("parameters")) {
            JsonNode parameter = resolve(given);
            parameters.add(new Parameter(parameter.path("name").asText(), parameter.path("in").asText(),
                    resolve(parameter.path("schema"))));
        }
        Set<Integer> statuses = new HashSet<>();
        operation.path("responses").fieldNames().forEachRemaining(status -> statuses.add(Integer.valueOf(status)));
        String bodyType = "";
        JsonNode body = JsonNodeFactory.instance.objectNode();
        List<JsonNode> examples = new ArrayList<>();
        var media = operation.path("requestBody").path("content").fields();
        if (media.hasNext()) {
            var first = media.next();
            bodyType = first.getKey();
            body = resolve(first.getValue().path("schema"));
            first.getValue().path("examples").forEach(example -> examples.add(example(example.path("value"))));
            if (first.getValue().has("example")) {
                examples.add(example(first.getValue().path("example")));
            }
        }
        return new Operation(operation.path("operationId").asText(), method.toUpperCase(Locale.ROOT), path, parameters,
                bodyType,
                body, examples, statuses);
    }

    /** Examples are written as JSON or as text that holds it. */
    private static JsonNode example(JsonNode value) {
        try {
            return value.isTextual() ? JSON.readTree(value.asText()) : value;
        } catch (IOException notJson) {
            return value;
        }
    }
}
