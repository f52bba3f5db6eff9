package dev.latchkey.webhook;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Why the dispatcher switched a webhook off. */
@Schema(name = "WebhookDisabledReason")
public enum DisabledReason {
    /** The receiver answered 410: it wants no more. */
    @JsonProperty("gone")
    GONE("gone"),
    /** It has failed for too long. */
    @JsonProperty("failing")
    FAILING("failing");

    private final String text;

    DisabledReason(String text) {
        this.text = text;
    }

    /** As rows, events and notices have it. */
    public String text() {
        return text;
    }

    static DisabledReason stored(String text) {
        return text.equals(GONE.text) ? GONE : FAILING;
    }
}
