package dev.latchkey.credential;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.web.Choice;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The colour of a credential: what a person sees before he reads why. */
@Schema(name = "CredentialStatus")
public enum CredentialStatus {
    /** It works. */
    @JsonProperty("green")
    GREEN("green"),
    /** It works, but not for long or not for everything. */
    @JsonProperty("yellow")
    YELLOW("yellow"),
    /** It does not work, or cannot be reached. */
    @JsonProperty("red")
    RED("red"),
    /** Nobody knows: it was not tested, or a test says nothing about it. */
    @JsonProperty("unknown")
    UNKNOWN("unknown");

    private final String text;

    CredentialStatus(String text) {
        this.text = text;
    }

    /** As the contract has it. */
    public String text() {
        return text;
    }

    /** Of a row, which has no other ones. */
    static CredentialStatus stored(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** Called by Jakarta REST. */
    public static CredentialStatus fromString(String text) {
        return Choice.of(CredentialStatus.class, "status", text);
    }
}
