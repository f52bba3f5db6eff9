package dev.latchkey.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.LatchkeyProcess.Launch;

/** The packaged application, one or several on a database, with default settings but where a benchmark says otherwise. */
final class Replicas implements AutoCloseable {

    static final HttpClient HTTP = HttpClient.newHttpClient();

    /** What a gateway asks for a request that it got. */
    static final String QUESTION = "{\"key\": \"{token}\", \"method\": \"GET\", \"path\": \"/api/v1/orders\", \"ip\": \"203.0.113.7\"}";
    /** Takes nothing from a limit. */
    static final String LOOK = "{\"key\": \"{token}\", \"method\": \"GET\", \"path\": \"/api/v1/orders\", \"cost\": 0}";

    private static final Pattern VERDICTS = Pattern.compile("latchkey_verifications_total\\{code=\"(\\w+)\"} ([\\d.E]+)");

    private final List<LatchkeyProcess> processes = new ArrayList<>();

    static Replicas start(int count, Database database, String pepper, UnaryOperator<Launch> settings) {
        Replicas replicas = new Replicas();
        for (int i = 0; i < count; i++) {
            replicas.processes
                    .add(settings.apply(LatchkeyProcess.on(database).with("LATCHKEY_PEPPER", pepper)).start());
        }
        replicas.processes.forEach(LatchkeyProcess::awaitReady);
        return replicas;
    }

    LatchkeyProcess get(int index) {
        return processes.get(index);
    }

    List<LatchkeyProcess> all() {
        return processes;
    }

    List<Long> pids() {
        return processes.stream().map(LatchkeyProcess::pid).toList();
    }

    /** How many verdicts of each code they have given. */
    Map<String, Long> verdicts() throws IOException, InterruptedException {
        Map<String, Long> verdicts = new HashMap<>();
        for (LatchkeyProcess process : processes) {
            Matcher found = VERDICTS.matcher(metrics(process));
            while (found.find()) {
                verdicts.merge(found.group(1), (long) Double.parseDouble(found.group(2)), Long::sum);
            }
        }
        return verdicts;
    }

    static String metrics(LatchkeyProcess process) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(URI.create(process.baseUrl() + "/q/metrics")).build(),
                HttpResponse.BodyHandlers.ofString()).body();
    }

    @Override
    public void close() {
        processes.forEach(LatchkeyProcess::close);
    }
}
