package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import org.junit.jupiter.api.Test;

/** What Prometheus is given bears the names, the types and the labels of the table. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class MetricsTest {

    private static final Pattern SAMPLE = Pattern.compile("^(latchkey_[a-z_]+)(?:\\{([^}]*)})? ", Pattern.MULTILINE);
    private static final Pattern TYPE = Pattern.compile("^# TYPE (latchkey_[a-z_]+) (\\w+)$", Pattern.MULTILINE);
    private static final Pattern LABEL = Pattern.compile("(?:^|,)([a-z_]+)=\"");
    private static final Set<String> OF_PROMETHEUS = Set.of("le");

    @Test
    void whatIsScrapedIsWhatIsDocumented() throws IOException {
        Api api = Api.ofNewOrganization();
        Created key = api.aKey().scopes("keys:verify").create();
        Api.withKey(key.key()).body(Map.of("key", key.key())).post("/api/v1/keys/verify").then().statusCode(200);
        MetricsTable table = MetricsTable.read();

        String scraped = RestAssured.given().accept("text/plain").get("/q/metrics").then().statusCode(200).extract()
                .asString();

        Map<String, Set<String>> labels = new TreeMap<>();
        SAMPLE.matcher(scraped).results().forEach(sample -> labels
                .computeIfAbsent(table.metricOf(sample.group(1)), name -> new TreeSet<>()).addAll(labels(sample)));
        assertThat(table.rows().keySet()).containsAll(labels.keySet());
        labels.forEach((name, found) -> assertThat(Objects.requireNonNull(table.rows().get(name), name).labels()).as(name)
                .isEqualTo(found));
        TYPE.matcher(scraped).results().filter(type -> table.rows().containsKey(type.group(1)))
                .forEach(type -> assertThat(type.group(2)).as(type.group(1))
                        .isEqualTo(prometheusType(Objects.requireNonNull(table.rows().get(type.group(1)), "row").type())));
        assertThat(table.samples()).containsAll(List.of("latchkey_verifications_total", "latchkey_replica_lease_seconds"));
        assertThat(labels).containsKeys("latchkey_verifications_total", "latchkey_replica_lease_seconds",
                "latchkey_webhook_queue_age_seconds", "latchkey_renewals_held", "latchkey_snapshots_total",
                "latchkey_verification_seconds", "latchkey_sealing_total", "latchkey_renewals_late_seconds");
    }

    private static Set<String> labels(MatchResult sample) {
        Set<String> labels = new TreeSet<>();
        if (sample.group(2) != null) {
            LABEL.matcher(sample.group(2)).results().map(label -> label.group(1)).forEach(labels::add);
        }
        labels.removeAll(OF_PROMETHEUS);
        return labels;
    }

    private static String prometheusType(String type) {
        return switch (type) {
            case "timer" -> "summary";
            case "histogram timer" -> "histogram";
            default -> type;
        };
    }
}
