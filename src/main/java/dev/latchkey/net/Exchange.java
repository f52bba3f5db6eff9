package dev.latchkey.net;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.net.OutboundOutcome.Code;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.Nullable;

/**
 * One request and its whole answer. Everything happens on one context, one step after the other: look up, dial, write, read
 * the head, read the body. One timer runs over all of it; whatever comes first ends it, and what comes later is dropped.
 */
final class Exchange {

    private static final String AGENT = "Latchkey";
    private static final Set<HttpMethod> WITH_BODY = Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);
    private static final int FIRST_FINAL_STATUS = 200;
    private static final long NO_TIMER = -1;

    /** What all of them share. */
    record Tools(Vertx vertx, Ways ways, Clients clients, Dialer dialer, Ticker ticker) {
    }

    private final Tools tools;
    private final OutboundRequest request;
    private final Context context;
    private final Consumer<OutboundOutcome> told;
    private final long begun;

    private long deadline = NO_TIMER;
    private boolean over;
    private boolean sent;
    private boolean again;
    private boolean reused;
    /** What is waited for, as the detail of a timeout names it. */
    private String step = Faults.DNS;
    private long stepBegun;
    private Phases phases = Phases.NONE;
    private @Nullable Dialling dialling;
    private @Nullable HttpClientRequest open;
    private final Buffer body = Buffer.buffer();

    /** @param told is called once at most, on the context */
    Exchange(Tools tools, OutboundRequest request, Context context, Consumer<OutboundOutcome> told) {
        this.tools = tools;
        this.request = request;
        this.context = context;
        this.told = told;
        this.begun = tools.ticker().read();
    }

    void begin() {
        context.runOnContext(here -> {
            if (over) {
                return;
            }
            deadline = tools.vertx().setTimer(request.limits().total().toMillis(), late -> timeUp());
            stepBegun = begun;
            tools.ways().to(request.to(), context).onSuccess(this::found)
                    .onFailure(fault -> end(Code.UNRESOLVED, null, null));
        });
    }

    private void timeUp() {
        if (dialling != null && dialling.isBusy()) {
            end(Code.BUSY, null, null);
        } else {
            end(Code.TIMEOUT, null, dialling != null && step.equals(Faults.CONNECT) ? dialling.step() : step);
        }
    }

    /** Nobody waits any more. */
    void cancel() {
        if (over) {
            return;
        }
        if (Vertx.currentContext() == context) {
            stop(false);
        } else {
            context.runOnContext(here -> {
                if (!over) {
                    stop(false);
                }
            });
        }
    }

    private void found(Ways.Way way) {
        if (over) {
            return;
        }
        if (way instanceof Ways.Shut shut) {
            end(shut.code(), null, shut.detail());
        } else if (way instanceof Ways.Open ways) {
            var dns = request.to().address() == null ? sinceStep() : null;
            phases = new Phases(dns, null, null, null);
            dial(request.repeatable() ? tools.clients().kept() : tools.clients().fresh(), ways.addresses());
        }
    }

    private void dial(HttpClient client, List<IpAddress> addresses) {
        begin(Faults.CONNECT);
        var options = new RequestOptions().setMethod(request.method()).setURI(request.to().target());
        dialling = tools.dialer().dial(client, request.to(), options, addresses, request.limits().connect(), context);
        dialling.end().onComplete(done -> {
            if (!over && done.succeeded()) {
                write(done.result(), addresses);
            } else if (!over) {
                notConnected(done.cause());
            }
        });
    }

    private void notConnected(Throwable fault) {
        var known = fault instanceof OutboundException expected ? expected : Faults.ofConnecting(fault, Faults.CONNECT);
        end(known.code(), null, known.detail());
    }

    private void write(Dialling.Dialled dialled, List<IpAddress> addresses) {
        var out = dialled.request();
        open = out;
        reused = dialled.stoodBefore();
        noteConnection(out);
        out.headers().set(HttpHeaders.USER_AGENT, AGENT);
        for (var header : request.headers()) {
            if (header.name().equalsIgnoreCase(HttpHeaders.USER_AGENT.toString())) {
                out.headers().remove(HttpHeaders.USER_AGENT);
            }
        }
        for (var header : request.headers()) {
            out.headers().add(header.name(), header.value());
        }
        // A process that was stopped between two steps finds its timer and its connection at once, and may take the connection
        // first. What is written then is written when its sender's claim to it may have ended.
        if (tools.ticker().read() - begun >= request.limits().total().toNanos()) {
            timeUp();
            return;
        }
        begin("head");
        sent = true;
        // What breaks is told by the answer that does not come; without a handler the client writes it into the log.
        out.exceptionHandler(told -> {
        });
        // A length of zero is said where a body could be expected: some servers refuse its absence (411).
        var content = request.body() == null && WITH_BODY.contains(request.method()) ? Buffer.buffer() : request.body();
        (content == null ? out.send() : out.send(content)).onSuccess(this::read).onFailure(fault -> failed(fault, addresses));
    }

    private void noteConnection(HttpClientRequest out) {
        if (reused) {
            return;
        }
        var channel = Clients.channel(out.connection());
        var connectedAt = channel == null ? null : channel.attr(TimedTls.CONNECTED_AT).get();
        var all = sinceStep();
        var tls = connectedAt == null ? null : Math.max(0, all - millis(connectedAt - stepBegun));
        phases = new Phases(phases.dnsMs(), tls == null ? all : Math.max(0, all - tls), tls, null);
    }

    private void read(HttpClientResponse answer) {
        if (over) {
            return;
        }
        phases = new Phases(phases.dnsMs(), phases.connectMs(), phases.tlsMs(), sinceStep());
        if (answer.statusCode() < FIRST_FINAL_STATUS) {
            end(Code.BROKEN, null, "malformed");
            return;
        }
        begin("body");
        answer.exceptionHandler(fault -> end(Code.BROKEN, null, "body"));
        answer.endHandler(whole -> answered(answer, false));
        answer.handler(part -> {
            var room = request.limits().maxBodyBytes() - body.length();
            if (!over && part.length() > room) {
                body.appendBuffer(part, 0, room);
                answered(answer, true);
            } else if (!over) {
                body.appendBuffer(part);
            }
        });
    }

    private void answered(HttpClientResponse answer, boolean truncated) {
        var headers = answer.headers().entries().stream().map(each -> new Header(each.getKey(), each.getValue())).toList();
        end(Code.ANSWERED, new OutboundAnswer(answer.statusCode(), headers, body, truncated), null);
    }

    /**
     * The head did not come. On a kept connection that says nothing: it may have been closed while the request was under way.
     */
    private void failed(Throwable fault, List<IpAddress> addresses) {
        if (over) {
            return;
        }
        if (reused && !again && request.repeatable() && Faults.isClosed(fault)) {
            again = true;
            dial(tools.clients().fresh(), addresses);
        } else {
            end(Code.BROKEN, null, Faults.ofHead(fault));
        }
    }

    private void end(Code code, @Nullable OutboundAnswer answer, @Nullable String detail) {
        if (over) {
            return;
        }
        stop(answer != null && !answer.truncated());
        var took = Duration.ofNanos(tools.ticker().read() - begun);
        told.accept(new OutboundOutcome(code, answer, sent, phases, took, detail));
    }

    /** @param whole the exchange is complete, and its connection good for another one */
    private void stop(boolean whole) {
        over = true;
        tools.vertx().cancelTimer(deadline);
        if (dialling != null) {
            dialling.giveUp();
        }
        if (!whole && open != null) {
            open.connection().close();
        }
    }

    private void begin(String next) {
        step = next;
        stepBegun = tools.ticker().read();
    }

    private double sinceStep() {
        return millis(tools.ticker().read() - stepBegun);
    }

    private static double millis(long nanos) {
        return (double) nanos / TimeUnit.MILLISECONDS.toNanos(1);
    }
}
