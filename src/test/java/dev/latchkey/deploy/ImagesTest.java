package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.latchkey.testing.Beside;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both images, read as they stand: there is no container engine here to build them with. */
@Beside
class ImagesTest {

    private static final String JVM = "Dockerfile.jvm";
    private static final String NATIVE = "Dockerfile.native-micro";

    @ParameterizedTest
    @ValueSource(strings = { JVM, NATIVE })
    void theProcessIsNobodyWhomTheManifestsDoNotExpect(String name) throws IOException {
        Dockerfile image = read(name);
        String manifest = Files.readString(Path.of("deploy/kubernetes/base/deployment.yaml"));

        assertThat(image.last("USER")).isEqualTo("1001:1001");
        assertThat(manifest).contains("runAsUser: 1001", "runAsGroup: 1001", "containerPort: " + image.last("EXPOSE"),
                "mountPath: /tmp");
        assertThat(image.last("EXPOSE")).isEqualTo("8080");
        assertThat(image.last("STOPSIGNAL")).isEqualTo("SIGTERM");
        // By name and not by a shell, which would keep the signal for itself.
        assertThat(image.last("ENTRYPOINT")).startsWith("[\"");
        assertThat(image.instructions().get(image.instructions().size() - 2).name()).isEqualTo("USER");
    }

    @ParameterizedTest
    @ValueSource(strings = { JVM, NATIVE })
    void whatItBuildsUponIsFixedByItsVersion(String name) throws IOException {
        assertThat(read(name).bases()).isNotEmpty()
                .allMatch(base -> base.equals("scratch") || base.matches("[a-z-]+:\\d+\\.\\d+[\\w.-]*"), "name:version");
    }

    @ParameterizedTest
    @ValueSource(strings = { JVM, NATIVE })
    void itHoldsWhatWasPackagedAndNothingElse(String name) throws IOException {
        Dockerfile image = read(name);
        List<String> ignored = Files.readAllLines(Path.of(".dockerignore"));

        assertThat(image.sources()).isNotEmpty().allMatch(source -> source.startsWith("target/"));
        assertThat(ignored).contains("*");
        assertThat(image.sources()).allMatch(source -> ignored.stream().filter(line -> line.startsWith("!"))
                .anyMatch(line -> source.startsWith(line.substring(1))));
        assertThat(image.all("ADD")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { JVM, NATIVE })
    void itNamesItselfAndNoSecret(String name) throws IOException {
        Dockerfile image = read(name);

        assertThat(image.last("LABEL")).contains("org.opencontainers.image.title=", "org.opencontainers.image.version=",
                "org.opencontainers.image.revision=", "org.opencontainers.image.licenses=\"Apache-2.0\"");
        assertThat(image.variables()).containsOnlyOnce("VERSION", "REVISION")
                .noneMatch(variable -> variable.matches("(?i).*(key|secret|password|token|pepper).*"));
    }

    /** Or {@code initdb} refuses: "could not look up effective user ID 1001: user does not exist". */
    @Test
    void whoeverRunsATrialWithPostgresqlHasAName() throws IOException {
        Dockerfile image = read(JVM);
        List<String> names = image.instructions().stream().map(Dockerfile.Instruction::name).toList();

        assertThat(image.last("RUN")).isEqualTo("echo 'latchkey:x:1001:1001::/latchkey:/usr/sbin/nologin' >> /etc/passwd");
        assertThat(names.lastIndexOf("RUN")).isLessThan(names.indexOf("USER"));
    }

    private static Dockerfile read(String name) throws IOException {
        return Dockerfile.read(Path.of("src/main/docker", name));
    }
}
