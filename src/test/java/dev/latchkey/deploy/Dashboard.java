package dev.latchkey.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * The dashboard for Grafana, as it is shipped.
 *
 * @param json whole
 * @param panels but for the titles of rows, in their order
 */
record Dashboard(JsonNode json, List<Panel> panels) {

    static final Path DIRECTORY = Path.of("deploy", "grafana");
    static final Path FILE = DIRECTORY.resolve("latchkey.json");

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)}?");
    private static final Pattern LEGEND = Pattern.compile("\\{\\{(\\w+)}}");

    /** @param json whole */
    record Panel(String row, String title, JsonNode json, List<Query> queries) {
    }

    /**
     * What one line of a panel shows.
     *
     * @param expression with variables
     * @param labels that its legend names
     */
    record Query(String expression, Set<String> labels) {

        /** As Grafana sends it. */
        String with(Map<String, String> values) {
            return VARIABLE.matcher(expression).replaceAll(found -> {
                String value = values.get(found.group(1));
                if (value == null) {
                    throw new AssertionError("a variable that nobody fills in: " + found.group() + " in " + expression);
                }
                return value;
            });
        }
    }

    static Dashboard read() throws IOException {
        JsonNode json = new ObjectMapper().readTree(FILE.toFile());
        List<Panel> panels = new ArrayList<>();
        String row = "";
        for (JsonNode panel : json.path("panels")) {
            if (panel.path("type").asText().equals("row")) {
                row = panel.path("title").asText();
            } else {
                panels.add(new Panel(row, panel.path("title").asText(), panel, queries(panel)));
            }
        }
        return new Dashboard(json, panels);
    }

    private static List<Query> queries(JsonNode panel) {
        List<Query> queries = new ArrayList<>();
        panel.path("targets").forEach(target -> queries.add(new Query(target.path("expr").asText(),
                LEGEND.matcher(target.path("legendFormat").asText()).results().map(label -> label.group(1))
                        .collect(Collectors.toCollection(TreeSet::new)))));
        return queries;
    }

    Stream<JsonNode> variables() {
        List<JsonNode> variables = new ArrayList<>();
        json.at("/templating/list").forEach(variables::add);
        return variables.stream();
    }
}
