package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pod is: watched, bounded, unprivileged, told only what the application knows, and given time to end. */
class KubernetesTest {

    /** Read by the JVM. */
    private static final Set<String> OF_THE_JVM = Set.of("JAVA_TOOL_OPTIONS");
    private static final Set<String> RESOURCES = Set.of("cpu", "memory", "ephemeral-storage");
    /**
     * What else an orderly stop may take: callers that leave 5 s, giving back unanswered deliveries 2 s, the sign-in link 2 s,
     * rate-limit tokens 1 s, counts of uses 6 s, last uses and proxied requests 3 s each, the replica's row 1 s.
     */
    private static final Duration OTHERS_AT_THE_STOP = Duration.ofSeconds(23);

    private static PodSpec pod(String overlay) {
        return Rendering.of(overlay).one(Deployment.class).getSpec().getTemplate().getSpec();
    }

    /** The only one: there are no sidecars. */
    private static Container container(String overlay) {
        PodSpec pod = pod(overlay);
        assertThat(pod.getInitContainers()).isEmpty();
        assertThat(pod.getContainers()).hasSize(1);
        return pod.getContainers().get(0);
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void eachQuestionOfKubernetesHasItsOwnProbe(String overlay) {
        Container container = container(overlay);

        Map<String, Probe> probes = Map.of("/q/health/started", container.getStartupProbe(), "/q/health/live",
                container.getLivenessProbe(), "/q/health/ready", container.getReadinessProbe());

        probes.forEach((path, probe) -> {
            assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
            assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("http");
        });
        assertThat(container.getPorts()).singleElement().satisfies(port -> {
            assertThat(port.getName()).isEqualTo("http");
            assertThat(port.getContainerPort())
                    .isEqualTo(Integer.valueOf(ApplicationSettings.properties().getProperty("quarkus.http.port")));
        });
        // DatabaseReady gives the database 2 s and answers then.
        assertThat(container.getReadinessProbe().getTimeoutSeconds()).isGreaterThan(2);
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void aStartIsGivenAsLongAsItWaitsForTheReplicaThatMigrates(String overlay) {
        Probe start = container(overlay).getStartupProbe();
        String idle = Rendering.of(overlay).one("Cluster")
                .at("/spec/postgresql/parameters/idle_in_transaction_session_timeout").asText();

        assertThat(start.getPeriodSeconds() * start.getFailureThreshold())
                .isEqualTo(ApplicationSettings.constant("dev.latchkey.boot.PatientMigrations", "ATTEMPTS"));
        // The session that holds the lock idles while another one migrates.
        assertThat(Duration.parse("PT" + idle.replace("min", "M")))
                .isGreaterThan(Duration.ofSeconds((long) start.getPeriodSeconds() * start.getFailureThreshold()));
        assertThat(Rendering.of(overlay).one(Deployment.class).getSpec().getProgressDeadlineSeconds())
                .isGreaterThan(start.getPeriodSeconds() * start.getFailureThreshold());
    }

    /** A drained one that counts is owed a replica, which stays pending. */
    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void replicasAreSpreadOverNodesThatTakeThem(String overlay) {
        PodSpec pod = pod(overlay);

        assertThat(pod.getTolerations()).isEmpty();
        assertThat(pod.getTopologySpreadConstraints()).extracting(TopologySpreadConstraint::getTopologyKey)
                .containsExactly("kubernetes.io/hostname", "topology.kubernetes.io/zone");
        assertThat(pod.getTopologySpreadConstraints()).extracting(TopologySpreadConstraint::getWhenUnsatisfiable)
                .containsExactly("DoNotSchedule", "ScheduleAnyway");
        assertThat(pod.getTopologySpreadConstraints()).extracting(TopologySpreadConstraint::getNodeTaintsPolicy)
                .containsOnly("Honor");
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void everyImageHasATagThatStays(String overlay) {
        List<String> images = new ArrayList<>(List.of(container(overlay).getImage()));
        images.add(Rendering.of(overlay).one("Cluster").at("/spec/imageName").asText());

        assertThat(images).allSatisfy(image -> assertThat(image).matches("[a-z0-9./-]+:[0-9][A-Za-z0-9._-]+")
                .doesNotContain("latest"));
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void whatAPodTakesIsBounded(String overlay) {
        ResourceRequirements resources = container(overlay).getResources();

        assertThat(resources.getLimits()).containsOnlyKeys(RESOURCES);
        assertThat(resources.getRequests()).containsOnlyKeys(RESOURCES);
        resources.getRequests().forEach((name, request) -> assertThat(amount(request)).as(name)
                .isLessThanOrEqualTo(amount(Objects.requireNonNull(resources.getLimits().get(name), "limit"))));
        // A heap that may grow into memory that others have is a pod that is killed.
        assertThat(resources.getRequests().get("memory")).isEqualTo(resources.getLimits().get("memory"));
        assertThat(pod(overlay).getVolumes()).filteredOn(volume -> volume.getEmptyDir() != null)
                .allSatisfy(volume -> assertThat(volume.getEmptyDir().getSizeLimit()).isNotNull());
        JsonNode database = Rendering.of(overlay).one("Cluster").at("/spec/resources/limits");
        assertThat(database.has("cpu") && database.has("memory")).isTrue();
    }

    private static double amount(Quantity quantity) {
        return Quantity.getAmountInBytes(quantity).doubleValue();
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void aPodMayDoNothingThatItDoesNotNeed(String overlay) {
        PodSpec pod = pod(overlay);
        Container container = container(overlay);

        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getServiceAccountName()).isEqualTo("latchkey");
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container.getSecurityContext().getCapabilities().getAdd()).isEmpty();
        assertThat(pod.getVolumes()).allMatch(volume -> volume.getHostPath() == null);
        assertThat(container.getVolumeMounts()).anyMatch(mount -> mount.getMountPath().equals("/tmp"));
        assertThat(container.getVolumeMounts()).extracting("name")
                .containsExactlyInAnyOrderElementsOf(pod.getVolumes().stream().map(Volume::getName).toList());
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void whatAPodIsToldIsASettingOfTheApplication(String overlay) {
        Container container = container(overlay);
        ConfigMap settings = Rendering.of(overlay).one(ConfigMap.class);
        Set<String> known = ApplicationSettings.variables();

        assertThat(container.getEnvFrom()).singleElement().satisfies(source -> assertThat(source.getConfigMapRef().getName())
                .isEqualTo(settings.getMetadata().getName()));
        assertThat(known).containsAll(settings.getData().keySet()).contains("LATCHKEY_WEBHOOK_SLOTS_PER_ENDPOINT")
                .doesNotContain("LATCHKEY_WEBHOOK_SLOT");
        assertThat(container.getEnv()).extracting(EnvVar::getName).filteredOn(name -> !OF_THE_JVM.contains(name))
                .isSubsetOf(known);
        assertThat(settings.getData()).containsKeys("QUARKUS_DATASOURCE_REACTIVE_URL", "LATCHKEY_PUBLIC_URL",
                "MP_JWT_VERIFY_ISSUER", "MP_JWT_VERIFY_PUBLICKEY_LOCATION", "MP_JWT_VERIFY_AUDIENCES");
    }

    /** A network that some cluster has would let its pods ask about keys, and say from where a client comes. */
    @ParameterizedTest
    @ValueSource(strings = { "production", "production-verification-rate" })
    void nobodyIsTrustedBeforeTheOperatorSaysWho(String overlay) {
        assertThat(Rendering.of(overlay).one(ConfigMap.class).getData()).containsEntry("LATCHKEY_GATEWAYS", "192.0.2.0/24")
                .containsEntry("LATCHKEY_TRUSTED_PROXIES", "192.0.2.0/24");
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void secretsAreNamedAndNeverThere(String overlay) {
        Rendering rendering = Rendering.of(overlay);
        Container container = container(overlay);

        assertThat(rendering.documents()).noneMatch(document -> document.path("kind").asText().equals("Secret"));
        assertThat(rendering.one(ConfigMap.class).getData().keySet())
                .noneMatch(name -> name.matches(".*(PASSWORD|SECRET|MASTER_KEY|PEPPER).*"));
        for (String file : List.of("LATCHKEY_MASTER_KEY_FILE", "LATCHKEY_PEPPER_FILE")) {
            EnvVar named = container.getEnv().stream().filter(variable -> variable.getName().equals(file)).findFirst()
                    .orElseThrow();
            assertThat(container.getVolumeMounts()).anyMatch(mount -> Boolean.TRUE.equals(mount.getReadOnly())
                    && named.getValue().startsWith(mount.getMountPath() + "/"));
            String name = named.getValue().substring(named.getValue().lastIndexOf('/') + 1);
            assertThat(pod(overlay).getVolumes()).filteredOn(volume -> volume.getSecret() != null).singleElement()
                    .satisfies(keys -> assertThat(keys.getSecret().getItems()).extracting("path").contains(name));
        }
        for (String part : List.of("USERNAME", "PASSWORD")) {
            assertThat(container.getEnv()).filteredOn(variable -> variable.getName().equals("QUARKUS_DATASOURCE_" + part))
                    .singleElement().satisfies(variable -> assertThat(variable.getValueFrom().getSecretKeyRef().getName())
                            .isEqualTo("latchkey-db-app"));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.deploy.RenderingTest#overlays")
    void aPodIsGivenLongerToEndThanItEverTakes(String overlay) {
        Duration longest = Duration
                .ofSeconds(container(overlay).getLifecycle().getPreStop().getSleep().getSeconds())
                .plus(Duration.parse(ApplicationSettings.byDefault("dev.latchkey.webhook.WebhookConfig", "stop")))
                .plus(Duration.parse(ApplicationSettings.byDefault("dev.latchkey.credential.RenewalConfig", "lease")))
                .plus(OTHERS_AT_THE_STOP);

        assertThat(Duration.ofSeconds(pod(overlay).getTerminationGracePeriodSeconds())).isGreaterThan(longest);
        // These would make it longer.
        assertThat(Rendering.of(overlay).one(ConfigMap.class).getData()).doesNotContainKeys("LATCHKEY_WEBHOOK_STOP",
                "LATCHKEY_RENEWAL_LEASE");
    }
}
