package dev.latchkey.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The metrics that docs/metrics.md promises.
 *
 * @param rows by name, as Prometheus knows it
 */
record MetricsTable(Map<String, Row> rows) {

    private static final Path DOCUMENT = Path.of("docs", "metrics.md");
    private static final Pattern ROW = Pattern.compile("^\\| `(latchkey_[a-z_]+)` \\| ([a-z ]+) \\|([^|]*)\\| (.+) \\|$",
            Pattern.MULTILINE);
    private static final Pattern LABEL = Pattern.compile("`([a-z]+)`");

    /**
     * A metric.
     *
     * @param type {@code counter}, {@code gauge}, {@code timer}, {@code histogram timer} or {@code histogram}
     * @param meaning names the values of labels that there are
     */
    record Row(String type, Set<String> labels, String meaning) {
    }

    static MetricsTable read() throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        ROW.matcher(Files.readString(DOCUMENT)).results().forEach(row -> {
            if (rows.put(row.group(1), new Row(row.group(2), labels(row.group(3)), row.group(4))) != null) {
                throw new AssertionError("twice in " + DOCUMENT + ": " + row.group(1));
            }
        });
        return new MetricsTable(rows);
    }

    private static Set<String> labels(String cell) {
        return LABEL.matcher(cell).results().map((MatchResult label) -> label.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Names under which Prometheus keeps values. */
    Set<String> samples() {
        return rows.entrySet().stream().flatMap(row -> suffixes(row.getValue().type()).map(suffix -> row.getKey() + suffix))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The metric of a sample. */
    String metricOf(String sample) {
        return rows.containsKey(sample) ? sample
                : Arrays.asList("_bucket", "_count", "_sum", "_max").stream().filter(sample::endsWith)
                        .map(suffix -> sample.substring(0, sample.length() - suffix.length())).findFirst().orElse(sample);
    }

    private static Stream<String> suffixes(String type) {
        return switch (type) {
            case "timer" -> Stream.of("_count", "_sum", "_max");
            case "histogram", "histogram timer" -> Stream.of("_bucket", "_count", "_sum", "_max");
            default -> Stream.of("");
        };
    }
}
