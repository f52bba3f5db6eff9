package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.latchkey.testing.Programs;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The dashboard speaks of metrics that there are, and everything on it is explained. What it shows: {@link DashboardIT}. */
class DashboardTest {

    private static final Pattern METRIC = Pattern.compile("latchkey_[a-z_]+");
    private static final int COLUMNS = 24;
    private static final Map<String, String> VALUES = Map.of("job", "latchkey", "namespace", ".*", "instance", ".*",
            "__rate_interval", "1m", "__range", "1h");

    private final Dashboard dashboard;

    DashboardTest() throws IOException {
        dashboard = Dashboard.read();
    }

    @Test
    void itSpeaksOfDocumentedMetricsAlone() throws IOException {
        Set<String> documented = MetricsTable.read().samples();

        for (Dashboard.Panel panel : dashboard.panels()) {
            for (Dashboard.Query query : panel.queries()) {
                assertThat(METRIC.matcher(query.expression()).results().map(found -> found.group())).as(panel.title())
                        .isSubsetOf(documented);
            }
        }
    }

    /** What is measured and never looked at is measured in vain; {@code _max} and the like go with their metric. */
    @Test
    void itLeavesNoFamilyOut() throws IOException {
        String shown = dashboard.panels().stream().flatMap(panel -> panel.queries().stream())
                .map(Dashboard.Query::expression).collect(Collectors.joining("\n"));

        assertThat(dashboard.panels().stream().map(Dashboard.Panel::row).distinct()).containsExactly("Now", "Verification",
                "HTTP", "Consistency", "Limits and usage", "Credentials", "Webhooks", "Proxy", "Database pools", "Process");
        assertThat(shown).contains("latchkey_verifications_total", "latchkey_verification_seconds_bucket",
                "latchkey_snapshots_total", "latchkey_replica_lease_seconds", "latchkey_replica_wait_seconds_bucket",
                "latchkey_limit_decisions_total", "latchkey_credential_tests_total", "latchkey_renewals_total",
                "latchkey_renewals_late_seconds", "latchkey_sealing_total", "latchkey_webhook_queue_age_seconds",
                "latchkey_deliveries_total", "latchkey_webhook_publish_to_delivered_seconds_bucket",
                "latchkey_webhook_disabled_total", "latchkey_proxy_requests_seconds", "sql_pool_usage_seconds",
                "process_cpu_usage", "jvm_memory_used_bytes");
    }

    @Test
    void everyPanelIsExplainedAndHasItsUnit() {
        for (Dashboard.Panel panel : dashboard.panels()) {
            assertThat(panel.json().path("description").asText()).as(panel.title()).isNotBlank();
            assertThat(panel.json().at("/fieldConfig/defaults/unit").asText()).as(panel.title()).isNotBlank();
            assertThat(panel.queries()).as(panel.title()).isNotEmpty()
                    .allSatisfy(query -> assertThat(query.with(VALUES)).doesNotContain("$"));
        }
        assertThat(dashboard.panels().stream().map(panel -> panel.row() + "/" + panel.title())).doesNotHaveDuplicates();
    }

    @Test
    void everyPanelAsksTheDataSourceThatIsChosenAndKeepsToTheInstallation() {
        assertThat(dashboard.variables().map(variable -> variable.path("name").asText())).containsExactly("datasource", "job",
                "namespace", "instance", "runbooks");
        assertThat(dashboard.variables().findFirst().orElseThrow().path("query").asText()).isEqualTo("prometheus");
        for (Dashboard.Panel panel : dashboard.panels()) {
            List<String> sources = panel.json().findValues("datasource").stream().map(each -> each.path("uid").asText())
                    .distinct().toList();
            assertThat(sources).as(panel.title()).containsExactly("${datasource}");
            for (Dashboard.Query query : panel.queries()) {
                long selectors = query.expression().chars().filter(each -> each == '{').count();
                assertThat(query.expression().split(
                        Pattern.quote("{job=\"$job\",namespace=~\"$namespace\",instance=~\"$instance\""), -1))
                        .as(panel.title()).hasSize((int) selectors + 1);
            }
        }
    }

    @Test
    void itsLinksLeadToRunbooksThatThereAre() throws IOException {
        Set<String> books = Files.readAllLines(Path.of("docs", "runbooks.md")).stream()
                .filter(line -> line.startsWith("## ")).map(line -> line.substring(3).toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        List<String> led = new ArrayList<>();

        for (Dashboard.Panel panel : dashboard.panels()) {
            panel.json().path("links").forEach(link -> led.add(link.path("url").asText()));
        }

        assertThat(led).allMatch(url -> url.startsWith("${runbooks}#"));
        assertThat(led.stream().map(url -> url.substring(url.indexOf('#') + 1)).collect(Collectors.toSet()))
                .as("every runbook is led to by a panel, and each link leads to one").isEqualTo(books);
    }

    @Test
    void noPanelCoversAnother() {
        Set<Integer> ids = new HashSet<>();
        Set<String> taken = new HashSet<>();
        for (JsonNode panel : dashboard.json().path("panels")) {
            JsonNode place = panel.path("gridPos");
            assertThat(ids.add(panel.path("id").asInt())).as("id of " + panel.path("title")).isTrue();
            assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(COLUMNS);
            for (int x = place.path("x").asInt(); x < place.path("x").asInt() + place.path("w").asInt(); x++) {
                for (int y = place.path("y").asInt(); y < place.path("y").asInt() + place.path("h").asInt(); y++) {
                    assertThat(taken.add(x + "," + y)).as(panel.path("title").asText()).isTrue();
                }
            }
        }
    }

    @Test
    void kustomizeMakesTheConfigMapThatGrafanaLooksFor() throws IOException {
        Path kubectl = Programs.find("kubectl").orElse(null);
        Assumptions.assumeTrue(kubectl != null, "kubectl is not installed");

        Programs.Run run = Programs
                .run(List.of(String.valueOf(kubectl), "kustomize", Dashboard.DIRECTORY.toString()));

        assertThat(run.exit()).as(run.errors()).isZero();
        JsonNode made = new ObjectMapper(new YAMLFactory()).readTree(run.output());
        assertThat(made.path("kind").asText()).isEqualTo("ConfigMap");
        assertThat(made.at("/metadata/name").asText()).isEqualTo("latchkey-dashboard");
        assertThat(made.at("/metadata/labels/grafana_dashboard").asText()).isEqualTo("1");
        assertThat(new ObjectMapper().readTree(made.at("/data/latchkey.json").asText())).isEqualTo(dashboard.json());
    }
}
