package dev.latchkey.key;

import java.io.IOException;
import java.time.Duration;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A limit in requests and answers.
 *
 * @param limit requests in a window
 * @param window whole seconds, aligned to the Unix epoch
 */
@Schema(description = "Requests in a fixed window that is aligned to the Unix epoch")
record RateLimit(@Schema(examples = "100", minimum = "1", maximum = "1000000000") int limit,
        @Schema(examples = "PT15M", type = SchemaType.STRING, format = "duration") Duration window) {

    private static final int MAX_LIMIT = 1_000_000_000;
    private static final Duration MAX_WINDOW = Duration.ofDays(31);

    RateLimit {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("must have a limit of 1 to " + MAX_LIMIT);
        }
        if (window == null || window.getNano() != 0 || window.getSeconds() < 1 || window.compareTo(MAX_WINDOW) > 0) {
            throw new IllegalArgumentException("must have a window of whole seconds, from PT1S to P31D");
        }
    }

    static @Nullable RateLimit of(@Nullable Integer limit, @Nullable Integer windowSeconds) {
        return limit == null || windowSeconds == null ? null : new RateLimit(limit, Duration.ofSeconds(windowSeconds));
    }

    /**
     * What a request says about the limit, in which absent and null differ: absent, the organization's default; null, none at
     * all; an object, the key's own. {@code "default"} says absent where a patch has to.
     *
     * @param source where the limit comes from
     * @param own with {@link LimitSource#KEY} only
     */
    @JsonDeserialize(using = Setting.Reader.class)
    record Setting(LimitSource source, @Nullable RateLimit own) {

        private static final String DEFAULT = "default";
        static final Setting OF_ORGANIZATION = new Setting(LimitSource.ORGANIZATION, null);
        static final Setting UNLIMITED = new Setting(LimitSource.UNLIMITED, null);

        static Setting of(LimitSource source, @Nullable RateLimit own) {
            return new Setting(source, source == LimitSource.KEY ? own : null);
        }

        /** What {@link Reader} reads back as the same setting. */
        @JsonValue
        @Nullable
        Object json() {
            return source == LimitSource.ORGANIZATION ? DEFAULT : own;
        }

        static final class Reader extends StdDeserializer<Setting> {
            private static final long serialVersionUID = 1L;

            Reader() {
                super(Setting.class);
            }

            @Override
            public Setting deserialize(JsonParser parser, DeserializationContext context) throws IOException {
                if (parser.hasToken(JsonToken.VALUE_STRING) && parser.getText().equals(DEFAULT)) {
                    return OF_ORGANIZATION;
                }
                if (!parser.hasToken(JsonToken.START_OBJECT)) {
                    return context.reportInputMismatch(this,
                            "must be an object with limit and window, null for no limit, or \"default\"");
                }
                return new Setting(LimitSource.KEY, context.readValue(parser, RateLimit.class));
            }

            @Override
            public Setting getNullValue(DeserializationContext context) {
                return UNLIMITED;
            }

            @Override
            public Object getAbsentValue(DeserializationContext context) {
                return OF_ORGANIZATION;
            }
        }
    }
}
