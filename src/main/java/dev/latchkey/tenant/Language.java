package dev.latchkey.tenant;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Languages that people are spoken to in: by notifications and by the panel. */
@Schema(name = "Language")
public enum Language {
    @JsonProperty("en")
    EN,
    @JsonProperty("es")
    ES;

    /** As rows hold it. */
    public String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Language of(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }
}
