package dev.latchkey.bench;

import static dev.latchkey.bench.Measured.millis;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.latchkey.testing.LatchkeyProcess;

/** A list of keys, narrowed somehow, and what it took in each round of those that are measured together. */
final class TimedList {

    private static final Pattern NEXT = Pattern.compile("\"nextCursor\":\"([^\"]+)\"");

    private final String name;
    private final String query;
    private final boolean paged;
    private final long[] nanos;
    private long found;
    private String cursor = "";

    /** @param query behind the path of keys */
    TimedList(String name, String query, int rounds) {
        this(name, query, rounds, false);
    }

    /** @param paged whether each round takes the next page: a further one is to take no longer than the first */
    TimedList(String name, String query, int rounds, boolean paged) {
        this.name = name;
        this.query = query;
        this.paged = paged;
        this.nanos = new long[rounds];
    }

    /**
     * Asks for all of them in turn, one request after the other, so that whatever else the machine does falls on all alike.
     *
     * @param warm rounds before those that count
     * @param item what each item of a page has once
     */
    static void measure(LatchkeyProcess replica, String caller, List<TimedList> lists, int warm, Pattern item)
            throws IOException, InterruptedException {
        int rounds = lists.get(0).nanos.length;
        for (int round = -warm; round < rounds; round++) {
            for (TimedList list : lists) {
                list.ask(replica, caller, round, item);
            }
        }
    }

    private void ask(LatchkeyProcess replica, String caller, int round, Pattern item) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        HttpResponse<String> answer = Replicas.HTTP.send(
                HttpRequest.newBuilder(URI.create(replica.baseUrl() + "/api/v1/keys" + query + cursor))
                        .header("X-API-Key", caller).build(),
                HttpResponse.BodyHandlers.ofString());
        long took = System.nanoTime() - begin;
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(query + " answered " + answer.statusCode() + ": " + answer.body());
        }
        if (round >= 0) {
            nanos[round] = took;
        }
        found = item.matcher(answer.body()).results().count();
        if (paged) {
            Matcher next = NEXT.matcher(answer.body());
            cursor = next.find() ? "&cursor=" + next.group(1) : "";
        }
    }

    String name() {
        return name;
    }

    String query() {
        return query;
    }

    /** Items on the last page. */
    long found() {
        return found;
    }

    /** Milliseconds. */
    double percentile(int percent) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return millis(Duration.ofNanos(sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)]));
    }
}
