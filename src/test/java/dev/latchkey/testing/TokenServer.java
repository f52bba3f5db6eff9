package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.Nullable;

/**
 * A token endpoint that rotates refresh tokens, plays the faults that it is told to, and writes down by itself each refresh
 * token that was presented to it. What it has committed it has committed, whoever gets the answer.
 */
public final class TokenServer implements AutoCloseable {

    static {
        // Otherwise its answers wait 40 ms for the caller's acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** What becomes of a refresh token that was used. */
    public enum Rotation {
        /** It stays. */
        NONE,
        /** It is dead, and presenting it once more kills the whole grant, as Keycloak does. */
        STRICT,
        /** It works until its successor is used, and gives the same successor. */
        GRACE
    }

    /** What it does with one request. */
    public interface Fault {

        /** Answers as it should. */
        static Fault none() {
            return new Play(true, Duration.ZERO, null, null, 1, null);
        }

        /** Commits, and closes the connection without a word. */
        static Fault commitThenDrop() {
            return new Play(true, Duration.ZERO, null, null, 0, null);
        }

        /** Closes the connection, and has not looked at anything. */
        static Fault drop() {
            return new Play(false, Duration.ZERO, null, null, 0, null);
        }

        /** Commits, and answers after that time. */
        static Fault slow(Duration time) {
            return new Play(true, time, null, null, 1, null);
        }

        /** Commits, and answers when it is let. */
        static Fault held(CountDownLatch until) {
            return new Play(true, Duration.ZERO, until, null, 1, null);
        }

        /** Commits, and breaks off in the middle of the answer. */
        static Fault halfABody() {
            return new Play(true, Duration.ZERO, null, null, 0.5, null);
        }

        /** Looks at nothing, and answers that. */
        static Fault answering(int status, String body) {
            return answering(status, body, null);
        }

        /** The same, and asks to be left alone for so many seconds. */
        static Fault answering(int status, String body, @Nullable Integer retryAfter) {
            return new Play(false, Duration.ZERO, null, new Answer(status, body), 1, retryAfter);
        }

        /** Commits, and answers in other words: {@code {access}} and {@code {refresh}} are filled in. */
        static Fault saying(String body) {
            return new Play(true, Duration.ZERO, null, new Answer(200, body), 1, null);
        }
    }

    private record Answer(int status, String body) {
    }

    /** @param share of the answer that is sent */
    private record Play(boolean commits, Duration time, @Nullable CountDownLatch until, @Nullable Answer answer, double share,
            @Nullable Integer retryAfter) implements Fault {
    }

    /**
     * A refresh token that was presented.
     *
     * @param at when, {@link System#nanoTime}
     * @param accepted whether it gave a pair
     */
    public record Presented(String token, long at, boolean accepted) {
    }

    /**
     * A pair as it was given.
     *
     * @param endsAt of the access token, {@link System#nanoTime}
     */
    public record Pair(String access, String refresh, long endsAt) {
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final TokenGrants grants = new TokenGrants();
    private final List<Presented> presented = new ArrayList<>();
    private final Deque<Fault> next = new ArrayDeque<>();
    private Fault always = Fault.none();
    private int underWay;
    private int mostAtOnce;
    private int clientRequests;

    private TokenServer(HttpServer server) {
        this.server = server;
    }

    /** On a free port of 127.0.0.1. */
    public static TokenServer start() {
        try {
            TokenServer started = new TokenServer(
                    HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000));
            started.server.createContext("/", started::answer);
            started.server.setExecutor(started.threads);
            started.server.start();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
    }

    /** From now on. */
    public synchronized TokenServer rotating(Rotation chosen) {
        grants.rotate(chosen);
        return this;
    }

    /** Of access tokens, from now on. */
    public synchronized TokenServer living(Duration chosen) {
        grants.live(chosen);
        return this;
    }

    /** One after the other, each for one request. */
    public synchronized TokenServer next(Fault... faults) {
        next.addAll(List.of(faults));
        return this;
    }

    /** From now on, when nothing else was said for a request. */
    public synchronized TokenServer always(Fault fault) {
        always = fault;
        return this;
    }

    /** A first refresh token of a new grant. */
    public synchronized String grant() {
        return grants.begin();
    }

    /** Withdraws the grant of that token, as its user would. */
    public synchronized void withdraw(String token) {
        grants.withdraw(token);
    }

    /** Everything that was presented, in order. */
    public synchronized List<Presented> presented() {
        return List.copyOf(presented);
    }

    /** How often each refresh token was presented. */
    public synchronized Map<String, Long> timesPresented() {
        return presented.stream().collect(Collectors.groupingBy(Presented::token, Collectors.counting()));
    }

    /** The pair that the grant of that token has given last; null: none. */
    public synchronized @Nullable Pair last(String token) {
        return grants.last(token);
    }

    /** The refresh token that is good now, of the grant of that one. */
    public synchronized String current(String token) {
        return grants.current(token);
    }

    public synchronized boolean isDead(String token) {
        return grants.isDead(token);
    }

    /** Of requests, however long they took. */
    public synchronized int mostAtOnce() {
        return mostAtOnce;
    }

    /** How many tokens were given for a client's own credentials. */
    public synchronized int clientRequests() {
        return clientRequests;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Play play;
            Answer answer;
            synchronized (this) {
                underWay++;
                mostAtOnce = Math.max(mostAtOnce, underWay);
                play = (Play) (next.isEmpty() ? always : next.remove());
                answer = answered(play, form(body));
            }
            try {
                pause(play);
                send(exchange, play, answer);
            } finally {
                synchronized (this) {
                    underWay--;
                }
            }
        }
    }

    private Answer answered(Play play, Map<String, String> asked) {
        if (!"refresh_token".equals(asked.get("grant_type"))) {
            clientRequests++;
            return play.commits() ? given(play, grants.pair(""))
                    : play.answer() == null ? new Answer(500, "") : play.answer();
        }
        String token = asked.getOrDefault("refresh_token", "");
        if (!play.commits()) {
            presented.add(new Presented(token, System.nanoTime(), false));
            return play.answer() == null ? new Answer(500, "") : play.answer();
        }
        Pair pair = grants.renew(token);
        presented.add(new Presented(token, System.nanoTime(), pair != null));
        return pair == null ? new Answer(400, "{\"error\": \"invalid_grant\"}") : given(play, pair);
    }

    private Answer given(Play play, Pair pair) {
        String body = play.answer() != null ? play.answer().body()
                : pair.refresh().isEmpty()
                        ? "{\"access_token\": \"{access}\", \"token_type\": \"Bearer\", \"expires_in\": {seconds}}"
                        : "{\"access_token\": \"{access}\", \"token_type\": \"Bearer\", \"expires_in\": {seconds}, \"refresh_token\": \"{refresh}\"}";
        return new Answer(200, body.replace("{access}", pair.access()).replace("{refresh}", pair.refresh())
                .replace("{seconds}", Long.toString(grants.lifetime().toSeconds())));
    }

    private static void pause(Play play) {
        try {
            if (play.until() != null) {
                play.until().await(1, TimeUnit.MINUTES);
            }
            Pause.of(play.time());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, Play play, Answer answer) throws IOException {
        if (play.share() == 0) {
            return;
        }
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type",
                answer.body().startsWith("<") ? "text/html"
                        : answer.body().startsWith("{") ? "application/json"
                                : "application/x-www-form-urlencoded");
        if (play.retryAfter() != null) {
            exchange.getResponseHeaders().set("Retry-After", play.retryAfter().toString());
        }
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body, 0, (int) (body.length * play.share()));
        exchange.getResponseBody().flush();
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : body.split("&")) {
            String[] halves = pair.split("=", 2);
            form.put(halves[0], halves.length < 2 ? "" : URLDecoder.decode(halves[1], StandardCharsets.UTF_8));
        }
        return form;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
