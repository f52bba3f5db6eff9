package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.latchkey.testing.Programs;
import dev.latchkey.testing.Tool;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts speak of metrics that there are, lead to a page that tells what to do, and come when they should, and only then. */
class AlertRulesTest {

    private static final Path TESTS = Rendering.DIRECTORY.resolve(Path.of("components", "monitoring", "alerts-test.yaml"));
    private static final Path RUNBOOKS = Path.of("docs", "runbooks.md");
    private static final Pattern METRIC = Pattern.compile("latchkey_[a-z_]+");
    private static final Pattern SELECTOR = Pattern.compile("(latchkey_[a-z_]+)\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)=~?\"([^\"]*)\"");

    private static List<Rule> rules() {
        return Rendering.of("production").one(PrometheusRule.class).getSpec().getGroups().stream()
                .flatMap(group -> group.getRules().stream()).toList();
    }

    @Test
    void eachAlertSpeaksOfDocumentedMetrics() throws IOException {
        Set<String> documented = MetricsTable.read().samples();

        for (Rule rule : rules()) {
            assertThat(METRIC.matcher(String.valueOf(rule.getExpr().getValue())).results().map(found -> found.group()))
                    .as(rule.getAlert()).isSubsetOf(documented);
        }
    }

    /** An alert on a value that is never told would never come. */
    @Test
    void eachAlertLooksForValuesThatAreDocumented() throws IOException {
        MetricsTable table = MetricsTable.read();
        List<String> looked = new ArrayList<>();

        for (Rule rule : rules()) {
            SELECTOR.matcher(String.valueOf(rule.getExpr().getValue())).results()
                    .forEach(selector -> MATCHER.matcher(selector.group(2)).results()
                            .filter(matcher -> !matcher.group(1).equals("job")).forEach(matcher -> {
                                MetricsTable.Row row = Objects.requireNonNull(
                                        table.rows().get(table.metricOf(selector.group(1))), selector.group(1));
                                assertThat(row.labels()).as(selector.group()).contains(matcher.group(1));
                                for (String value : matcher.group(2).split("\\|")) {
                                    assertThat(row.meaning()).as(selector.group()).contains("`" + value + "`");
                                    looked.add(value);
                                }
                            }));
        }

        assertThat(looked).contains("throttled", "turned-away", "lost", "broken", "given_up");
    }

    @Test
    void eachAlertLeadsToItsRunbookAndEachRunbookIsOfAnAlert() throws IOException {
        List<String> headings = Files.readString(RUNBOOKS).lines().filter(line -> line.startsWith("## Latchkey"))
                .map(line -> line.substring(3)).toList();

        assertThat(headings).containsExactlyElementsOf(rules().stream().map(Rule::getAlert).toList());
        assertThat(rules()).allSatisfy(rule -> {
            assertThat(rule.getAnnotations()).containsEntry("runbook_url",
                    "docs/runbooks.md#" + rule.getAlert().toLowerCase(Locale.ROOT));
            assertThat(rule.getAnnotations().get("summary")).isNotBlank();
            assertThat(rule.getLabels().get("severity")).isIn("critical", "warning");
        });
    }

    @Test
    void eachAlertIsTested() throws IOException {
        Set<String> tested = new ObjectMapper(new YAMLFactory()).readTree(TESTS.toFile()).findValuesAsText("alertname")
                .stream().collect(Collectors.toSet());

        assertThat(tested).containsExactlyInAnyOrderElementsOf(rules().stream().map(Rule::getAlert).toList());
    }

    @Test
    void alertsComeWhenTheyShould(@TempDir Path directory) throws IOException {
        Path promtool = Programs.find("promtool").orElse(null);
        Assumptions.assumeTrue(promtool != null || Tool.isRequired("promtool"),
                "promtool is not installed (Debian: apt-get install prometheus)");
        ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
        JsonNode spec = Rendering.of("production").one("PrometheusRule").path("spec");
        Path rules = directory.resolve("alerts.yaml");
        yaml.writeValue(rules.toFile(), spec);
        Path tests = Files.copy(TESTS, directory.resolve("alerts-test.yaml"));

        Programs.Run checked = Programs.run(List.of(String.valueOf(promtool), "check", "rules", rules.toString()));
        Programs.Run run = Programs.run(List.of(String.valueOf(promtool), "test", "rules", tests.toString()));

        assertThat(checked.exit()).as(checked.output() + checked.errors()).isZero();
        assertThat(run.exit()).as(run.output() + run.errors()).isZero();
    }
}
