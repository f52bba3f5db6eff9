package dev.latchkey.recipe;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A shell in which somebody follows a recipe: at the root of the repository, with a home and an owner's token of his own. The
 * ports of the document are others here, in commands and back in what they answer. It is ended with all that it started.
 */
final class Shell implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Before the line that says that a command has ended. */
    private static final String ENDED = "\u001e";

    private final Map<String, String> replaced = new LinkedHashMap<>();
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final StringBuilder said = new StringBuilder();
    private final Path directory;
    private final Process process;
    private final Writer commands;

    private Shell(Path directory, String port) throws IOException {
        this.directory = directory;
        ProcessBuilder builder = new ProcessBuilder("bash", "--norc", "--noprofile").directory(directory.toFile())
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("LATCHKEY") || name.endsWith("_proxy"));
        builder.environment().putAll(Map.of("HOME", Files.createDirectory(directory.resolve("home")).toString(), "PORT", port,
                "LC_ALL", "C.UTF-8"));
        process = builder.start();
        commands = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "recipe-shell");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * @param token of whoever follows the recipe
     * @param port what the servers of the recipe listen on
     */
    static Shell of(String token, int port) {
        try {
            Path directory = Files.createTempDirectory("recipe");
            for (String part : List.of("docs", "deploy")) {
                Files.createSymbolicLink(directory.resolve(part), Path.of(part).toAbsolutePath());
            }
            Files.writeString(Files.createDirectory(directory.resolve(".latchkey")).resolve("admin.token"), token + "\n");
            return new Shell(directory, Integer.toString(port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the document says is something else here. */
    Shell replacing(String ofDocument, String here) {
        replaced.put(ofDocument, here);
        return this;
    }

    /** Carries out a step; fails where its answer is another one than the document tells. */
    String follow(Recipe step) {
        String answer = run(step.command());
        if (!step.isAnsweredBy(answer)) {
            throw new AssertionError(
                    "$ " + step.command() + "\n" + answer + "\nis in " + Recipe.DIRECTORY + "\n" + step.answer());
        }
        return answer;
    }

    /** What a command prints. */
    String run(String command) {
        String here = command;
        for (Map.Entry<String, String> each : replaced.entrySet()) {
            here = here.replace(each.getKey(), each.getValue());
        }
        try {
            commands.write(here + "\nprintf '\\n" + ENDED + "\\n'\n");
            commands.flush();
            String answer = answerTo(command);
            for (Map.Entry<String, String> each : replaced.entrySet()) {
                answer = answer.replace(each.getValue(), each.getKey());
            }
            said.append(answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String answerTo(String command) {
        StringBuilder answer = new StringBuilder();
        long until = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                String line = lines.poll(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (line == null) {
                    throw new AssertionError("$ " + command + "\nhas not ended after " + PATIENCE + ":\n" + answer);
                }
                if (line.equals(ENDED)) {
                    return answer.toString();
                }
                answer.append(line).append('\n');
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            output.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException ended) {
            lines.add("the shell has ended");
        }
    }

    /** Everything that was printed, as far as it is read. */
    String said() {
        return said.toString();
    }

    Path home() {
        return directory.resolve("home");
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
