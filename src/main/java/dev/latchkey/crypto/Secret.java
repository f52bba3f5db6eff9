package dev.latchkey.crypto;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

import com.fasterxml.jackson.annotation.JsonValue;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A text that nobody may read by accident: logs, messages, debuggers and JSON get {@code ***}. Whoever needs the text says so
 * with {@link #reveal}, which a reviewer finds by its name.
 */
@Schema(type = SchemaType.STRING, format = "password", maxLength = Secret.MAX_CHARACTERS)
public final class Secret {

    /** The longest that is read from a body. */
    public static final int MAX_CHARACTERS = 8192;

    private static final String MASK = "***";

    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    public static Secret of(String text) {
        return new Secret(text);
    }

    /** The text itself. */
    public String reveal() {
        return text;
    }

    /** Takes as long whatever is compared. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(text.getBytes(StandardCharsets.UTF_8),
                secret.text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @JsonValue
    @Override
    public String toString() {
        return MASK;
    }
}
