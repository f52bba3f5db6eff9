package dev.latchkey.fuzz;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Values: some that a schema allows, some at its bounds, some that nobody should send. */
final class Draw {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** Escapes what is not ASCII, since lone surrogates have no other form. */
    private static final ObjectWriter ASCII = new ObjectMapper().writer().with(JsonGenerator.Feature.ESCAPE_NON_ASCII);
    private static final int MAX_DEPTH = 6;

    private static final List<String> HOSTILE = List.of("", " ", "\0", "a\0b", "\ud800", "\udc00x", "x\ud83d",
            "\u202eabc\u202c",
            "\ud83d\ude00\ud83d\ude00", "a\r\nX-Injected: yes", "'; DROP TABLE key; --", "\" or \"\"=\"", "{\"a\": 1}", "[]",
            "../../../etc/passwd", "..%2f..%2f", "%00", "%zz", "%", "${jndi:ldap://x/y}", "#{7*7}", "<script>alert(1)</script>",
            "\uffff", "\ufeffbom", "\u0001\u0008\u001f\u007f", "\u0130\u00df\u1e9e", "e\u0301", "null", "undefined", "NaN",
            "-1", "0", "1e400", "99999999999999999999", "true", "*", "/**", "GET /api/v*/**", "\\", "\\u0000", "\"", "\t\n",
            "x".repeat(101), "x".repeat(1001), "\u20ac".repeat(256), "y".repeat(8193), "PT0S", "P999999999D", "PT-1S",
            "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "+1000000000-12-31T23:59:59Z", "2027-02-30T00:00:00Z",
            "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "0.0.0.0/0", "::/0", "10.0.0.0/33",
            "http://169.254.169.254/", "file:///etc/passwd", "javascript:alert(1)", "https://a:b@c", "https://[::1", "lk_live_",
            "owner@localhost", "__proto__", "constructor");

    private final Random random;
    private final Contract contract;

