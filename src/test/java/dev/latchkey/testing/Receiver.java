package dev.latchkey.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.KeyStoreOptions;
import org.jspecify.annotations.Nullable;

/**
 * A receiver of webhooks, on loopback, with connections that are kept open. All of a process share one event loop, so that
 * twenty of them cost little more than one. It does with each request what its {@link Behaviour} says, which may change while
 * it runs; counts how often each message came and was accepted, in little memory; and keeps the latest requests whole.
 */
public final class Receiver implements AutoCloseable {

    private static final Vertx LOOP = Vertx.vertx(
            new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1).setInternalBlockingPoolSize(1)
                    .setUseDaemonThread(true));
    private static final int KEPT = 1000;
    /** Of a count: how often it came, above how often it was accepted. */
    private static final int ONCE = 1 << 16;
    private static final int ACCEPTED = ONCE - 1;

    /**
     * A request, whole.
     *
     * @param headers by their names in lower case; of several of one name, the first
     * @param at when, {@link System#nanoTime}
     */
    public record Received(String method, String path, Map<String, String> headers, String body, long at) {

        /** {@code webhook-id}; empty where there is none. */
        public String id() {
            return headers.getOrDefault("webhook-id", "");
        }

        public long timestamp() {
            return Long.parseLong(headers.getOrDefault("webhook-timestamp", "-1"));
        }

        public String signature() {
            return headers.getOrDefault("webhook-signature", "");
        }

        /** Whether the public library of Standard Webhooks takes it for signed by that secret, within five minutes. */
        public boolean isSignedWith(String secret) {
            try {
                new Webhook(secret).verify(body,
                        headers.entrySet().stream()
                                .collect(Collectors.toMap(Map.Entry::getKey, each -> List.of(each.getValue()))));
                return true;
            } catch (WebhookVerificationException notIt) {
                return false;
            } catch (EmptyWebhookSecretException empty) {
                throw new IllegalArgumentException(empty);
            }
        }
    }

    private final HttpServerOptions options;
    private final Map<Object, Integer> times = new ConcurrentHashMap<>();
    private final Deque<Received> latest = new ArrayDeque<>();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong unverified = new AtomicLong();
    private final AtomicLong connections = new AtomicLong();
    private volatile Behaviour behaviour = Behaviour.healthy();
    private volatile int kept = KEPT;
    private volatile List<String> secrets = List.of();
    private @Nullable HttpServer server;

    private Receiver(HttpServerOptions options) {
        this.options = options.setHost("127.0.0.1").setPort(0).setReuseAddress(true).setTcpNoDelay(true).setAcceptBacklog(1000);
    }

    /** On a free port of 127.0.0.1, healthy. */
    public static Receiver start() {
        return new Receiver(new HttpServerOptions()).open();
    }

    /** The same by https, with that certificate. */
    public static Receiver start(KeyStoreOptions certificate) {
        return new Receiver(new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate)).open();
    }

    /** From now on. */
    public Receiver behaving(Behaviour chosen) {
        behaviour = chosen;
        return this;
    }

    /** How many of the latest requests are kept whole; 1000 unless it is said. */
    public Receiver keeping(int most) {
        kept = most;
        return this;
    }

    /** From now on counts what none of these has signed. */
    public Receiver verifying(String... with) {
        secrets = List.of(with);
        return this;
    }

    /** Closes its port and its connections: whoever calls is refused. */
    public synchronized Receiver shut() {
        if (server != null) {
            await(server.close());
            server = null;
            // The system listens on for the moment until the event loop has turned once more.
            Eventually.holds(() -> assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class));
        }
        return this;
    }

    private void connect() throws IOException {
        new Socket(InetAddress.getLoopbackAddress(), port()).close();
    }

    /** Opens the port again, the same one. */
    public synchronized Receiver open() {
        if (server == null) {
            HttpServer opening = LOOP.createHttpServer(options).connectionHandler(made -> connections.incrementAndGet())
                    .exceptionHandler(broken -> {
                    }).requestHandler(this::read);
            options.setPort(await(opening.listen()).actualPort());
            server = opening;
        }
        return this;
    }

    public int port() {
        return options.getPort();
    }

    public String url() {
        return (options.isSsl() ? "https" : "http") + "://127.0.0.1:" + port() + "/webhooks";
    }

    /** The latest requests, in order. */
    public List<Received> received() {
        synchronized (latest) {
            return List.copyOf(latest);
        }
    }

    /** The very latest one, once there is one. */
    public Received last() {
        Eventually.holds(() -> {
            if (received().isEmpty()) {
                throw new AssertionError("nothing was received");
            }
        });
        synchronized (latest) {
            return latest.getLast();
        }
    }

    /** Of all messages. */
    public long requests() {
        return requests.get();
    }

    /** That it has taken. */
    public long connections() {
        return connections.get();
    }

    /** Requests that none of the secrets had signed. */
    public long unverified() {
        return unverified.get();
    }

    /** How often a message came. */
    public int times(String id) {
        return times.getOrDefault(counted(id), 0) / ONCE;
    }

    /** How often it was answered with 200 to 299, to the end. */
    public int accepted(String id) {
        return times.getOrDefault(counted(id), 0) & ACCEPTED;
    }

    /** The ids of all messages that came. */
    public Set<String> ids() {
        return times.keySet().stream().map(Object::toString).collect(Collectors.toSet());
    }

    /** How many messages came. */
    public int messages() {
        return times.size();
    }

    /** How many came although they had been accepted before, at the least. */
    public long acceptedAgain() {
        return times.values().stream().mapToLong(count -> Math.max(0, (count & ACCEPTED) - 1)).sum();
    }

    private void read(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            String id = request.getHeader("webhook-id");
            Object counted = counted(id == null ? "" : id);
            requests.incrementAndGet();
            int time = times.merge(counted, ONCE, Integer::sum) / ONCE;
            keep(request, body);
            HttpServerResponse response = request.response();
            response.exceptionHandler(left -> {
            }).bodyEndHandler(written -> {
                if (response.getStatusCode() / 100 == 2 && !response.closed()) {
                    times.merge(counted, 1, Integer::sum);
                }
            });
            behaviour.answer(LOOP, request, time);
        });
    }

    private void keep(HttpServerRequest request, Buffer body) {
        if (kept == 0 && secrets.isEmpty()) {
            return;
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        request.headers().forEach(each -> headers.putIfAbsent(each.getKey().toLowerCase(Locale.ROOT), each.getValue()));
        Received received = new Received(request.method().name(), request.path(), headers, body.toString(), System.nanoTime());
        if (!secrets.isEmpty() && secrets.stream().noneMatch(received::isSignedWith)) {
            unverified.incrementAndGet();
        }
        synchronized (latest) {
            latest.add(received);
            while (latest.size() > kept) {
                latest.remove();
            }
        }
    }

    /** Most are UUIDs, which are smaller than their text. */
    private static Object counted(String id) {
        try {
            UUID uuid = UUID.fromString(id);
            return uuid.toString().equals(id) ? uuid : id;
        } catch (IllegalArgumentException other) {
            return id;
        }
    }

    private static <T> T await(Future<T> work) {
        try {
            return work.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        } catch (ExecutionException | TimeoutException fault) {
            throw new IllegalStateException(fault);
        }
    }

    @Override
    public void close() {
        shut();
    }
}
