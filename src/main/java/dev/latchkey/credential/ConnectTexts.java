package dev.latchkey.credential;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * What the page at the end of connecting says, from {@code credential/connect_en.properties} and {@code _es}: both in UTF-8,
 * with the same keys.
 */
final class ConnectTexts {

    private static final Map<String, ConnectTexts> BY_LANGUAGE = Map.of("en", load("en"), "es", load("es"));

    private final Properties texts;

    private ConnectTexts(Properties texts) {
        this.texts = texts;
    }

    /** In English unless the reader's language is Spanish. */
    static ConnectTexts in(Locale locale) {
        return requireNonNull(BY_LANGUAGE.getOrDefault(locale.getLanguage(), BY_LANGUAGE.get("en")), "en");
    }

    String text(String key) {
        return requireNonNull(texts.getProperty(key), key);
    }

    /** All keys, for the test that compares the languages. */
    Set<String> keys() {
        return texts.stringPropertyNames();
    }

    private static ConnectTexts load(String language) {
        String resource = "credential/connect_" + language + ".properties";
        ClassLoader loader = requireNonNull(ConnectTexts.class.getClassLoader(), "class loader");
        try (InputStreamReader reader = new InputStreamReader(requireNonNull(loader.getResourceAsStream(resource), resource),
                StandardCharsets.UTF_8)) {
            Properties texts = new Properties();
            texts.load(reader);
            return new ConnectTexts(texts);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(resource, unreadable);
        }
    }
}
