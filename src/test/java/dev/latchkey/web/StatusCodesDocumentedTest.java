package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever gets a code can look up what to do. */
class StatusCodesDocumentedTest {

    @ParameterizedTest
    @EnumSource(ProblemCode.class)
    void everyCodeSaysWhatToDo(ProblemCode code) throws IOException {
        String rows = Files.readString(Path.of("docs/http-status-codes.md"));

        assertThat(rows.lines().filter(line -> line.startsWith("| ") && line.contains("`" + code.code() + "`")))
                .as("a row that names the code beside its status")
                .anyMatch(line -> line.contains(String.valueOf(code.status())));
    }
}
