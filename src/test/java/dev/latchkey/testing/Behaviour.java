package dev.latchkey.testing;

import java.time.Duration;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** What a {@link Receiver} does with a request that it has read to its end. */
@FunctionalInterface
public interface Behaviour {

    /**
     * On the event loop of the receivers, which nothing may hold up.
     *
     * @param vertx for timers
     * @param time how often this message has come by now, this time included
     */
    void answer(Vertx vertx, HttpServerRequest request, int time);

    /** 200, and a short text. */
    static Behaviour healthy() {
        return answering(200, "ok");
    }

    /** That status, and that text. */
    static Behaviour answering(int status, String body) {
        return (vertx, request, time) -> request.response().setStatusCode(status).end(body);
    }

    /** That status. */
    static Behaviour failing(int status) {
        return answering(status, "no");
    }

    /** Wants nothing any more. */
    static Behaviour gone() {
        return failing(410);
    }

    /** 503 to each message, so many times, and healthy from then on. */
    static Behaviour failingTimes(int times) {
        return (vertx, request, time) -> (time <= times ? failing(503) : healthy()).answer(vertx, request, time);
    }

    /** Healthy after that time. */
    static Behaviour slow(Duration pause) {
        return (vertx, request, time) -> vertx.setTimer(Math.max(1, pause.toMillis()),
                over -> healthy().answer(vertx, request, time));
    }

    /** Takes the request, and never answers. */
    static Behaviour hanging() {
        return (vertx, request, time) -> {
        };
    }

    /** Begins to answer 200, and never ends. */
    static Behaviour hangingBody() {
        return (vertx, request, time) -> request.response().putHeader("Content-Length", "1000").write("half of");
    }

    /** Answers 200, and goes on with one byte each time. */
    static Behaviour dripping(Duration pause) {
        return (vertx, request, time) -> {
            HttpServerResponse response = request.response().setChunked(true);
            response.write(".");
            long drops = vertx.setPeriodic(Math.max(1, pause.toMillis()), again -> {
                if (!response.closed()) {
                    response.write(".");
                }
            });
            response.closeHandler(left -> vertx.cancelTimer(drops));
        };
    }

    /** 302 to there. */
    static Behaviour redirecting(String location) {
        return (vertx, request, time) -> request.response().setStatusCode(302).putHeader("Location", location).end();
    }

    /** By turns 503 for one time, and healthy for another. */
    static Behaviour flapping(Duration sick, Duration well) {
        long begin = System.nanoTime();
        return (vertx, request, time) -> {
            long turn = (System.nanoTime() - begin) % (sick.toNanos() + well.toNanos());
            (turn < sick.toNanos() ? failing(503) : healthy()).answer(vertx, request, time);
        };
    }

    /** Takes the request, and closes the connection without a word. */
    static Behaviour closing() {
        return (vertx, request, time) -> request.connection().close();
    }

    /** 200, and so many bytes. */
    static Behaviour oversized(int bytes) {
        Buffer body = Buffer.buffer("x".repeat(bytes));
        return (vertx, request, time) -> request.response().end(body);
    }

    /** That status, and asks not to be called for so many seconds. */
    static Behaviour retryAfter(int status, int seconds) {
        return (vertx, request, time) -> request.response().setStatusCode(status)
                .putHeader("Retry-After", Integer.toString(seconds)).end();
    }
}
