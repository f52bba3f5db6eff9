package dev.latchkey.key;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.latchkey.crypto.Secret;
import dev.latchkey.key.KeySnapshot.StoreReference;
import dev.latchkey.key.VerificationResource.Request;
import dev.latchkey.web.StrictJson;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the two bodies of a verification token by token: without reflection, and without the validator, which
 * together cost more than the verdict.
 *
 * <p>
 * It complains of nothing. A body that the ordinary reader could object to, or read in another way, is not read here at all;
 * {@code DirectVerificationTest} compares what both make of the same bodies. What is written is, byte for byte, what Jackson
 * makes of {@link VerificationResource.Answer}.
 */
@Singleton
final class VerificationJson {

    private static final int MAX_SCOPES = 100;
    private static final int MAX_TEXT = 100;
    private static final int MAX_PATH = 8_192;
    private static final int MAX_METHOD = 20;
    private static final int MAX_COST = 1_000_000_000;
    private static final int USUAL_BYTES = 512;

    private final JsonFactory json = new JsonFactory();

    /** What is asked; null where the ordinary reader has to look at it. */
    @Nullable
    Request read(byte[] body) {
        // In another encoding than UTF-8 the second byte would be 0.
        if (body.length < 2 || body[0] != '{' || body[1] == 0) {
            return null;
        }
        Fields fields = new Fields();
        try (JsonParser parser = json.createParser(body)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (!fields.read(name, parser)) {
                    return null;
                }
            }
            return parser.hasToken(JsonToken.END_OBJECT) && parser.nextToken() == null ? fields.request() : null;
        } catch (IOException odd) {
            return null;
        }
    }

    /** Each once, in any order, and of a value that needs no complaint. */
    private static final class Fields {

        private @Nullable String key;
        private @Nullable String secret;
        private @Nullable String method;
        private @Nullable String path;
        private @Nullable List<String> scopes;
        private @Nullable String store;
        private @Nullable String ip;
        private @Nullable Integer cost;

        boolean read(String name, JsonParser parser) throws IOException {
            return switch (name) {
                case "key" -> key == null && (key = text(parser, 0, Secret.MAX_CHARACTERS)) != null;
                case "secret" -> secret == null && (secret = text(parser, 0, Secret.MAX_CHARACTERS)) != null;
                case "method" -> method == null && (method = text(parser, 1, MAX_METHOD)) != null && isMethod(method);
                case "path" -> path == null && (path = text(parser, 0, MAX_PATH)) != null;
                case "scopes" -> scopes == null && (scopes = texts(parser)) != null;
                case "store" -> store == null && (store = text(parser, 1, MAX_TEXT)) != null;
                case "ip" -> ip == null && (ip = text(parser, 1, MAX_TEXT)) != null;
                case "cost" -> cost == null && (cost = number(parser)) != null;
                default -> false;
            };
        }

        @Nullable
        Request request() {
            return key == null ? null
                    : new Request(Secret.of(key), secret == null ? null : Secret.of(secret), method, path, scopes, store, ip,
                            cost);
        }

        private static @Nullable String text(JsonParser parser, int least, int most) throws IOException {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return null;
            }
            String text = parser.getText();
            return text.length() >= least && text.length() <= most && StrictJson.isClean(text) ? text : null;
        }

        private static @Nullable List<String> texts(JsonParser parser) throws IOException {
            if (!parser.hasToken(JsonToken.START_ARRAY)) {
                return null;
            }
            List<String> texts = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                String text = text(parser, 1, MAX_TEXT);
                if (text == null || text.isBlank() || texts.size() == MAX_SCOPES) {
                    return null;
                }
                texts.add(text);
            }
            return texts;
        }

        private static @Nullable Integer number(JsonParser parser) throws IOException {
            if (!parser.hasToken(JsonToken.VALUE_NUMBER_INT) || parser.getNumberType() != JsonParser.NumberType.INT) {
                return null;
            }
            int number = parser.getIntValue();
            return number >= 0 && number <= MAX_COST ? number : null;
        }

        private static boolean isMethod(String text) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if ((c < 'A' || c > 'Z') && (c != '-' || i == 0)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The answer to a verification. */
    byte[] write(Verdict verdict) {
        try (ByteArrayBuilder bytes = new ByteArrayBuilder(USUAL_BYTES)) {
            JsonGenerator out = json.createGenerator(bytes);
            out.writeStartObject();
            out.writeBooleanField("valid", verdict.valid() && verdict.key() != null);
            out.writeStringField("code", verdict.code().name());
            if (verdict.key() != null) {
                write(verdict.key(), out);
                write(verdict.quota(), out);
            }
            out.writeEndObject();
            out.close();
            return bytes.toByteArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory takes everything", impossible);
        }
    }

    private static void write(KeySnapshot key, JsonGenerator out) throws IOException {
        out.writeStringField("keyId", key.keyId().toString());
        out.writeStringField("name", key.name());
        out.writeStringField("organization", key.organization());
        out.writeStringField("environment", key.environment());
        out.writeArrayFieldStart("scopes");
        for (String scope : key.scopes()) {
            out.writeString(scope);
        }
        out.writeEndArray();
        writeStores(key.stores(), out);
        if (key.expiresAt() == null) {
            out.writeNullField("expiresAt");
        } else {
            out.writeStringField("expiresAt", String.valueOf(key.expiresAt()));
        }
        out.writeFieldName("metadata");
        out.writeRawValue(key.metadata());
    }

    private static void writeStores(@Nullable List<StoreReference> stores, JsonGenerator out) throws IOException {
        if (stores == null) {
            out.writeStringField("stores", "all");
            return;
        }
        out.writeArrayFieldStart("stores");
        for (StoreReference store : stores) {
            out.writeStartObject();
            out.writeStringField("id", store.id().toString());
            out.writeStringField("key", store.key());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void write(@Nullable Quota quota, JsonGenerator out) throws IOException {
        if (quota == null) {
            out.writeNullField("rateLimit");
            return;
        }
        out.writeObjectFieldStart("rateLimit");
        out.writeNumberField("limit", quota.limit());
        out.writeNumberField("remaining", quota.remaining());
        out.writeStringField("resetAt", quota.resetAt().toString());
        out.writeEndObject();
    }
}
