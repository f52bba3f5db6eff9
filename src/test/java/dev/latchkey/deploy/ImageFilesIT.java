package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.latchkey.testing.LatchkeyProcess;
import org.junit.jupiter.api.Test;

/** What was packaged, beside what an image takes of it. */
class ImageFilesIT {

    @Test
    void everythingThatTheImageCopiesWasPackaged() throws IOException {
        Dockerfile image = Dockerfile
                .read(Path.of("src/main/docker", LatchkeyProcess.isNative() ? "Dockerfile.native-micro" : "Dockerfile.jvm"));

        for (String source : image.sources()) {
            Path path = Path.of(source);
            try (DirectoryStream<Path> found = Files.newDirectoryStream(path.getParent(), path.getFileName().toString())) {
                assertThat(found).as(source).hasSize(1);
            }
        }
    }
}
