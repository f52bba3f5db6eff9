package dev.latchkey.webhook;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.web.Choice;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How far a delivery has come. */
@Schema(name = "DeliveryState")
enum DeliveryState {
    /** It is being sent, or will be. */
    @JsonProperty("pending")
    PENDING("d.state = 'pending'"),
    /** The receiver has answered 200 to 299. */
    @JsonProperty("delivered")
    DELIVERED("d.state = 'delivered'"),
    /** Given up: no attempts are left, or it is older than what is kept. */
    @JsonProperty("exhausted")
    EXHAUSTED("d.failed_at is not null and d.state = 'exhausted'"),
    /** Its webhook was deleted before. */
    @JsonProperty("cancelled")
    CANCELLED("d.failed_at is not null and d.state = 'cancelled'");

    private final String condition;

    DeliveryState(String condition) {
        this.condition = condition;
    }

    /** Of {@code delivery d}, in words by which the index on failures is known to do. */
    String condition() {
        return condition;
    }

    /** Of a row, which has no other ones. */
    static DeliveryState stored(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** Called by Jakarta REST. */
    public static DeliveryState fromString(String text) {
        return Choice.of(DeliveryState.class, "state", text);
    }
}