    Draw(Random random, Contract contract) {
        this.random = random;
        this.contract = contract;
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    String word() {
        return Long.toString(random.nextLong() & Long.MAX_VALUE, 36).substring(0, 6);
    }

    String hostile() {
        return chance(0.01) ? "z".repeat(300_000) : oneOf(HOSTILE);
    }

    /** What a schema allows, as far as it says what that is. */
    JsonNode allowed(JsonNode given, int depth) {
        JsonNode schema = contract.resolve(given);
        if (schema.has("enum")) {
            return schema.get("enum").get(random.nextInt(schema.get("enum").size()));
        }
        String type = Contract.type(schema);
        if (!type.equals("object") && schema.path("examples").size() > 0 && chance(0.8)) {
            return schema.get("examples").get(random.nextInt(schema.get("examples").size()));
        }
        return switch (type) {
            case "object" -> object(schema, depth);
            case "array" -> array(schema, depth);
            case "boolean" -> NODES.booleanNode(random.nextBoolean());
            case "integer", "number" -> NODES.numberNode(number(schema));
            case "string" -> NODES.textNode(text(schema));
            default -> chance(0.5) ? NODES.textNode(word()) : NODES.objectNode();
        };
    }

    private ObjectNode object(JsonNode schema, int depth) {
        ObjectNode object = NODES.objectNode();
        List<String> required = new ArrayList<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        if (depth < MAX_DEPTH) {
            schema.path("properties").fields().forEachRemaining(property -> {
                if (required.contains(property.getKey()) || chance(0.3)) {
                    object.set(property.getKey(), allowed(property.getValue(), depth + 1));
                }
            });
        }
        if (schema.path("additionalProperties").isObject() && chance(0.5)) {
            object.set(word(), allowed(schema.get("additionalProperties"), depth + 1));
        }
        return object;
    }

    private ArrayNode array(JsonNode schema, int depth) {
        ArrayNode array = NODES.arrayNode();
        int items = depth >= MAX_DEPTH ? 0 : chance(0.02) ? schema.path("maxItems").asInt(300) + 1 : random.nextInt(3);
        for (int i = 0; i < items; i++) {
            array.add(allowed(schema.path("items"), depth + 1));
        }
        return array;
    }

    private long number(JsonNode schema) {
        long least = schema.path("minimum").asLong(0);
        long most = schema.path("maximum").asLong(1_000);
        return switch (random.nextInt(4)) {
            case 0 -> least;
            case 1 -> most;
            default -> least + (long) (random.nextDouble() * Math.min(most - least, 1_000));
        };
    }

    private String text(JsonNode schema) {
        String word = switch (schema.path("format").asText()) {
            case "date-time" -> "20" + (27 + random.nextInt(60)) + "-01-31T12:00:00Z";
            case "duration" -> "PT" + (1 + random.nextInt(100)) + "M";
            case "uuid" -> new java.util.UUID(random.nextLong(), random.nextLong()).toString();
            default -> word();
        };
        int most = schema.path("maxLength").asInt(0);
        return most > 0 && most < 10_000 && chance(0.05) ? "m".repeat(most) : word;
    }

    /** A body that begins as one of the examples or as the schema allows, and is then spoilt here and there, or left alone. */
    JsonNode body(Contract.Operation operation) {
        JsonNode body;
        if (operation.examples().isEmpty() || chance(0.3)) {
            body = allowed(operation.body(), 0);
        } else {
            body = oneOf(operation.examples()).deepCopy();
            if (body instanceof ObjectNode object) {
                freshen(object);
            }
        }
        for (int spoilt = chance(0.55) ? 0 : 1 + random.nextInt(2); spoilt > 0; spoilt--) {
            body = spoil(body, 0);
        }
        return body;
    }

    /** What must be unique would otherwise conflict from the second time on. */
    private void freshen(ObjectNode object) {
        object.fields().forEachRemaining(field -> {
            String text = field.getValue().asText();
            if (field.getValue().isTextual() && text.matches("[A-Za-z][\\w .-]{0,60}") && chance(0.5)) {
                field.setValue(NODES.textNode(text + "-" + word()));
            }
        });
    }

    private JsonNode spoil(JsonNode value, int depth) {
        if (value.isContainerNode() && value.size() > 0 && depth < MAX_DEPTH && chance(depth == 0 ? 0.95 : 0.7)) {
            if (value instanceof ObjectNode object) {
                List<String> names = new ArrayList<>();
                object.fieldNames().forEachRemaining(names::add);
                String name = oneOf(names);
                if (chance(0.1)) {
                    object.remove(name);
                } else if (chance(0.1)) {
                    object.set(hostile(), strange());
                } else {
                    object.set(name, spoil(object.get(name), depth + 1));
                }
            } else if (value instanceof ArrayNode array) {
                int index = random.nextInt(array.size());
                array.set(index, spoil(array.get(index), depth + 1));
            }
            return value;
        }
        return strange();
    }

    private JsonNode strange() {
        return switch (random.nextInt(14)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2 -> NODES.numberNode(random.nextInt());
            case 3 -> NODES.numberNode(BigInteger.TEN.pow(30));
            case 4 -> NODES.numberNode(new BigDecimal("1e400"));
            case 5 -> NODES.numberNode(-0.5);
            case 6 -> NODES.objectNode();
            case 7 -> NODES.arrayNode().add(1).add("x").addNull();
            case 8 -> NODES.objectNode().put(hostile(), hostile());
            default -> NODES.textNode(hostile());
        };
    }

    /** As bytes would spell it, now and then not quite. */
    String spelled(JsonNode body) {
        String json;
        try {
            json = ASCII.writeValueAsString(body);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
        if (!chance(0.06)) {
            return json;
        }
        return switch (random.nextInt(10)) {
            case 0 -> "";
            case 1 -> json.substring(0, random.nextInt(json.length() + 1));
            case 2 -> json + json;
            case 3 -> json.replaceFirst("\\{", "{\"name\": \"twice\", \"name\": \"twice\",");
            case 4 -> "[".repeat(5_000);
            case 5 -> "{\"metadata\": " + "{\"a\": ".repeat(40) + "1" + "}".repeat(40) + "}";
            case 6 -> "{\"name\": " + "9".repeat(3_000) + "}";
            case 7 -> "\u00ff\u00fe\u0000" + json;
            case 8 -> json.replace('"', '\'');
            default -> " ".repeat(20_000) + json;
        };
    }
}
