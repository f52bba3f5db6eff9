package dev.latchkey.catalog;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * A short text for people in the two languages of the service.
 *
 * @param english in English, also for every other language
 * @param spanish in Spanish
 */
public record Text(String english, String spanish) {

    public Text {
        requireNonNull(english, "english");
        requireNonNull(spanish, "spanish");
    }

    /** A text that is the same in both, as those of a platform's own document are. */
    public static Text untranslated(String text) {
        return new Text(text, text);
    }

    /** The text for readers of this language, whatever their country. */
    public String in(Locale locale) {
        return locale.getLanguage().equals("es") ? spanish : english;
    }
}
