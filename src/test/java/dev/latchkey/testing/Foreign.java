package dev.latchkey.testing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** A key that was issued elsewhere, and the row by which it is imported. Valid defaults: reads orders, reaches all stores. */
public final class Foreign {

    public static final String NDJSON = "application/x-ndjson";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String token;
    private final JsonObject row;

    private Foreign(String token, JsonObject row) {
        this.token = token;
        this.row = row;
    }

    /** A prefix that no other test declares. */
    public static String aPrefix() {
        return "f" + HexFormat.of().toHexDigits(RANDOM.nextInt()) + "-";
    }

    /** Another one whose token begins so. */
    public static Foreign key(String prefix) {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        return ofToken(prefix, prefix + HexFormat.of().formatHex(random));
    }

    public static Foreign ofToken(String prefix, String token) {
        Planted.add(token);
        return new Foreign(token, new JsonObject().put("hash", sha256(token)).put("prefix", prefix).put("name", "Carrier")
                .put("scopes", Api.ORDERS).put("access", Map.of("type", "all")));
    }

    public Foreign with(String field, @Nullable Object value) {
        row.put(field, value);
        return this;
    }

    public Foreign without(String field) {
        row.remove(field);
        return this;
    }

    public String token() {
        return token;
    }

    /** Its line. */
    public String line() {
        return row.encode();
    }

    public static String file(List<Foreign> keys) {
        return keys.stream().map(Foreign::line).collect(Collectors.joining("\n"));
    }

    /** Sends a file. */
    public static Response post(RequestSpecification caller, String file) {
        return caller.contentType(NDJSON).body(file.getBytes(StandardCharsets.UTF_8)).post("/api/v1/keys/import");
    }

    /** The lines of the answer to a file that is sent by the owner; the last one sums up. */
    public static List<JsonObject> imported(Api api, String file) {
        Response response = post(api.asOwner(), file);
        response.then().statusCode(200).contentType(NDJSON);
        return lines(response.asString());
    }

    public static List<JsonObject> lines(String answer) {
        return answer.lines().map(JsonObject::new).toList();
    }

    public static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
