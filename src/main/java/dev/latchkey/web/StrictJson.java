package dev.latchkey.web;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.latchkey.crypto.Secret;
import io.quarkus.jackson.ObjectMapperCustomizer;

/**
 * JSON without guessing: unknown and repeated fields, a number where text belongs, a fraction where an integer belongs,
 * trailing text, NUL characters and lone surrogates are refused with the field's name. Guessing would turn a caller's
 * mistake into a key that allows something else than was meant.
 */
@Singleton
public class StrictJson implements ObjectMapperCustomizer {

    /** A {@link RawObject} and whatever is around it. */
    private static final int MAX_DEPTH = RawObject.MAX_DEPTH + 32;
    /** Each binary fraction can be written out in so many, as Java's {@code new BigDecimal(0.1)} is. */
    private static final int MAX_NUMBER_CHARACTERS = 1_000;
    private static final Instant EARLIEST = Instant.EPOCH;
    private static final Instant TOO_LATE = Instant.parse("+10000-01-01T00:00:00Z");

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.getFactory().setStreamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH)
                .maxNumberLength(MAX_NUMBER_CHARACTERS).maxNameLength(1_000).build());
        mapper.getFactory().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature());
        mapper.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES, DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS,
                DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);
        mapper.disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
        mapper.disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS);
        // The builder that replaces this setter makes another mapper; Quarkus hands out one to customize.
        @SuppressWarnings("deprecation")
        ObjectMapper exact = mapper.disable(MapperFeature.ALLOW_COERCION_OF_SCALARS);
        exact.coercionConfigFor(LogicalType.Textual).setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
        exact.registerModule(new SimpleModule("latchkey-strict").addDeserializer(String.class, new CleanText())
                .addDeserializer(Instant.class, new Rfc3339()).addDeserializer(Duration.class, new Iso8601Duration())
                .addDeserializer(UUID.class, new FullId()).addDeserializer(Secret.class, new HiddenText()));
    }

    /** After Quarkus's own customizers, which are lenient by default. */
    @Override
    public int priority() {
        return MINIMUM_PRIORITY;
    }

    /** Whether PostgreSQL can store the text and UTF-8 can carry it. */
    public static boolean isClean(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return false;
            }
            if (Character.isHighSurrogate(c)) {
                if (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            } else if (Character.isLowSurrogate(c)) {
                return false;
            }
        }
        return true;
    }

    private abstract static class TextOnly<T> extends StdScalarDeserializer<T> {
        private static final long serialVersionUID = 1L;

        TextOnly(Class<T> type) {
            super(type);
        }

        @Override
        public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return context.reportInputMismatch(this, "must be text");
            }
            return read(parser.getText(), context);
        }

        abstract T read(String text, DeserializationContext context) throws IOException;
    }

    private static final class CleanText extends TextOnly<String> {
        private static final long serialVersionUID = 1L;

        CleanText() {
            super(String.class);
        }

        @Override
        String read(String text, DeserializationContext context) throws IOException {
            return isClean(text) ? text
                    : context.reportInputMismatch(this, "must not contain NUL characters or lone surrogates");
        }
    }

    /** Bounded here, since no constraint of a text applies to what hides one. */
    private static final class HiddenText extends TextOnly<Secret> {
        private static final long serialVersionUID = 1L;

        HiddenText() {
            super(Secret.class);
        }

        @Override
        Secret read(String text, DeserializationContext context) throws IOException {
            return text.length() <= Secret.MAX_CHARACTERS && isClean(text) ? Secret.of(text)
                    : context.reportInputMismatch(this,
                            "must be at most %d characters, without NUL characters and lone surrogates", Secret.MAX_CHARACTERS);
        }
    }

    private static final class FullId extends TextOnly<UUID> {
        private static final long serialVersionUID = 1L;

        FullId() {
            super(UUID.class);
        }

        @Override
        UUID read(String text, DeserializationContext context) throws IOException {
            UUID id = Id.parse(text);
            return id == null ? context.reportInputMismatch(this, "must be an id") : id;
        }
    }

    private static final class Rfc3339 extends TextOnly<Instant> {
        private static final long serialVersionUID = 1L;

        Rfc3339() {
            super(Instant.class);
        }

        @Override
        Instant read(String text, DeserializationContext context) throws IOException {
            try {
                Instant instant = OffsetDateTime.parse(text).toInstant();
                if (!instant.isBefore(EARLIEST) && instant.isBefore(TOO_LATE)) {
                    return instant;
                }
            } catch (DateTimeException notAnInstant) {
                // answered below
            }
            return context.reportInputMismatch(this, "must be an RFC 3339 instant such as 2027-01-31T12:00:00Z");
        }
    }

    private static final class Iso8601Duration extends TextOnly<Duration> {
        private static final long serialVersionUID = 1L;

        Iso8601Duration() {
            super(Duration.class);
        }

        @Override
        Duration read(String text, DeserializationContext context) throws IOException {
            try {
                return Duration.parse(text);
            } catch (DateTimeException | ArithmeticException notADuration) {
                return context.reportInputMismatch(this, "must be an ISO 8601 duration such as PT15M");
            }
        }
    }
}
