package dev.latchkey.bench;

import java.util.Arrays;
import java.util.List;

/**
 * The benchmarks by name: {@code ./mvnw -q -Pbench verify -Dbench='name option=value'}. They print tables of what they saw,
 * with ratios within the same run, and assert nothing about time: a machine may be busy.
 */
final class Benchmarks {

    private static final String USAGE = """
            ./mvnw -q -Pbench verify -Dbench='name option=value ...'
              verify [seconds=8] [rounds=2]                          verifications against an endpoint that does nothing
              verify only=hit jfr=/tmp/hit.jfr seconds=30            where the time of one case goes
              zipf   [keys=100000] [replicas=1,3] [limits=100,10000] [seconds=30]
              change [changes=300]                                   how long changes take with three replicas
              peers  [against=keycloak,better-auth] [seconds=15]     CPU per verification beside others' products
              review [keys=100000] [rounds=100]                      pages of the review of keys
              cold   [rows=10000,10000000] [fill=only]               keys that memory does not hold; keeps its databases
              memory [keys=1000000]                                  bytes for each key in memory
              native [rounds=5] [warm=15] [seconds=15] [heap=512m] [native=FILE]
                                                                     start, memory and throughput, on a JVM and as an executable
              search [keys=100000] [rounds=200]                      lists of keys, by how they are narrowed
              import [rows=1000000]                                  a file of keys, beside COPY of the same rows
              proxy  [rounds=2000] [atOnce=1,8] [mebibytes=1024]     what the credential proxy adds, and what long bodies take
              deliveries [seconds=60] [rate=200] [events=20000] [endpoints=1,4] [rounds=2] [warm=3]
                         [only=latency,bulk,hanging,snapshot]
                         [against=latchkey,graphile-worker,graphile-worker-log] events to their receivers, and what that costs
            """;

    private Benchmarks() {
    }

    public static void main(String... arguments) throws Exception {
        List<String> words = Arrays.stream(String.join(" ", arguments).split(" ")).filter(word -> !word.isBlank()).toList();
        Options options = Options.of(words.subList(Math.min(1, words.size()), words.size()));
        switch (words.isEmpty() ? "help" : words.get(0)) {
            case "verify" -> run(words, () -> new VerifyBenchmark(options).run());
            case "zipf" -> run(words, () -> new ZipfBenchmark(options).run());
            case "change" -> run(words, () -> new ChangeBenchmark(options).run());
            case "peers" -> run(words, () -> new PeersBenchmark(options).run());
            case "review" -> run(words, () -> new ReviewBenchmark(options).run());
            case "cold" -> run(words, () -> new ColdBenchmark(options).run());
            case "memory" -> run(words, () -> new MemoryBenchmark(options).run());
            case "native" -> run(words, () -> new NativeBenchmark(options).run());
            case "search" -> run(words, () -> new SearchBenchmark(options).run());
            case "import" -> run(words, () -> new ImportBenchmark(options).run());
            case "proxy" -> run(words, () -> new ProxyBenchmark(options).run());
            case "deliveries" -> run(words, () -> new DeliveriesBenchmark(options).run());
            default -> System.out.print(USAGE);
        }
    }

    private static void run(List<String> words, Benchmark benchmark) throws Exception {
        System.out.println("### " + String.join(" ", words) + "\n\n" + Machine.describe() + "\n");
        benchmark.run();
        // The pools of HTTP clients keep the process otherwise.
        System.exit(0);
    }

    /** One of them. */
    private interface Benchmark {
        void run() throws Exception;
    }
}
