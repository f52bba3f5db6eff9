package dev.latchkey.replica;

import java.io.IOException;
import java.time.Instant;

import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/** Turns the answer of a change that is not in force everywhere yet into a 202 that says when it will be. */
@Singleton
class EffectiveBy {

    static final String KEY = "latchkey.effectiveBy";

    private final ObjectMapper json;
    private final RoutingContext request;

    EffectiveBy(ObjectMapper json, RoutingContext request) {
        this.json = json;
        this.request = request;
    }

    @ServerResponseFilter
    void tell(ContainerResponseContext response) throws IOException {
        Instant effectiveBy = request.get(KEY);
        if (effectiveBy == null || response.getStatus() >= 300) {
            return;
        }
        response.setStatus(202);
        response.setEntity(with(effectiveBy, response.getEntity()), null, MediaType.APPLICATION_JSON_TYPE);
    }

    private ObjectNode with(Instant effectiveBy, @Nullable Object answer) throws IOException {
        JsonNode body = answer instanceof byte[] bytes ? json.readTree(bytes) : json.valueToTree(answer);
        ObjectNode told = body instanceof ObjectNode object ? object : json.createObjectNode();
        return told.put("effectiveBy", effectiveBy.toString());
    }
}
