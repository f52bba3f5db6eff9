package dev.latchkey.catalog;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

import dev.latchkey.catalog.Catalog.Scope;

/**
 * The names and descriptions of the built-in catalogue, from {@code catalog/texts_en.properties} and {@code _es}.
 * <p>
 * Both are in UTF-8 and hold the same keys; a missing one fails the first use, and with it every test and start. Resource
 * bundles were dropped: they fall back to the server's locale, and their lookup has to be declared for native executables.
 */
record BuiltInTexts(Properties english, Properties spanish) {

    static BuiltInTexts load() {
        return new BuiltInTexts(load("catalog/texts_en.properties"), load("catalog/texts_es.properties"));
    }

    private static Properties load(String resource) {
        var stream = requireNonNull(BuiltInTexts.class.getClassLoader(), "class loader").getResourceAsStream(resource);
        try (var reader = new InputStreamReader(requireNonNull(stream, resource), StandardCharsets.UTF_8)) {
            var properties = new Properties();
            properties.load(reader);
            return properties;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(resource, unreadable);
        }
    }

    Text group(String group) {
        return text("group." + group);
    }

    /** What the group is about. */
    Text about(String group) {
        return text("about." + group);
    }

    /** Scopes have a colon, which ends a key in a properties file: a dot stands for it. */
    Scope scope(String name) {
        return new Scope(name, text("scope." + name.replace(':', '.')));
    }

    Text operation(String operation) {
        return text("operation." + operation);
    }

    /** One sentence for all resources, with the resource's name in it. */
    Text resourceOperation(String method, String extent, String resource) {
        var sentence = text("resource." + extent + "." + method);
        var name = text("name." + resource);
        return new Text(sentence.english().replace("{0}", name.english()), sentence.spanish().replace("{0}", name.spanish()));
    }

    private Text text(String key) {
        return new Text(requireNonNull(english.getProperty(key), key), requireNonNull(spanish.getProperty(key), key));
    }
}
