package dev.latchkey.replica;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Pause;
import org.jspecify.annotations.NullUnmarked;

/** Verifies keys on all replicas while it changes them, and writes everything down. */
@NullUnmarked
final class Workload {

    static final int WINDOW_SECONDS = 2;

    private static final int BURST = 40;
    private static final int FEW = 2;
    private static final int LATE_MILLIS = 500;
    private static final int REPEATS = 4;
    /** One of so many changes of a key is its last. */
    private static final int REVOCATIONS = 12;
    private static final int ASKED_AFTERWARDS_MILLIS = 400;
    private static final String UNTOUCHED = "{\"name\":\"k\",\"scopes\":[],\"access\":{\"type\":\"all\"},\"rateLimit\":null,\"metadata\":{\"v\":0}}";
    private static final int VERIFIERS = 6;
    private static final int[] LIMITS = { 40, 15, 25 };
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern VERSION = Pattern.compile("\"v\":(\\d+)");

    private final Fleet fleet;
    private final long seed;
    private final int keyCount;
    private final int limitedCount;
    private final int editors;
    private final History history = new History();
    private final AtomicInteger unavailable = new AtomicInteger();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2)).build();
    private final List<Thread> threads = new ArrayList<>();
    /** A revoked key is followed by a new one. */
    private final List<Key> keys = new CopyOnWriteArrayList<>();
    private final List<Key> limited = new ArrayList<>();
    private String verifier;
    private volatile boolean ended;
    private volatile RuntimeException defect;

    /**
     * @param keys how many keys' versions are asked for
     * @param limited how many keys have a limit
     * @param editors how many replicas, from the first on, are asked to change them; 0: nothing is changed
     */
    Workload(Fleet fleet, long seed, int keys, int limited, int editors) {
        this.fleet = fleet;
        this.seed = seed;
        this.keyCount = keys;
        this.limitedCount = limited;
        this.editors = editors;
    }

    private record Key(String id, String token) {

        static Key of(String created) {
            return new Key(created.replaceAll("(?s)^\\{\"id\":\"([^\"]+)\".*", "$1"),
                    created.replaceAll("(?s).*\"key\":\"([^\"]+)\".*", "$1"));
        }
    }

    void begin() {
        verifier = create(
                "{\"name\":\"gateway\",\"scopes\":[\"keys:verify\"],\"access\":{\"type\":\"all\"},\"rateLimit\":null}").token;
        for (int i = 0; i < keyCount; i++) {
            keys.add(create(UNTOUCHED));
        }
        for (int i = 0; i < limitedCount; i++) {
            limited.add(create(
                    "{\"name\":\"l\",\"scopes\":[],\"access\":{\"type\":\"all\"},\"rateLimit\":" + limit(LIMITS[0]) + "}"));
            history.add(new History.Limit(limited.get(i).id, LIMITS[0], 0, 0));
        }
        for (int i = 0; i < VERIFIERS; i++) {
            Random random = new Random(seed + i);
            start(() -> verify(random));
        }
        if (editors > 0) {
            beginEditing();
        }
    }

    private void beginEditing() {
        for (int i = 0; i < keyCount; i++) {
            int slot = i;
            Random random = new Random(seed + 100 + slot);
            long[] version = { 0 };
            start(() -> {
                Pause.ofMillis(random.nextInt(200));
                if (random.nextInt(REVOCATIONS) == 0) {
                    revoke(keys.get(slot), random);
                    Pause.ofMillis(ASKED_AFTERWARDS_MILLIS);
                    keys.set(slot, successor(keys.get(slot)));
                    version[0] = 0;
                } else {
                    edit(keys.get(slot), ++version[0], random);
                }
            });
        }
        for (Key key : limited) {
            Random random = new Random(seed + key.id.hashCode());
            int[] turn = { 0 };
            start(() -> editLimit(key, LIMITS[++turn[0] % LIMITS.length], random));
        }
    }

    int unavailable() {
        return unavailable.get();
    }

    void until(int operations, Duration patience) {
        long begin = System.nanoTime();
        while (history.operations() < operations && System.nanoTime() - begin < patience.toNanos()) {
            Pause.ofMillis(100);
        }
    }

    void untilFound(Predicate<History> violation, Duration patience) {
        long begin = System.nanoTime();
        while (!violation.test(history)) {
            if (System.nanoTime() - begin > patience.toNanos()) {
                throw new AssertionError("nothing was found in " + history.operations() + " operations");
            }
            Pause.ofMillis(500);
        }
    }

    History end() {
        ended = true;
        for (Thread thread : threads) {
            try {
                thread.join(PATIENCE.toMillis() * 3);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        if (defect != null) {
            throw defect;
        }
        return history;
    }

    private void start(Runnable step) {
        Thread thread = new Thread(() -> {
            while (!ended) {
                try {
                    step.run();
                } catch (RuntimeException unexpected) {
                    defect = unexpected;
                    return;
                }
            }
        }, "workload");
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /**
     * Limited keys come in bursts. Every other window is used up; the others are quiet until shortly before their end, so that
     * replicas hold tokens when the next one begins.
     */
    private void verify(Random random) {
        boolean ofLimit = keyCount == 0 || limitedCount > 0 && random.nextInt(BURST) == 0;
        if (!ofLimit) {
            verify(keys.get(random.nextInt(keyCount)), false, random.nextInt(fleet.size()));
            return;
        }
        Key key = limited.get(random.nextInt(limitedCount));
        long millis = now() / 1_000 % (2_000 * WINDOW_SECONDS) - 1_000 * WINDOW_SECONDS;
        if (millis >= 0) {
            Pause.ofMillis(Math.max(0, 1_000 * WINDOW_SECONDS - millis - random.nextInt(LATE_MILLIS)));
        }
        for (int i = 0; i < (millis >= 0 ? FEW : BURST) && !ended; i++) {
            verify(key, true, random.nextInt(fleet.size()));
        }
        Pause.ofMillis(random.nextInt(100));
    }

    private void verify(Key key, boolean ofLimit, int replica) {
        long began = now();
        HttpResponse<String> answer = send(replica, "POST", "/api/v1/keys/verify", null, "{\"key\":\"" + key.token + "\"}");
        long ended = now();
        if (answer == null || answer.statusCode() != 200) {
            unavailable.incrementAndGet();
            if (answer != null && answer.statusCode() != 503) {
                history.addUnexpected(answer.statusCode() + " " + answer.body());
            }
            Pause.ofMillis(5);
        } else if (ofLimit) {
            if (answer.body().contains("\"code\":\"VALID\"")) {
                history.add(new History.Admitted(key.id, began, ended, replica));
            }
        } else {
            history.add(new History.Judged(key.id, versionOf(answer.body()), began, ended, replica));
        }
    }

    private long versionOf(String verdict) {
        Matcher found = VERSION.matcher(verdict);
        long version = found.find() ? Long.parseLong(found.group(1)) : -1;
        if (verdict.contains("\"code\":\"REVOKED\"")) {
            return History.REVOKED;
        }
        if (version >= 0 && verdict.contains("\"valid\":true") != (version % 2 == 0)) {
            history.addUnexpected("half of a change: " + verdict);
        }
        return version;
    }

    /**
     * With If-Match, so that a request that was given up cannot be carried out after a later one. Now and then the same once
     * more, on whatever replica: what changes nothing any more promises the same as what did.
     */
    private void edit(Key key, long version, Random random) {
        do {
            String tag = tag(key);
            long began = now();
            HttpResponse<String> answer = send(random.nextInt(editors), "PATCH", "/api/v1/keys/" + key.id, tag,
                    "{\"active\":" + (version % 2 == 0) + ",\"metadata\":{\"v\":" + version + "}}");
            history.add(new History.Change(key.id, version, began, inForce(answer)));
        } while (!ended && random.nextInt(REPEATS) == 0);
    }

    private void revoke(Key key, Random random) {
        do {
            String tag = tag(key);
            long began = now();
            HttpResponse<String> answer = send(random.nextInt(editors), "POST", "/api/v1/keys/" + key.id + "/revoke", tag,
                    "{}");
            history.add(new History.Change(key.id, History.REVOKED, began, inForce(answer)));
        } while (!ended && random.nextInt(REPEATS) == 0);
    }

    /** A new key from some replica that answers; the same where nobody does any more. */
    private Key successor(Key key) {
        for (int i = 0; !ended; i++) {
            HttpResponse<String> answer = send(i % fleet.size(), "POST", "/api/v1/keys", null, UNTOUCHED);
            if (answer != null && answer.statusCode() == 201) {
                return Key.of(answer.body());
            }
            Pause.ofMillis(50);
        }
        return key;
    }

    private void editLimit(Key key, int limit, Random random) {
        Pause.ofMillis(1_000 + random.nextInt(3_000));
        String tag = tag(key);
        long began = now();
        HttpResponse<String> answer = send(random.nextInt(editors), "PATCH", "/api/v1/keys/" + key.id, tag,
                "{\"rateLimit\":" + limit(limit) + "}");
        history.add(new History.Limit(key.id, limit, began, inForce(answer)));
    }

    private static String limit(int limit) {
        return "{\"limit\":" + limit + ",\"window\":\"PT" + WINDOW_SECONDS + "S\"}";
    }

    private static long inForce(HttpResponse<String> answer) {
        if (answer == null || answer.statusCode() >= 300) {
            return Long.MAX_VALUE;
        }
        if (answer.statusCode() == 202) {
            String by = answer.body().replaceAll("(?s).*\"effectiveBy\":\"([^\"]+)\".*", "$1");
            return Math.max(now(), ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(by)));
        }
        return now();
    }

    /** The key's version as some replica that answers reads it. */
    private String tag(Key key) {
        for (int i = 0; !ended; i++) {
            HttpResponse<String> answer = send(i % fleet.size(), "GET", "/api/v1/keys/" + key.id, null, null);
            if (answer != null && answer.statusCode() == 200) {
                return answer.headers().firstValue("ETag").orElseThrow();
            }
            Pause.ofMillis(50);
        }
        return "\"none\"";
    }

    private Key create(String body) {
        HttpResponse<String> answer = send(0, "POST", "/api/v1/keys", null, body);
        if (answer == null || answer.statusCode() != 201) {
            throw new AssertionError("cannot create a key: " + (answer == null ? "no answer" : answer.body()));
        }
        return Key.of(answer.body());
    }

    private HttpResponse<String> send(int replica, String method, String path, String ifMatch, String body) {
        LatchkeyProcess process = fleet.replica(replica);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(process.baseUrl() + path)).timeout(PATIENCE)
                .header("Content-Type", "application/json").method(method, body == null ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body));
        if (path.endsWith("/verify")) {
            request.header("X-API-Key", verifier);
        } else {
            request.header("Authorization", "Bearer " + process.token("acme", "ana", "owner", "platform"));
        }
        if (ifMatch != null) {
            request.header("If-Match", ifMatch);
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException away) {
            return null;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long now() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
}
