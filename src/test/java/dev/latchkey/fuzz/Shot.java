package dev.latchkey.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.restassured.RestAssured;

/**
 * One request, as it goes over the wire.
 *
 * @param bent whether it need not reach its operation: another method, a path that leads elsewhere
 */
record Shot(Contract.Operation operation, String method, String target, List<String> headers, String body, boolean chunked,
        boolean bent, Set<String> secrets) {

    private static final int CHUNK_BYTES = 8_000;
    private static final String WHOLE_INSTALLATIONS = "replaceCatalog";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");
    private static final Pattern KEY = Pattern.compile("lk_live_[0-9A-Za-z]{38}");
    private static final List<String> OTHER_METHODS = List.of("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "POST", "DELETE",
            "BREW", "get");
    private static final List<String> ODD_SEGMENTS = List.of("..", ".", "%2e%2e", "%zz", "%", "%00", "%2f", "a%2fb", "a;b=c",
            "",
            "%ff%fe", "%F0%9F%98%80", "x".repeat(2_000), "'--", "%0d%0aX-Injected:%20yes", "self", "*");
    private static final List<String> ODD_TYPES = List.of("text/plain", "application/xml", "application/json; charset=utf-16",
            "application/json;charset=UTF-8", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
            "application/merge-patch+json", "application/json-patch+json", "x", "*/*", "/", "application/json; x=\"", "\u00e9");
    private static final List<String> ODD_HEADERS = List.of("Accept: text/csv", "Accept: */*;q=0", "Accept: x", "Accept: ,;,",
            "Accept: application/json;q=x", "Accept-Language: es-ES,es;q=0.9", "Accept-Language: \u00ff;;q=", "If-Match: *",
            "If-Match: \"0\"", "If-Match: \"1\"", "If-Match: W/\"1\"", "If-Match: \"99999999999999999999\"",
            "If-Match: \u00e9,,",
            "If-None-Match: *", "Idempotency-Key: " + "k".repeat(300), "Idempotency-Key: \u00e9", "Idempotency-Key:",
            "X-Organization: nobody-has-this", "X-Organization: \u00e9 \u00ff", "X-Organization: " + "o".repeat(300),
            "X-Forwarded-For: 203.0.113.7, 10.0.0.1", "X-Forwarded-For: not an address", "X-Forwarded-For: ,,,",
            "X-Forwarded-Method: GET", "X-Forwarded-Uri: /api/v1/orders?x=%zz", "X-Forwarded-Uri: /../..", "X-Forwarded-Uri:",
            "X-Original-Method: \u00e9", "X-Original-URI: //", "X-Store: madrid", "X-Store: \u00e9",
            "X-HTTP-Method-Override: DELETE",
            "Range: bytes=0-1", "Content-Encoding: gzip", "Content-Language: xx", "Expect: 100-continue", "Cookie: a=b; c",
            "Cookie: latchkey=latchkey_session_x", "Cookie: latchkey=;;=\u00e9", "X-CSRF-Token: \u00ff",
            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: \u00e9",
            "Origin: https://elsewhere.example", "Content-MD5: x", "Upgrade: h2c", "TE: trailers", "Via: 1.1 x",
            "X-Auth-Organization-Required: nobody", "Forwarded: for=\"_x\"", "X-Api-Secret: s3cret");

    static Shot of(Draw draw, Scene scene, Contract.Operation operation) {
        List<String> headers = new ArrayList<>(List.of("Host: localhost"));
        Scene.Caller caller = scene.caller(draw, operation);
        if (!caller.header().isEmpty()) {
            headers.add(caller.header());
        }
        boolean bent = false;
        StringBuilder target = new StringBuilder();
        Matcher variable = VARIABLE.matcher(operation.path());
        while (variable.find()) {
            List<String> known = scene.ids(operation.path().substring(0, Math.max(0, variable.start() - 1)));
            String value = !known.isEmpty() && draw.chance(0.85) ? draw.oneOf(known)
                    : new UUID(draw.word().hashCode(), draw.word().hashCode()).toString();
            if (variable.group(1).equals("path")) {
                value = draw.chance(0.5) ? "api/v1/orders/17" : value;
            }
            if (draw.chance(0.06)) {
                value = draw.oneOf(ODD_SEGMENTS);
                bent = true;
            }
            variable.appendReplacement(target, Matcher.quoteReplacement(value));
        }
        variable.appendTail(target);
        if (draw.chance(0.01)) {
            target.append('/').append(draw.oneOf(ODD_SEGMENTS));
            bent = true;
        }
        target.append(query(draw, operation));
        String method = operation.method();
        if (draw.chance(0.03)) {
            method = draw.oneOf(OTHER_METHODS);
            bent = true;
        }
        if (caller.name().startsWith("platform") && draw.chance(0.7)) {
            headers.add("X-Organization: " + scene.organization());
        }
        if (operation.id().startsWith("forwardAuth") && draw.chance(0.7)) {
            headers.removeIf(line -> !line.startsWith("Host"));
            headers.addAll(List.of("X-API-Key: " + scene.key(draw), "X-Forwarded-Method: GET",
                    "X-Forwarded-Uri: /api/v1/orders"));
        }
        for (int odd = draw.chance(0.75) ? 0 : 1; odd > 0; odd = draw.chance(0.5) ? 1 : 0) {
            headers.add(draw.oneOf(ODD_HEADERS));
        }
        if (method.equals("POST") && draw.chance(0.2)) {
            headers.add("Idempotency-Key: " + draw.word());
        }
        String body = "";
        if (operation.takesBody()) {
            body = draw.spelled(draw.body(operation));
            body = KEY.matcher(body).replaceAll(found -> draw.chance(0.7) ? scene.key(draw) : found.group());
            headers.add("Content-Type: " + (draw.chance(0.04) ? draw.oneOf(ODD_TYPES) : operation.bodyType()));
        } else if (draw.chance(0.02)) {
            body = draw.hostile();
        }
        return new Shot(operation, method, target.toString(), headers, body, draw.chance(0.1), bent, Set.of(caller.secret()));
    }

    private static String query(Draw draw, Contract.Operation operation) {
        List<String> parts = new ArrayList<>();
        if (operation.id().equals(WHOLE_INSTALLATIONS)) {
            // First of all, hence what counts: the catalogue is not this scene's to ruin.
            parts.add("dryRun=true");
        }
        for (Contract.Parameter parameter : operation.parameters()) {
            if (parameter.in().equals("query") && draw.chance(0.25)) {
                String value = draw.chance(0.7) ? draw.allowed(parameter.schema(), 0).asText() : draw.hostile();
                if (value.length() < 20_000) {
                    parts.add(parameter.name() + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
                }
            }
        }
        if (draw.chance(0.03)) {
            parts.add(draw.oneOf(List.of("%zz", "limit=%", "=", "&&", "a=b=c", "q=%ff", "cursor=%00", "limit=1&limit=2", "q",
                    "q=" + "x".repeat(9_000))));
        }
        return parts.isEmpty() ? "" : "?" + String.join("&", parts);
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    /** All before the body. */
    String head() {
        StringBuilder head = new StringBuilder(method).append(' ').append(target).append(" HTTP/1.1\r\n");
        headers.forEach(line -> head.append(line).append("\r\n"));
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        if (chunked) {
            head.append("Transfer-Encoding: chunked\r\n");
        } else if (length > 0 || operation.takesBody()) {
            head.append("Content-Length: ").append(length).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    byte[] bytes() {
        byte[] plain = body.getBytes(StandardCharsets.UTF_8);
        if (!chunked) {
            return plain;
        }
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        for (int from = 0; from < plain.length; from += CHUNK_BYTES) {
            int length = Math.min(CHUNK_BYTES, plain.length - from);
            chunks.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            chunks.write(plain, from, length);
            chunks.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        chunks.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return chunks.toByteArray();
    }

    /** Keeps what later requests can be about. */
    void learn(Scene scene, Wire.Answer answer) {
        try {
            JsonNode seen = JSON.readTree(answer.body());
            String path = operation.path();
            int variable = path.indexOf("/{");
            scene.learn(variable < 0 ? path : path.substring(0, variable), seen);
        } catch (IOException noJson) {
            // Nothing to learn from it.
        }
    }

    /** How to send it alone. */
    String toCurl() {
        StringBuilder curl = new StringBuilder("curl -i --path-as-is -X ").append(method).append(" 'http://localhost:")
                .append(RestAssured.port).append(target).append('\'');
        headers.stream().filter(line -> !line.startsWith("Host"))
                .forEach(line -> curl.append(" -H '").append(line.replace("\r\n", "' -H '")).append('\''));
        if (!body.isEmpty()) {
            curl.append(" --data-binary '").append(body.length() > 2_000 ? body.length() + " characters" : body).append('\'');
        }
        return curl.toString();
    }
}
