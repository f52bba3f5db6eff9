package dev.latchkey.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/** Where a benchmark runs, and what processes use of it. */
final class Machine {

    /** How Linux counts time in /proc: 100 a second on every architecture that Java runs on. */
    private static final long TICK_MILLIS = 10;

    private Machine() {
    }

    /** One line for the head of a result. */
    static String describe() throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("model name"))
                .map(line -> line.replaceAll(".*: ", "")).findFirst().orElse(System.getProperty("os.arch"));
        return "%s · %d cores, %s · %s · JDK %s · commit %s · load before %s".formatted(
                OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS),
                Runtime.getRuntime().availableProcessors(), model, kernel(), System.getProperty("java.version"),
                output("git", "describe", "--always", "--dirty"),
                Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }

    private static String kernel() {
        return "Linux " + System.getProperty("os.version");
    }

    /** What a short command prints. */
    static String output(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    /** CPU time, user and system, of one process and its threads since it began. */
    static Duration cpuOf(long pid) {
        return Stat.of(Path.of("/proc", Long.toString(pid))).map(Stat::own).findFirst().orElse(Duration.ZERO);
    }

    /**
     * The same of a postmaster with all of its backends. Those that have ended count too: their time is added to that of the
     * children for whom the postmaster has waited.
     */
    static Duration cpuOfFamily(long pid) {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            List<Stat> family = all.filter(path -> Character.isDigit(path.getFileName().toString().charAt(0)))
                    .flatMap(Stat::of).filter(stat -> stat.pid == pid || stat.parent == pid).toList();
            return family.stream().map(stat -> stat.own.plus(stat.ended)).reduce(Duration.ZERO, Duration::plus);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Memory that a process holds, its share of files included, in KiB. */
    static long residentKib(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:")).map(line -> line.replaceAll("\\D+", "")).mapToLong(Long::parseLong)
                .findFirst().orElse(0);
    }

    /** /proc/pid/stat, see proc(5). */
    private record Stat(long pid, long parent, Duration own, Duration ended) {

        /** Empty where the process has just ended. */
        static Stream<Stat> of(Path process) {
            try {
                String text = Files.readString(process.resolve("stat"));
                // The name stands in parentheses and may hold anything.
                String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
                return Stream.of(new Stat(Long.parseLong(process.getFileName().toString()), Long.parseLong(fields[1]),
                        ticks(fields, 11), ticks(fields, 13)));
            } catch (IOException gone) {
                return Stream.empty();
            }
        }

        private static Duration ticks(String[] fields, int first) {
            return Duration.ofMillis((Long.parseLong(fields[first]) + Long.parseLong(fields[first + 1])) * TICK_MILLIS);
        }
    }
}
