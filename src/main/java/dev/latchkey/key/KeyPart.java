package dev.latchkey.key;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a pair is made of. */
@Schema(name = "KeyPart")
enum KeyPart {
    @JsonProperty("key")
    KEY,
    @JsonProperty("secret")
    SECRET;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
