package dev.latchkey.web;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;

/**
 * A JSON object as it was written: the order of its fields, its spacing and the form of its numbers stay. Held to the rules of
 * {@link StrictJson} all the same. To be read by {@link StrictReader#read(char[], int, Class)}, which has the text.
 */
@JsonDeserialize(using = RawObject.Reader.class)
public record RawObject(String text) {

    /** Of objects and lists in each other, the object itself among them. */
    static final int MAX_DEPTH = 64;
    private static final int MOST_BYTES_A_CHARACTER = 3;

    public RawObject {
        requireNonNull(text, "text");
    }

    /** Whether it is longer than so many bytes of UTF-8. */
    public boolean weighsMoreThan(int bytes) {
        return text.length() > bytes
                || text.length() * (long) MOST_BYTES_A_CHARACTER > bytes && bytes() > bytes;
    }

    /** Its length in UTF-8. */
    public int bytes() {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public String toString() {
        return "RawObject[" + text.length() + " characters]";
    }

    /**
     * What is being read.
     *
     * @param hasEscapes whether a character of it may be written as its number, and be one that is not taken
     */
    record Source(char[] characters, boolean hasEscapes) {
    }

    static final class Reader extends StdDeserializer<RawObject> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(RawObject.class);
        }

        @Override
        public RawObject deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.hasToken(JsonToken.START_OBJECT)) {
                return context.reportInputMismatch(this, "must be a JSON object");
            }
            Source source = (Source) requireNonNull(context.getAttribute(Source.class), "source");
            int start = (int) parser.currentTokenLocation().getCharOffset();
            for (int depth = 1; depth > 0;) {
                JsonToken token = parser.nextToken();
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (depth > MAX_DEPTH) {
                    return context.reportInputMismatch(this, "must not be deeper than %d levels", MAX_DEPTH);
                }
                boolean isText = token == JsonToken.VALUE_STRING || token == JsonToken.FIELD_NAME;
                if (isText && source.hasEscapes && !StrictJson.isClean(parser.getText())) {
                    return context.reportInputMismatch(this, "must not contain NUL characters or lone surrogates");
                }
            }
            int end = (int) parser.currentLocation().getCharOffset();
            return new RawObject(new String(source.characters, start, end - start));
        }
    }
}
