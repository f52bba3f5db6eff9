package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

/** The table of metrics has what the source registers, and nothing else. */
class MetricsTableTest {

    /** A meter that is made, in whichever of Micrometer's ways, by its literal name. */
    private static final Pattern MADE = Pattern
            .compile("(Counter\\s*\\.builder|Timer\\s*\\.builder|Gauge\\s*\\.builder|DistributionSummary\\s*\\.builder"
                    + "|\\.counter|\\.timer|\\.gauge\\w*|\\.summary)\\(\\s*\"(latchkey\\.[a-z.]+)\"");
    /** By a constant, with what is made of it. */
    private static final Pattern NAMED = Pattern.compile("String (\\w+) = \"(latchkey\\.[a-z.]+)\";");

    @Test
    void theTableIsWhatTheSourceRegisters() throws IOException {
        Map<String, String> made = new TreeMap<>();
        for (String source : ApplicationSettings.sources()) {
            MADE.matcher(source).results().forEach(meter -> note(made, meter.group(1), meter.group(2)));
            NAMED.matcher(source).results().forEach(name -> noteUse(made, source, name));
        }
        Map<String, String> documented = new TreeMap<>();
        MetricsTable.read().rows().forEach((name, row) -> documented.put(name, row.type().replace("histogram timer", "timer")));

        assertThat(made).hasSizeGreaterThan(30);
        assertThat(documented).isEqualTo(made);
    }

    private static void noteUse(Map<String, String> made, String source, MatchResult name) {
        Pattern use = Pattern.compile("(Counter\\.builder|Timer\\.builder|Gauge\\.builder|\\.counter|\\.timer|\\.gauge)\\("
                + name.group(1) + "\\b");
        use.matcher(source).results().forEach(meter -> note(made, meter.group(1), name.group(2)));
    }

    /** As the registry for Prometheus names it. */
    private static void note(Map<String, String> made, String how, String meter) {
        String name = meter.replace('.', '_');
        if (how.contains("ounter")) {
            made.put(name + "_total", "counter");
        } else if (how.contains("imer")) {
            made.put(name + "_seconds", "timer");
        } else {
            made.put(name, how.contains("auge") ? "gauge" : "histogram");
        }
    }
}
