package dev.latchkey.credential;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.web.Choice;

/** How a service of others wants to be signed in to. */
public enum CredentialType {
    @JsonProperty("api_key")
    API_KEY,
    @JsonProperty("bearer")
    BEARER,
    @JsonProperty("basic")
    BASIC,
    @JsonProperty("custom_headers")
    CUSTOM_HEADERS,
    @JsonProperty("oauth2")
    OAUTH2;

    /** The name in the API and in rows. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of the name in a row. */
    public static CredentialType of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** Called by Jakarta REST. */
    public static CredentialType fromString(String text) {
        return Choice.of(CredentialType.class, "type", text);
    }
}
