package dev.latchkey.panel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The dictionary of the panel, as it stands in the sources. */
final class PanelTexts {

    static final Path FOLDER = Path.of("src/main/resources/web/app/texts");

    /** Words that every English sentence has one of, and no Spanish one. */
    private static final Pattern ENGLISH_WORDS = Pattern.compile(
            "\\b(the|of|and|is|are|was|were|been|with|your|you|this|that|these|it|its|not|from|by|for|to|in|on|or|if|must|should|will|can|have|key|keys|store|stores)\\b",
            Pattern.CASE_INSENSITIVE);

    private static final Map<String, Map<String, String>> READ = new ConcurrentHashMap<>();

    private PanelTexts() {
    }

    /** All texts of a language, by key. */
    static Map<String, String> of(String language) {
        return READ.computeIfAbsent(language, PanelTexts::readAll);
    }

    private static Map<String, String> readAll(String language) {
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.list(FOLDER.resolve(language))) {
            for (Path file : files.filter(each -> each.toString().endsWith(".json")).toList()) {
                texts.putAll(read(file));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return Collections.unmodifiableMap(texts);
    }

    static Map<String, String> read(Path file) {
        try {
            return new ObjectMapper().readValue(file.toFile(), new TypeReference<>() {
            });
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Those of the texts that are English: a text of the English dictionary, or one with an English word. */
    static List<String> english(Collection<String> shown) {
        Map<String, String> english = of("en");
        Map<String, String> spanish = of("es");
        Set<String> onlyEnglish = new HashSet<>(english.values());
        onlyEnglish.removeAll(Set.copyOf(spanish.values()));
        Set<String> sameInBoth = new HashSet<>();
        english.forEach((key, text) -> {
            if (text.equals(spanish.get(key))) {
                sameInBoth.add(text);
            }
        });
        return shown.stream().filter(text -> onlyEnglish.contains(text)
                || !sameInBoth.contains(text) && ENGLISH_WORDS.matcher(text.toLowerCase(Locale.ROOT)).find()).distinct()
                .toList();
    }
}
