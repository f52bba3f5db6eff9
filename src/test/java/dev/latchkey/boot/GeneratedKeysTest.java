package dev.latchkey.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratedKeysTest {

    private final SecureRandom random = new SecureRandom();

    @TempDir
    Path temporary;

    private DataDirectory data;

    @BeforeEach
    void open() {
        data = DataDirectory.open(temporary);
    }

    @AfterEach
    void close() {
        data.close();
    }

    @Test
    void aKeyIsAnIdAnd32RandomBytesThatOnlyTheOwnerReads() throws IOException {
        Path master = GeneratedKeys.masterKey(data, random);
        Path pepper = GeneratedKeys.pepper(data, random);

        assertThat(Files.readString(master)).startsWith("m1:");
        assertThat(Files.readString(pepper)).startsWith("p1:");
        assertThat(bytes(master)).hasSize(32).isNotEqualTo(bytes(pepper));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(master))).isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pepper))).isEqualTo("rw-------");
    }

    @Test
    void aKeyThatIsThereIsNeverReplaced() throws IOException {
        String first = Files.readString(GeneratedKeys.masterKey(data, random));

        assertThat(Files.readString(GeneratedKeys.masterKey(data, random))).isEqualTo(first);
    }

    @Test
    void besideADatabaseAMissingKeyIsNamedAndNotMade() throws IOException {
        Files.createDirectory(temporary.resolve("postgres"));

        assertThatThrownBy(() -> GeneratedKeys.masterKey(data, random)).isInstanceOf(StartRefused.class)
                .hasMessageContaining(data.resolve("master.key").toString()).hasMessageContaining("cannot be opened");
        assertThatThrownBy(() -> GeneratedKeys.pepper(data, random)).isInstanceOf(StartRefused.class)
                .hasMessageContaining(data.resolve("pepper.key").toString()).hasMessageContaining("verified");
        assertThat(temporary.resolve("master.key")).doesNotExist();
        assertThat(temporary.resolve("pepper.key")).doesNotExist();
    }

    private static byte[] bytes(Path file) throws IOException {
        return Base64.getDecoder().decode(Files.readString(file).strip().substring("m1:".length()));
    }
}
