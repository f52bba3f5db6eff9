package dev.latchkey.deploy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.FreePort;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.MailServer;
import dev.latchkey.testing.NeedsPrometheus;
import dev.latchkey.testing.Prometheus;
import dev.latchkey.testing.Prometheus.Series;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.restassured.RestAssured;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the dashboard and the alerts ask a real Prometheus, which scrapes a Latchkey that does a little of everything: each
 * panel shows something, and each alert looks at something.
 */
@NeedsPrometheus
@NullUnmarked
class DashboardIT {

    private static final String JOB = "latchkey";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** As long as two scrapes and a slow one. */
    private static final String WINDOW = "20s";
    private static final Map<String, String> VALUES = Map.of("job", JOB, "namespace", ".*", "instance", ".*",
            "__rate_interval", WINDOW, "__range", "1m");
    private static final Pattern SELECTOR = Pattern.compile("([a-z_]+)\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)(?:=~|!~|!=|=)\"");
    private static final Pattern SAMPLE = Pattern.compile("^latchkey_[a-z_]+\\{([^}]*)} ", Pattern.MULTILINE);
    private static final Pattern VALUE = Pattern.compile("=\"([^\"]*)\"");
    /** A code of ours, or a bound of a histogram: no id, key, host or address has this form. */
    private static final Pattern BOUNDED = Pattern.compile("[a-z]+([-_][a-z0-9]+)*|[A-Z_]+|[0-9.E+-]+|\\+Inf|");
    /** What a native executable's garbage collector does not tell. */
    private static final String OF_A_JVM = "jvm_gc_pause_seconds";

    private static LatchkeyProcess latchkey;
    private static Prometheus prometheus;
    private static Load load;

    @BeforeAll
    static void start() {
        latchkey = LatchkeyProcess.on(Databases.create()).with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8")
                .with("LATCHKEY_CREDENTIAL_TESTS_PER_MINUTE", "10000").with("LATCHKEY_NOTIFICATION_MAIL_EVERY", "1s")
                .with("QUARKUS_MAILER_HOST", "127.0.0.1").with("QUARKUS_MAILER_PORT", Integer.toString(FreePort.draw()))
                .with("QUARKUS_MAILER_FROM", MailServer.SENDER).ready();
        RestAssured.baseURI = latchkey.baseUrl();
        prometheus = Prometheus.scraping(JOB, latchkey.baseUrl());
        load = new Load();
        load.round();
        Eventually.holds(load::requireDelivered);
    }

    @AfterAll
    static void stop() {
        RestAssured.reset();
        load.close();
        prometheus.close();
        latchkey.close();
    }

    @Test
    void everyPanelShowsSomething() throws IOException {
        List<Dashboard.Panel> panels = Dashboard.read().panels();

        Eventually.within(PATIENCE, () -> {
            load.round();
            List<String> empty = new ArrayList<>();
            panels.forEach(panel -> panel.queries().stream().filter(query -> isSeen(query) && !shows(query))
                    .forEach(query -> empty.add(panel.row() + "/" + panel.title() + ": " + query.expression())));
            assertThat(empty).isEmpty();
        });
    }

    private static boolean isSeen(Dashboard.Query query) {
        return System.getProperty("latchkey.application", ".jar").endsWith(".jar") || !query.expression().contains(OF_A_JVM);
    }

    /** Numbers, by all labels that its legend names. */
    private static boolean shows(Dashboard.Query query) {
        List<Series> found = prometheus.query(query.with(VALUES));
        return found.stream().anyMatch(series -> !Double.isNaN(series.value()))
                && found.stream().allMatch(series -> series.labels().keySet().containsAll(query.labels()));
    }

    /** Series whose label says that something has failed need not be there, only others by the same labels. */
    @Test
    void everyAlertLooksAtSomething() {
        List<Rule> rules = Rendering.of("production").one(PrometheusRule.class).getSpec().getGroups().stream()
                .flatMap(group -> group.getRules().stream()).toList();
        assertThat(rules).isNotEmpty();

        Eventually.within(PATIENCE, () -> {
            load.round();
            for (Rule rule : rules) {
                String expression = String.valueOf(rule.getExpr().getValue());
                prometheus.query(expression);
                List<MatchResult> selectors = SELECTOR.matcher(expression).results().toList();
                assertThat(selectors).as(rule.getAlert()).isNotEmpty();
                for (MatchResult selector : selectors) {
                    assertThat(prometheus.query(byTheSameLabels(selector))).as(rule.getAlert() + ": " + selector.group())
                            .isNotEmpty();
                }
            }
        });
    }

    private static String byTheSameLabels(MatchResult selector) {
        Set<String> labels = new TreeSet<>();
        MATCHER.matcher(selector.group(2)).results().map(label -> label.group(1)).forEach(labels::add);
        assertThat(labels.remove("job")).as(selector.group()).isTrue();
        StringBuilder others = new StringBuilder("job=\"" + JOB + "\"");
        labels.forEach(label -> others.append(',').append(label).append("!=\"\""));
        return selector.group(1) + "{" + others + "}";
    }

    /** However many organizations, keys and receivers there are. */
    @Test
    void noLabelHoldsWhatThereIsNoEndOf() {
        load.round();

        String scraped = given().accept("text/plain").get("/q/metrics").then().statusCode(200).extract().asString();

        List<String> values = SAMPLE.matcher(scraped).results()
                .flatMap(labels -> VALUE.matcher(labels.group(1)).results().map(value -> value.group(1))).distinct().toList();
        assertThat(values).hasSizeGreaterThan(40).allMatch(value -> BOUNDED.matcher(value).matches());
    }
}
