package dev.latchkey.proxy;

import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;

import dev.latchkey.net.OutboundException;
import dev.latchkey.net.OutboundStream;
import dev.latchkey.web.StreamedBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to a provider, and the answer on its way back.
 *
 * <p>
 * <b>Invariant:</b> a body is held in no more memory than the buffers of its two connections. Whoever reads slowly is written
 * to slowly, and the other side is not read from meanwhile ({@code Pipe}); a side that goes takes the other one along, so that
 * neither an upload that broke off nor half an answer ever looks whole to whom it is passed on. Whatever stands still for too
 * long is ended by one timer.
 *
 * <p>
 * <b>Invariant:</b> the caller gets either the provider's answer or a problem of ours, and nothing of the other. From the
 * moment at which the provider's head is put on the answer, whatever goes wrong ends the connection: the head itself may be
 * written later, and a problem would then go out under the provider's length.
 *
 * <p>
 * Everything happens in the context of the caller's connection.
 */
final class Forwarding {

    private static final Set<HttpMethod> WITH_BODY = Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);
    /** RFC 9110 section 9.2.2. */
    private static final Set<HttpMethod> IDEMPOTENT = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS,
            HttpMethod.PUT, HttpMethod.DELETE);
    private static final long NO_TIMER = -1;
    private static final int FIRST_FINAL = 200;
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;

    /**
     * What became of it.
     *
     * @param status of the provider; 0 where it gave none
     */
    record Result(Outcome outcome, int status) {
    }

    /** What is told while it is under way. */
    interface Meter {
        void uploaded(int bytes);

        void downloaded(int bytes);
    }

    private final Incoming incoming;
    private final RoutingContext routing;
    private final Supplier<Future<OutboundStream>> opening;
    private final HttpServerRequest asked;
    private final HttpServerResponse answer;
    private final ProxyHeaders headers;
    private final ProxyConfig config;
    private final Meter meter;
    private final Promise<Result> end = Promise.promise();

    private @Nullable OutboundStream stream;
    private @Nullable HttpClientRequest sent;
    private boolean isRepeatable;
    private boolean uploaded;
    private boolean answering;
    private int status;
    private long movedAt;
    private long timer = NO_TIMER;

    /** @param opening a request to the provider with its method and target */
    Forwarding(Incoming incoming, Supplier<Future<OutboundStream>> opening, ProxyHeaders headers, ProxyConfig config,
            Meter meter) {
        this.incoming = incoming;
        this.routing = incoming.routing();
        this.asked = routing.request();
        this.answer = routing.response();
        this.headers = headers;
        this.config = config;
        this.meter = meter;
        this.opening = opening;
        this.isRepeatable = IDEMPOTENT.contains(asked.method());
    }

    /**
     * Sends it on, unless its caller has gone meanwhile.
     *
     * @return fails with a {@link Refused} as long as nothing was answered; whatever goes wrong later ends the connection
     */
    Future<Result> run() {
        incoming.onLeaving(this::leave);
        if (!end.future().isComplete()) {
            open();
        }
        return end.future().onComplete(over -> routing.vertx().cancelTimer(timer));
    }

    private void open() {
        opening.get().onComplete(opened -> {
            if (opened.succeeded()) {
                stream = opened.result();
                guarded(() -> send(opened.result().request()));
            } else {
                refuse(opened.cause());
            }
        });
    }

    /** What is thrown, as for a header that cannot be said in the other version of the protocol, is not waited for. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            if (answering) {
                cut(Outcome.BROKEN);
            } else {
                refuse(Outcome.BROKEN);
            }
        }
    }

    private void send(HttpClientRequest request) {
        sent = request;
        // What breaks is told by the answer that does not come; without a handler the client writes it into the log.
        request.exceptionHandler(told -> {
        });
        if (end.future().isComplete()) {
            request.reset();
            return;
        }
        move();
        if (timer == NO_TIMER) {
            watch(config.firstByte().compareTo(config.idle()) < 0 ? config.firstByte() : config.idle());
        }
        headers.send(asked.headers(), request.headers());
        request.response().onSuccess(head -> guarded(() -> answer(head))).onFailure(this::fail);
        String announced = StreamedBody.announced(routing);
        boolean streamed = asked.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                || asked.version() == HttpVersion.HTTP_2 && announced == null && WITH_BODY.contains(asked.method());
        if (announced != null) {
            request.putHeader(HttpHeaders.CONTENT_LENGTH, announced);
        }
        if (streamed || announced != null && !announced.equals("0")) {
            isRepeatable = false;
            upload(request.setChunked(announced == null));
        } else {
            uploaded = true;
            request.end();
            asked.resume();
        }
    }

    private void upload(HttpClientRequest request) {
        if ("100-continue".equalsIgnoreCase(asked.getHeader(HttpHeaders.EXPECT))) {
            answer.writeContinue();
        }
        // That it breaks off is told by whichever side went: the caller to the handler of the end, the provider by its answer.
        new Watched(asked, bytes -> {
            move();
            meter.uploaded(bytes);
        }).pipe().endOnFailure(false).to(request).onSuccess(done -> {
            uploaded = true;
            move();
        });
    }

    private void answer(HttpClientResponse head) {
        if (end.future().isComplete()) {
            return;
        }
        // As long as nobody reads it, what breaks it is told to no one else, and logged.
        head.exceptionHandler(told -> {
        });
        if (head.statusCode() < FIRST_FINAL) {
            // The true one is still to come: nobody may be given this connection.
            refuse(Outcome.BROKEN);
            return;
        }
        answering = true;
        status = head.statusCode();
        move();
        answer.setStatusCode(status);
        headers.answer(head.headers(), answer.headers());
        if (asked.method().equals(HttpMethod.HEAD) || status == NO_CONTENT || status == NOT_MODIFIED) {
            head.resume();
            answer.end().onSuccess(told -> finish()).onFailure(this::fail);
            return;
        }
        if (!isMeasured()) {
            answer.setChunked(true);
        }
        // The head now, since the first piece may come much later, or never.
        answer.write(Buffer.buffer());
        new Watched(head, bytes -> {
            move();
            meter.downloaded(bytes);
        }).pipe().endOnFailure(false).to(answer).onSuccess(done -> finish()).onFailure(this::fail);
    }

    private boolean isMeasured() {
        return answer.headers().contains(HttpHeaders.CONTENT_LENGTH);
    }

    private void finish() {
        if (!uploaded && sent != null) {
            // The provider has said what it had to say, and wants no more.
            sent.reset();
        }
        end.tryComplete(new Result(Outcome.ANSWERED, status));
        if (asked.version() == HttpVersion.HTTP_1_0 && !isMeasured()) {
            // Only its end says where the body ends, and the server would keep it where the caller asks for that.
            asked.connection().close();
        }
    }

    private void leave() {
        cut(Outcome.LEFT);
    }

    private void fail(Throwable fault) {
        if (answer.closed()) {
            leave();
        } else if (answering) {
            cut(Outcome.BROKEN);
        } else if (isRepeatable && !end.future().isComplete() && stream != null && stream.wasClosedMeanwhile(fault)) {
            // A connection that was kept open is closed by the other side just when it is used. What can be sent twice is.
            isRepeatable = false;
            open();
        } else {
            refuse(fault);
        }
    }

    /** Ends both connections, since nothing else tells either side that what it has is not the whole. */
    private void cut(Outcome outcome) {
        if (end.tryComplete(new Result(outcome, status))) {
            if (sent != null) {
                sent.reset();
            }
            if (!answer.closed()) {
                answer.reset();
            }
        }
    }

    private void refuse(Throwable fault) {
        if (fault instanceof OutboundException unopened) {
            refuse(switch (unopened.code()) {
                case TIMEOUT -> Outcome.TIMEOUT;
                case BROKEN -> Outcome.BROKEN;
                case BUSY -> Outcome.BUSY;
                case ANSWERED, BLOCKED, UNRESOLVED, UNREACHABLE, TLS -> Outcome.UNREACHABLE;
            });
        } else {
            refuse(Outcome.BROKEN);
        }
    }

    private void refuse(Outcome outcome) {
        if (answer.closed()) {
            cut(Outcome.LEFT);
        } else if (end.tryFail(new Refused(outcome)) && sent != null) {
            sent.reset();
        }
    }

    private void move() {
        movedAt = System.nanoTime();
    }

    private void watch(Duration after) {
        timer = routing.vertx().setTimer(Math.max(1, after.toMillis()), tick -> look());
    }

    private void look() {
        Duration patience = uploaded && !answering ? config.firstByte() : config.idle();
        Duration left = patience.minusNanos(System.nanoTime() - movedAt);
        if (left.toMillis() > 0) {
            watch(left);
        } else if (answering) {
            cut(answer.writeQueueFull() ? Outcome.LEFT : Outcome.TIMEOUT);
        } else {
            boolean isCallerLate = !uploaded && sent != null && !sent.writeQueueFull();
            refuse(isCallerLate ? Outcome.LEFT : Outcome.TIMEOUT);
        }
    }
}
