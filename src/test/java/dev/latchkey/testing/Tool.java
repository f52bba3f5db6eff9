package dev.latchkey.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;

/** A program that a test runs, and that may be missing on this machine. */
public final class Tool {

    private Tool() {
    }

    public static boolean isInstalled(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    }

    /** Where it is missing the test is skipped; {@code -Dlatchkey.require} with its tag makes it fail instead. */
    static ConditionEvaluationResult judge(boolean isThere, String tag, String name, String packages) {
        if (isThere) {
            return ConditionEvaluationResult.enabled(name + " is installed");
        }
        return isRequired(tag) ? ConditionEvaluationResult.enabled("-Dlatchkey.require=" + tag + ": it fails without " + name)
                : ConditionEvaluationResult.disabled(name + " is not installed (Debian: apt-get install " + packages + ")");
    }

    /** Whether {@code -Dlatchkey.require} names it. */
    public static boolean isRequired(String tag) {
        return Arrays.asList(System.getProperty("latchkey.require", "").split("[, ]+")).contains(tag);
    }
}
