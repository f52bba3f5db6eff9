package dev.latchkey.event;

import java.util.Locale;

import io.vertx.core.json.JsonObject;

/**
 * A kind of event.
 *
 * @param name {@code noun.verb}; this service's own in the past tense
 * @param own whether this service publishes it; otherwise the platform does
 * @param english what it means, in English
 * @param spanish and in Spanish
 * @param example what a receiver gets
 */
public record EventType(String name, boolean own, String english, String spanish, JsonObject example) {

    /** What it means, in English unless the reader's language is Spanish. */
    public String description(Locale locale) {
        return locale.getLanguage().equals("es") ? spanish : english;
    }
}
