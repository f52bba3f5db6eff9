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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sentences about tests, from {@code credential/probe_en.properties} and {@code _es}: both in UTF-8, with the same keys.
 * {@code detail.} and {@code next.} with the reason are there for each; {@code said.} are details that know more.
 */
final class ProbeTexts {

    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");
    private static final Map<String, ProbeTexts> BY_LANGUAGE = Map.of("en", load("en"), "es", load("es"));

    private final Properties texts;

    private ProbeTexts(Properties texts) {
        this.texts = texts;
    }

    /** In English unless the reader's language is Spanish. */
    static ProbeTexts in(Locale locale) {
        return requireNonNull(BY_LANGUAGE.getOrDefault(locale.getLanguage(), BY_LANGUAGE.get("en")), "en");
    }

    String detail(ProbeReason reason) {
        return text("detail." + reason.text(), Map.of());
    }

    String nextStep(ProbeReason reason) {
        return text("next." + reason.text(), Map.of());
    }

    /** Each place is filled once: what stands in a value is never taken for another place. */
    String said(ProbeSentence sentence, Map<String, String> values) {
        return text("said." + sentence.key(), values);
    }

    private String text(String key, Map<String, String> values) {
        return PLACE.matcher(requireNonNull(texts.getProperty(key), key))
                .replaceAll(place -> Matcher.quoteReplacement(values.getOrDefault(place.group(1), "")));
    }

    private static ProbeTexts load(String language) {
        String resource = "credential/probe_" + language + ".properties";
        ClassLoader loader = requireNonNull(ProbeTexts.class.getClassLoader(), "class loader");
        try (InputStreamReader reader = new InputStreamReader(requireNonNull(loader.getResourceAsStream(resource), resource),
                StandardCharsets.UTF_8)) {
            Properties texts = new Properties();
            texts.load(reader);
            return new ProbeTexts(texts);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(resource, unreadable);
        }
    }

    /** All keys, for the test that compares the languages. */
    Set<String> keys() {
        return texts.stringPropertyNames();
    }
}
