package dev.latchkey.panel;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Languages of the panel. */
@Schema(name = "PanelLanguage")
enum Language {
    @JsonProperty("en")
    EN,
    @JsonProperty("es")
    ES;

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static @Nullable Language of(@Nullable String column) {
        return column == null ? null : valueOf(column.toUpperCase(Locale.ROOT));
    }
}
