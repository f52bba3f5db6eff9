package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.latchkey.testing.Programs;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is committed as rendered is what kustomize renders, and consists of fields that Kubernetes knows. */
class RenderingTest {

    /** What CloudNativePG 1.28 knows of a Cluster (its api/v1/cluster_types.go), as far as it is used here. */
    private static final Set<String> CLUSTER_FIELDS = Set.of("/affinity/enablePodAntiAffinity", "/affinity/podAntiAffinityType",
            "/affinity/topologyKey", "/bootstrap/initdb/builtinLocale", "/bootstrap/initdb/dataChecksums",
            "/bootstrap/initdb/database", "/bootstrap/initdb/encoding", "/bootstrap/initdb/localeProvider",
            "/bootstrap/initdb/owner", "/enablePDB", "/enableSuperuserAccess", "/imageName", "/instances",
            "/postgresql/parameters", "/postgresql/synchronous/dataDurability", "/postgresql/synchronous/failoverQuorum",
            "/postgresql/synchronous/method", "/postgresql/synchronous/number", "/primaryUpdateMethod",
            "/primaryUpdateStrategy", "/resources/limits", "/resources/requests", "/storage/size", "/walStorage/size");
    /** The overlays that were compared, one a line. */
    private static final Path COMPARED = Path.of("target", "renderings.txt");
    /** Whose entries are named by somebody else. */
    private static final Set<String> OPEN = Set.of("/postgresql/parameters", "/resources/limits", "/resources/requests");

    static Stream<String> overlays() throws IOException {
        try (Stream<Path> overlays = Files.list(Rendering.DIRECTORY.resolve("overlays"))) {
            return overlays.map(overlay -> overlay.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theCommittedRenderingIsWhatKustomizeMakesOfTheOverlay(String overlay) throws IOException {
        Path directory = Rendering.DIRECTORY.resolve("overlays").resolve(overlay);
        Optional<Path> kustomize = Programs.find("kustomize");
        Optional<Path> kubectl = Programs.find("kubectl");
        Assumptions.assumeTrue(kustomize.isPresent() || kubectl.isPresent(), "neither kustomize nor kubectl is installed");
        List<String> command = new ArrayList<>(kustomize.isPresent() ? List.of(kustomize.get().toString(), "build")
                : List.of(kubectl.orElseThrow().toString(), "kustomize"));
        command.add(directory.toString());

        Programs.Run run = Programs.run(command);

        assertThat(run.exit()).as(run.errors()).isZero();
        // By what it means: versions of kustomize differ in line breaks and quotes.
        assertThat(Rendering.of(run.output(), overlay).documents())
                .as("renew it: kubectl kustomize " + directory + " > " + Rendering.file(overlay))
                .containsExactlyInAnyOrderElementsOf(Rendering.of(overlay).documents());
        note(overlay);
    }

    /** For .ci/run, which tells whether a comparison took place. */
    private static void note(String overlay) throws IOException {
        Files.createDirectories(COMPARED.getParent());
        Files.writeString(COMPARED, overlay + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everyFieldIsOneThatKubernetesKnows(String overlay) throws IOException {
        for (JsonNode document : Rendering.of(overlay).documents()) {
            if (Rendering.read(document).isEmpty()) {
                assertThat(document.path("apiVersion").asText() + "/" + document.path("kind").asText())
                        .isEqualTo("postgresql.cnpg.io/v1/Cluster");
                assertThat(CLUSTER_FIELDS).as(overlay).containsAll(fields(document.path("spec"), ""));
            }
        }
    }

    /** As pointers. */
    private static List<String> fields(JsonNode node, String path) {
        if (!node.isObject() || OPEN.contains(path)) {
            return List.of(path);
        }
        return node.properties().stream().flatMap(field -> fields(field.getValue(), path + "/" + field.getKey()).stream())
                .toList();
    }

    @Test
    void aMisspelledFieldIsFound() throws IOException {
        String text = Files.readString(Rendering.file("production")).replace("readinessProbe:", "readynessProbe:");

        Rendering misspelled = Rendering.of(text, "misspelled");

        assertThatThrownBy(() -> {
            for (JsonNode document : misspelled.documents()) {
                Rendering.read(document);
            }
        }).isInstanceOf(UnrecognizedPropertyException.class).hasMessageContaining("readynessProbe");
    }
}
