package dev.latchkey.web;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The languages that texts for people exist in: English and Spanish. */
public final class Languages {

    private static final Set<String> SPOKEN = Set.of("en", "es");

    private Languages() {
    }

    /** The first language of a caller's {@code Accept-Language} that there are texts in; English where there is none. */
    public static Locale first(List<Locale> acceptable) {
        return acceptable.stream().filter(locale -> SPOKEN.contains(locale.getLanguage())).findFirst().orElse(Locale.ENGLISH);
    }
}
