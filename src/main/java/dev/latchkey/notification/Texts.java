package dev.latchkey.notification;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The texts of notices, from {@code notification/texts_en.properties} and {@code _es}: both in UTF-8, with the same keys.
 * Written when they are read, so that a notice follows its reader's language and a mended text mends old notices too.
 */
final class Texts {

    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");
    private static final Map<String, Texts> BY_LANGUAGE = Map.of("en", load("en"), "es", load("es"));

    private final Locale locale;
    private final Properties texts;

    private Texts(Locale locale, Properties texts) {
        this.locale = locale;
        this.texts = texts;
    }

    /**
     * A notice for people to read.
     *
     * @param title what, in a few words
     * @param text what it means
     * @param next what to do about it
     * @param link where that is done, as a path of the panel
     */
    record Written(String title, String text, String next, String link) {
    }

    /** In an organization's language; English for one that there are no texts in. */
    static Texts in(String language) {
        return requireNonNull(BY_LANGUAGE.getOrDefault(language, BY_LANGUAGE.get("en")), "en");
    }

    /** In the first language of a reader's list that there are texts in, or else in his organization's. */
    static Texts in(List<Locale> acceptable, String language) {
        return in(acceptable.stream().map(Locale::getLanguage).filter(BY_LANGUAGE::containsKey).findFirst().orElse(language));
    }

    Locale locale() {
        return locale;
    }

    Written write(Told told) {
        Map<String, String> values = new HashMap<>(told.parameters());
        values.put("target", told.target().name());
        values.put("organization", told.organizationName());
        String kind = told.kind().kindName();
        return new Written(text(kind + ".title", values), text(kind + ".text", values), text(kind + ".next", values),
                told.parameters().getOrDefault(Notice.PAGE,
                        told.kind().link().replace("{id}", told.target().id().toString())));
    }

    /** Each place is filled once: what stands in a value is never taken for another place. */
    String text(String key, Map<String, String> values) {
        return PLACE.matcher(requireNonNull(texts.getProperty(key), key))
                .replaceAll(place -> Matcher.quoteReplacement(values.getOrDefault(place.group(1), "")));
    }

    private static Texts load(String language) {
        String resource = "notification/texts_" + language + ".properties";
        ClassLoader loader = requireNonNull(Texts.class.getClassLoader(), "class loader");
        try (InputStreamReader reader = new InputStreamReader(requireNonNull(loader.getResourceAsStream(resource), resource),
                StandardCharsets.UTF_8)) {
            Properties texts = new Properties();
            texts.load(reader);
            return new Texts(new Locale(language), texts);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(resource, unreadable);
        }
    }

    /** All keys, for the test that compares the languages. */
    Set<String> keys() {
        return texts.stringPropertyNames();
    }
}
