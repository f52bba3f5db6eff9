package dev.latchkey.web;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * An answer as it is sent, and as it is kept for its replay: serialized once, so that both are the same bytes. Before it is
 * sealed it is JSON: {@code {"status": 201, "headers": {"ETag": ["\"0\""]}, "body": base64}}.
 *
 * @param headers those that belong to the answer; what belongs to the request, as its id or the caller's rate, is not among
 *        them
 */
record KeptAnswer(int status, Map<String, List<String>> headers, byte[] body) {

    private static final String JSON = MediaType.APPLICATION_JSON + ";charset=UTF-8";

    static KeptAnswer of(RestResponse<?> answer, ObjectMapper json) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        answer.getHeaders().forEach((name, values) -> headers.put(name, values.stream().map(String::valueOf).toList()));
        Object entity = answer.getEntity();
        if (entity == null) {
            return new KeptAnswer(answer.getStatus(), headers, new byte[0]);
        }
        headers.putIfAbsent(HttpHeaders.CONTENT_TYPE, List.of(JSON));
        try {
            return new KeptAnswer(answer.getStatus(), headers, json.writeValueAsBytes(entity));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("an answer is a record of plain values", impossible);
        }
    }

    static KeptAnswer parse(byte[] bytes) {
        JsonObject kept = new JsonObject(Buffer.buffer(bytes));
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        JsonObject names = kept.getJsonObject("headers");
        names.fieldNames()
                .forEach(name -> headers.put(name, names.getJsonArray(name).stream().map(String::valueOf).toList()));
        return new KeptAnswer(kept.getInteger("status"), headers, kept.getBinary("body"));
    }

    byte[] bytes() {
        JsonObject names = new JsonObject();
        headers.forEach((name, values) -> names.put(name, new JsonArray(values)));
        return new JsonObject().put("status", status).put("headers", names).put("body", body).toBuffer().getBytes();
    }

    /** What carries a secret says so, to every cache on its way and to this one. */
    boolean carriesMaterial() {
        return headers.getOrDefault(HttpHeaders.CACHE_CONTROL, List.of()).stream()
                .anyMatch(value -> value.contains("no-store"));
    }

    RestResponse.ResponseBuilder<Object> answer() {
        RestResponse.ResponseBuilder<Object> answer = RestResponse.ResponseBuilder.<Object> create(status);
        headers.forEach((name, values) -> values.forEach(value -> answer.header(name, value)));
        return body.length == 0 ? answer : answer.entity(body);
    }

    @Override
    public String toString() {
        return "KeptAnswer[status=" + status + "]";
    }
}
