package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the objects find each other: labels, names, ports, and as many connections as there are replicas. */
class TopologyTest {

    private static final Map<String, String> OF_THE_DATABASE = Map.of("cnpg.io/cluster", "latchkey-db");
    /** Of PostgreSQL itself, of its operator, and of whoever looks. */
    private static final int OTHER_CONNECTIONS = 30;
    private static final List<String> POOLS = List.of("quarkus.datasource.reactive.max-size",
            "quarkus.datasource.direct.reactive.max-size", "quarkus.datasource.dispatch.reactive.max-size",
            "quarkus.datasource.jdbc.max-size");

    private static Map<String, String> podLabels(Rendering rendering) {
        return rendering.one(Deployment.class).getSpec().getTemplate().getMetadata().getLabels();
    }

    private static NetworkPolicy policy(Rendering rendering, String name) {
        return rendering.all(NetworkPolicy.class).stream().filter(policy -> policy.getMetadata().getName().equals(name))
                .findFirst().orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void everySelectorSelectsThePods(String overlay) {
        Rendering rendering = Rendering.of(overlay);
        Deployment deployment = rendering.one(Deployment.class);
        Map<String, String> labels = podLabels(rendering);

        Stream<LabelSelector> selectors = Stream.concat(Stream.of(deployment.getSpec().getSelector(),
                rendering.one(PodDisruptionBudget.class).getSpec().getSelector(),
                policy(rendering, "latchkey").getSpec().getPodSelector()),
                deployment.getSpec().getTemplate().getSpec().getTopologySpreadConstraints().stream()
                        .map(spread -> spread.getLabelSelector()));

        assertThat(selectors).hasSize(5).allSatisfy(selector -> {
            assertThat(selector.getMatchExpressions()).isEmpty();
            assertThat(selector.getMatchLabels()).isNotEmpty();
            assertThat(labels).containsAllEntriesOf(selector.getMatchLabels());
        });
        assertThat(labels).containsAllEntriesOf(rendering.one(Service.class).getSpec().getSelector());
        assertThat(OF_THE_DATABASE)
                .containsExactlyEntriesOf(policy(rendering, "latchkey-db").getSpec().getPodSelector().getMatchLabels());
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void portsHaveOneNameEverywhere(String overlay) {
        Rendering rendering = Rendering.of(overlay);
        Service service = rendering.one(Service.class);
        ServicePort http = service.getSpec().getPorts().get(0);

        assertThat(service.getSpec().getPorts()).hasSize(1);
        assertThat(http.getName()).isEqualTo("http");
        assertThat(http.getTargetPort().getStrVal()).isEqualTo(rendering.one(Deployment.class).getSpec().getTemplate()
                .getSpec().getContainers().get(0).getPorts().get(0).getName());
        for (ServiceMonitor monitor : rendering.all(ServiceMonitor.class)) {
            assertThat(service.getMetadata().getLabels())
                    .containsAllEntriesOf(monitor.getSpec().getSelector().getMatchLabels());
            assertThat(monitor.getSpec().getEndpoints()).singleElement().satisfies(endpoint -> {
                assertThat(endpoint.getPort()).isEqualTo(http.getName());
                assertThat(endpoint.getPath()).isEqualTo("/q/metrics");
            });
            // The alerts say job="latchkey".
            assertThat(service.getMetadata().getLabels()).containsEntry(monitor.getSpec().getJobLabel(), "latchkey");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void everythingLiesInTheNamespaceThatTheOverlayMakes(String overlay) {
        Rendering rendering = Rendering.of(overlay);
        JsonNode namespace = rendering.one("Namespace");

        assertThat(namespace.at("/metadata/labels/pod-security.kubernetes.io~1enforce").asText()).isEqualTo("restricted");
        assertThat(rendering.documents()).filteredOn(document -> !document.equals(namespace))
                .allSatisfy(document -> assertThat(document.at("/metadata/namespace").asText())
                        .isEqualTo(namespace.at("/metadata/name").asText()));
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void gatewaysAndPrometheusGetIn(String overlay) {
        NetworkPolicy policy = policy(Rendering.of(overlay), "latchkey");

        assertThat(policy.getSpec().getPolicyTypes()).containsExactlyInAnyOrder("Ingress", "Egress");
        assertThat(policy.getSpec().getIngress()).hasSize(2).allSatisfy(rule -> {
            assertThat(rule.getFrom()).isNotEmpty().allMatch(peer -> peer.getNamespaceSelector() != null);
            assertThat(ports(rule.getPorts())).containsExactly("8080/TCP");
        });
        assertThat(policy.getSpec().getIngress()).flatExtracting(rule -> rule.getFrom())
                .extracting(peer -> peer.getNamespaceSelector().getMatchLabels())
                .containsExactlyInAnyOrder(Map.of("latchkey.dev/may-call", "true"),
                        Map.of("kubernetes.io/metadata.name", "monitoring"));
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void namesPostgresqlAndHttpsAreReachedAndNothingElse(String overlay) {
        Rendering rendering = Rendering.of(overlay);
        NetworkPolicy policy = policy(rendering, "latchkey");

        assertThat(policy.getSpec().getEgress()).hasSize(3);
        assertThat(policy.getSpec().getEgress()).extracting(rule -> ports(rule.getPorts())).containsExactlyInAnyOrder(
                List.of("53/UDP", "53/TCP"), List.of("5432/TCP"), List.of("443/TCP"));
        assertThat(policy.getSpec().getEgress()).filteredOn(rule -> ports(rule.getPorts()).contains("5432/TCP"))
                .flatExtracting(rule -> rule.getTo()).extracting(peer -> peer.getPodSelector().getMatchLabels())
                .containsExactly(OF_THE_DATABASE);
        assertThat(policy.getSpec().getEgress()).filteredOn(rule -> ports(rule.getPorts()).contains("443/TCP"))
                .flatExtracting(rule -> rule.getTo()).hasSize(2).allSatisfy(TopologyTest::assertPublic);
        assertThat(policy(rendering, "latchkey-db").getSpec().getIngress())
                .filteredOn(rule -> ports(rule.getPorts()).equals(List.of("5432/TCP"))).flatExtracting(rule -> rule.getFrom())
                .singleElement().satisfies(peer -> assertThat(podLabels(rendering))
                        .containsAllEntriesOf(peer.getPodSelector().getMatchLabels()));
    }

    private static void assertPublic(NetworkPolicyPeer peer) {
        assertThat(peer.getIpBlock().getExcept()).containsAnyOf("169.254.0.0/16", "fe80::/10").containsAnyOf("10.0.0.0/8",
                "fc00::/7");
    }

    private static List<String> ports(List<NetworkPolicyPort> ports) {
        return ports.stream().map(port -> port.getPort().getIntVal() + "/" + port.getProtocol()).toList();
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void theDatabaseHasAConnectionForEachThatReplicasOpen(String overlay) {
        Rendering rendering = Rendering.of(overlay);
        Deployment deployment = rendering.one(Deployment.class);
        int replicas = rendering.all(HorizontalPodAutoscaler.class).stream()
                .mapToInt(scaler -> scaler.getSpec().getMaxReplicas()).findFirst()
                .orElseGet(() -> deployment.getSpec().getReplicas());
        int surge = deployment.getSpec().getStrategy().getRollingUpdate().getMaxSurge().getIntVal();
        int each = POOLS.stream().mapToInt(pool -> Integer.parseInt(ApplicationSettings.properties().getProperty(pool)))
                .sum();
        JsonNode cluster = rendering.one("Cluster");

        assertThat(cluster.at("/spec/postgresql/parameters/max_connections").asInt())
                .isGreaterThanOrEqualTo((replicas + surge) * each + OTHER_CONNECTIONS);
        assertThat(rendering.one(ConfigMap.class).getData().get("QUARKUS_DATASOURCE_REACTIVE_URL"))
                .isEqualTo("postgresql://" + cluster.at("/metadata/name").asText() + "-rw:5432/"
                        + cluster.at("/spec/bootstrap/initdb/database").asText());
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void theDatabaseKnowsLettersAsTheEmbeddedOneDoes(String overlay) {
        JsonNode made = Rendering.of(overlay).one("Cluster").at("/spec/bootstrap/initdb");

        assertThat(ApplicationSettings.sources()).anyMatch(source -> source.contains(
                "\"--locale-provider=" + made.path("localeProvider").asText() + "\", \"--builtin-locale="
                        + made.path("builtinLocale").asText() + "\""));
        assertThat(made.path("encoding").asText()).isEqualTo("UTF8");
    }

    @ParameterizedTest
    @ValueSource(strings = { "production", "production-verification-rate" })
    void inProductionWhatWasAnsweredOutlivesAServerAndANode(String overlay) {
        Rendering rendering = Rendering.of(overlay);
        JsonNode database = rendering.one("Cluster").path("spec");
        HorizontalPodAutoscaler scaler = rendering.one(HorizontalPodAutoscaler.class);
        Deployment deployment = rendering.one(Deployment.class);

        assertThat(database.path("instances").asInt()).isGreaterThanOrEqualTo(3);
        assertThat(database.at("/postgresql/synchronous/number").asInt()).isPositive();
        assertThat(database.at("/postgresql/synchronous/dataDurability").asText()).isEqualTo("required");
        assertThat(database.at("/postgresql/synchronous/failoverQuorum").asBoolean()).isTrue();
        assertThat(database.at("/postgresql/parameters/synchronous_commit").asText()).isEqualTo("on");
        assertThat(database.at("/affinity/podAntiAffinityType").asText()).isEqualTo("required");
        assertThat(scaler.getSpec().getMinReplicas()).isGreaterThanOrEqualTo(3);
        assertThat(scaler.getSpec().getScaleTargetRef().getName()).isEqualTo(deployment.getMetadata().getName());
        // Whoever applies the manifests again does not undo what the autoscaler decided.
        assertThat(deployment.getSpec().getReplicas()).isNull();
    }

    @Test
    void replicasAreScaledByCpuAndWhereThereIsAMetricByVerifications() {
        assertThat(metrics("production")).containsExactly("cpu");
        assertThat(metrics("production-verification-rate")).containsExactly("cpu", "latchkey_verifications_per_second");
    }

    private static List<String> metrics(String overlay) {
        return Rendering.of(overlay).one(HorizontalPodAutoscaler.class).getSpec().getMetrics().stream()
                .map(TopologyTest::name).toList();
    }

    private static String name(MetricSpec metric) {
        return metric.getResource() != null ? metric.getResource().getName() : metric.getPods().getMetric().getName();
    }
}
