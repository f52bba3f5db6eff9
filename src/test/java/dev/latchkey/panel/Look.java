package dev.latchkey.panel;

import java.util.List;
import java.util.Locale;

import com.microsoft.playwright.options.ColorScheme;

/**
 * How a browser is set up.
 *
 * @param locale the first of the languages that it asks for
 * @param scheme light or dark, as the system says
 * @param width of its window
 * @param height of its window
 */
record Look(String locale, ColorScheme scheme, int width, int height) {

    static final Look ENGLISH = new Look("en-GB", ColorScheme.LIGHT, 1360, 860);
    static final Look SPANISH = new Look("es-ES", ColorScheme.LIGHT, 1360, 860);
    /** Each language, each scheme and each width once or more; all combinations of them took a minute and found nothing. */
    static final List<Look> ALL = List.of(ENGLISH, SPANISH.dark(), SPANISH.phone());
    /** The same of two, where a look takes seconds. */
    static final List<Look> BOTH = List.of(ENGLISH, SPANISH.dark().phone());

    /** For what is done in each language: {@code @MethodSource(Look.LANGUAGES)}. */
    static final String LANGUAGES = "dev.latchkey.panel.Look#languages";

    static List<Look> languages() {
        return List.of(ENGLISH, SPANISH);
    }

    Look dark() {
        return new Look(locale, ColorScheme.DARK, width, height);
    }

    Look phone() {
        return new Look(locale, scheme, 360, 760);
    }

    boolean isSpanish() {
        return locale.startsWith("es");
    }

    /** For the names of screenshots. */
    @Override
    public String toString() {
        return (isSpanish() ? "es" : "en") + "-" + scheme.name().toLowerCase(Locale.ROOT) + (width < 500 ? "-phone" : "");
    }
}
