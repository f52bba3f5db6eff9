package dev.latchkey.bench;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import dev.latchkey.testing.Pause;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;

/**
 * Events published one by one, so many a second whatever becomes of them (an open loop), each to one of several endpoints in
 * turn.
 */
final class SteadyLoad {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Context context;
    private final HttpClient http;
    private final LatchkeyDispatcher latchkey;
    private final Endpoints endpoints;
    private final List<String> types;
    private final int rate;
    private int runs;

    /** @param types what the endpoints get, one each */
    SteadyLoad(Vertx vertx, LatchkeyDispatcher latchkey, Endpoints endpoints, List<String> types, int rate) {
        this.context = vertx.getOrCreateContext();
        this.http = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(64).setKeepAliveTimeout(0));
        this.latchkey = latchkey;
        this.endpoints = endpoints;
        this.types = types;
        this.rate = rate;
    }

    /**
     * What was seen, in sorted nanoseconds.
     *
     * @param accepted from just before the POST is sent to its 202
     * @param delivered from just before the POST is sent until the receiver has it all
     */
    record Seen(long[] accepted, long[] delivered) {

        static double millis(long[] nanos, double percent) {
            return nanos[(int) Math.min(nanos.length - 1, Math.round(nanos.length * percent / 100))] / 1e6;
        }

        double p95() {
            return millis(delivered, 95);
        }
    }

    Seen run(Duration duration) {
        int count = (int) (rate * duration.toSeconds());
        runs++;
        Arrivals arrivals = new Arrivals("steady" + runs, count, 1);
        endpoints.expect(arrivals);
        long[] begun = new long[count];
        long[] accepted = new long[count];
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            int event = i;
            Buffer body = Dispatcher.event(arrivals.id(i), types.get(i % types.size())).toBuffer();
            awaitTurn(begin + i * 1_000_000_000L / rate);
            context.runOnContext(now -> send(body, event, begun, accepted, answered, refused));
        }
        awaitAnswers(count, answered, refused);
        arrivals.awaitAll(PATIENCE);
        return new Seen(Arrays.stream(accepted).sorted().toArray(),
                IntStream.range(0, count).mapToLong(i -> arrivals.of(i) - begun[i]).sorted().toArray());
    }

    private static void awaitTurn(long at) {
        for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void send(Buffer body, int event, long[] begun, long[] accepted, AtomicInteger answered, AtomicInteger refused) {
        begun[event] = System.nanoTime();
        http.request(
                new RequestOptions().setMethod(HttpMethod.POST).setAbsoluteURI(URI.create(latchkey.url()) + "/api/v1/events")
                        .putHeader("X-API-Key", latchkey.key()).putHeader("Content-Type", "application/json"))
                .compose(request -> request.send(body)).onComplete(result -> {
                    accepted[event] = System.nanoTime() - begun[event];
                    if (result.failed() || result.result().statusCode() != 202) {
                        refused.incrementAndGet();
                    }
                    answered.incrementAndGet();
                });
    }

    private static void awaitAnswers(int count, AtomicInteger answered, AtomicInteger refused) {
        long begin = System.nanoTime();
        while (answered.get() < count && System.nanoTime() - begin < PATIENCE.toNanos()) {
            Pause.ofMillis(5);
        }
        if (answered.get() < count || refused.get() > 0) {
            throw new IllegalStateException(answered + " of " + count + " were answered, " + refused + " not by 202");
        }
    }
}
