package dev.latchkey.web;

import jakarta.ws.rs.core.HttpHeaders;

import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/** Headers of answers, as the OpenAPI document tells of them: each once, and by reference wherever it occurs. */
public enum AnswerHeader {
    REQUEST_ID("RequestId", RequestId.HEADER, "Names this request, also in problems and in the logs",
            "01890a5d-ac96-774b-bcce-b302099a8057"),
    ETAG("ETag", HttpHeaders.ETAG, "The version that is shown; If-Match takes it", "\"3\""),
    LOCATION("Location", HttpHeaders.LOCATION, "The address of what is told of",
            "/api/v1/keys/01890a5d-ac96-774b-bcce-b302099a8057"),
    RETRY_AFTER("RetryAfter", HttpHeaders.RETRY_AFTER, "Seconds after which it is worth to repeat the request", "1"),
    RATE_LIMIT("RateLimit", "RateLimit",
            "What remains of the calling key's limit, and the seconds until it is whole again; absent for whoever has none",
            "\"key\";r=99;t=540"),
    RATE_LIMIT_POLICY("RateLimitPolicy", "RateLimit-Policy",
            "The calling key's limit and its window in seconds; absent for whoever has none", "\"key\";q=100;w=900"),
    IDEMPOTENCY_REPLAYED("IdempotencyReplayed", Idempotency.REPLAYED,
            "true where an earlier request was answered, and this is that answer", "true");

    private final String component;
    private final String header;
    private final String description;
    private final String example;

    AnswerHeader(String component, String header, String description, String example) {
        this.component = component;
        this.header = header;
        this.description = description;
        this.example = example;
    }

    static void define(Components components) {
        for (AnswerHeader each : values()) {
            Schema schema = OASFactory.createSchema().addType(Schema.SchemaType.STRING);
            components.addHeader(each.component, OASFactory.createHeader().description(each.description).schema(schema)
                    .example(each.example));
        }
    }

    /** Says that an answer has, or can have, this header. */
    public void on(APIResponse answer) {
        answer.addHeader(header, OASFactory.createHeader().ref("#/components/headers/" + component));
    }
}
