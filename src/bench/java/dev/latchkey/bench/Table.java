package dev.latchkey.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/** Prints rows as they are measured, as a table of Markdown. */
final class Table {

    private final String[] formats;

    /** @param columns {@code title|format} each */
    Table(String... columns) {
        List<String[]> split = Arrays.stream(columns).map(column -> column.split("\\|")).toList();
        formats = split.stream().map(column -> column[1]).toArray(String[]::new);
        line(split.stream().map(column -> column[0]).toArray(String[]::new));
        line(split.stream().map(column -> column[1].equals("%s") ? "---" : "---:").toArray(String[]::new));
    }

    /** Null leaves a cell empty. */
    void row(@Nullable Object... cells) {
        String[] texts = new String[formats.length];
        for (int i = 0; i < formats.length; i++) {
            texts[i] = cells[i] == null ? "" : String.format(Locale.ROOT, formats[i], cells[i]);
        }
        line(texts);
    }

    private static void line(String[] texts) {
        System.out.println("| " + String.join(" | ", texts) + " |");
    }
}
