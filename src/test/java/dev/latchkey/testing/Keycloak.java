package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * A real Keycloak, from Maven Central, in a process of its own with a database of its own: for connecting and renewing against
 * what nobody here has written. Built once below {@code target}, which takes a minute or two.
 */
public final class Keycloak implements AutoCloseable {

    public static final String VERSION = "26.7.3";
    public static final String REALM = "marketplace";

    private static final Path UNPACKED = Path.of("target", "keycloak");
    private static final Path HOME = UNPACKED.resolve("keycloak-" + VERSION).toAbsolutePath();
    private static final Duration START = Duration.ofMinutes(6);
    private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NEVER).build();

    private final Process process;
    private final Path output;
    private final int port;
    private final String password;

    private Keycloak(Process process, Path output, int port, String password) {
        this.process = process;
        this.output = output;
        this.port = port;
        this.password = password;
    }

    /** Starts it and waits until it answers. */
    public static Keycloak start() {
        try {
            install();
            int port = FreePort.draw();
            String password = UUID.randomUUID().toString();
            Path output = Files.createTempFile("keycloak", ".log");
            Process process = run(output,
                    Map.of("KC_BOOTSTRAP_ADMIN_USERNAME", "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD", password,
                            "JAVA_OPTS_KC_HEAP", "-Xms128m -Xmx512m", "KC_DB_URL",
                            "jdbc:h2:mem:" + UUID.randomUUID() + ";NON_KEYWORDS=VALUE;DB_CLOSE_DELAY=-1"),
                    HOME, "bin/kc.sh", "start", "--optimized",
                    "--http-enabled=true", "--http-host=127.0.0.1", "--http-port=" + port, "--hostname-strict=false");
            Keycloak started = new Keycloak(process, output, port, password);
            Runtime.getRuntime().addShutdownHook(new Thread(started::close, "keycloak-stop"));
            started.await();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void install() throws IOException {
        Path built = HOME.resolve("latchkey-built");
        if (Files.exists(built)) {
            return;
        }
        unpack(UNPACKED);
        toEnd(HOME, "bin/kc.sh", "build", "--db=dev-mem", "--cache=local", "--health-enabled=false");
        Files.writeString(built, VERSION);
    }

    /**
     * The distribution, not built yet.
     *
     * @return where it is
     */
    public static Path unpack(Path into) throws IOException {
        toEnd(Path.of("").toAbsolutePath(), "./mvnw", "-q", "-B", "dependency:unpack",
                "-Dartifact=org.keycloak:keycloak-quarkus-dist:" + VERSION + ":zip",
                "-DoutputDirectory=" + into.toAbsolutePath());
        Path home = into.resolve("keycloak-" + VERSION).toAbsolutePath();
        home.resolve("bin/kc.sh").toFile().setExecutable(true);
        return home;
    }

    private static void toEnd(Path directory, String... command) throws IOException {
        Path output = Files.createTempFile("keycloak", ".log");
        try {
            if (run(output, Map.of(), directory, command).waitFor() != 0) {
                throw new IllegalStateException(List.of(command) + ":\n" + Files.readString(output));
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Process run(Path output, Map<String, String> environment, Path directory, String... command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private void await() throws IOException {
        long begin = System.nanoTime();
        while (!isUp()) {
            try {
                if (process.waitFor(500, TimeUnit.MILLISECONDS) || System.nanoTime() - begin > START.toNanos()) {
                    close();
                    throw new IllegalStateException("Keycloak does not start:\n" + Files.readString(output));
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private boolean isUp() {
        try {
            return HTTP
                    .send(HttpRequest.newBuilder(URI.create(url() + "/realms/master")).timeout(Duration.ofSeconds(5)).build(),
                            BodyHandlers.discarding())
                    .statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** What the realm says that it is. */
    public String issuer() {
        return url() + "/realms/" + REALM;
    }

    /** A realm that gives each refresh token for one use, and ends the whole session where one is used twice. */
    public void createRealm(Duration accessTokenLifetime) {
        admin("POST", "/admin/realms", new JsonObject().put("realm", REALM).put("enabled", true).put("sslRequired", "none")
                .put("accessTokenLifespan", accessTokenLifetime.toSeconds()).put("revokeRefreshToken", true)
                .put("refreshTokenMaxReuse", 0));
    }

    /** A confidential client that has to use PKCE and is sent back there. */
    public void createClient(String id, String secret, String redirectUri) {
        admin("POST", "/admin/realms/" + REALM + "/clients", new JsonObject().put("clientId", id).put("secret", secret)
                .put("publicClient", false).put("standardFlowEnabled", true)
                .put("redirectUris", new JsonArray().add(redirectUri))
                .put("attributes", new JsonObject().put("pkce.code.challenge.method", "S256")));
    }

    /** Someone who can sign in, and need not fill in anything more. */
    public void createUser(String name, String secret) {
        admin("POST", "/admin/realms/" + REALM + "/users", new JsonObject().put("username", name).put("enabled", true)
                .put("email", name + "@example.com").put("emailVerified", true).put("firstName", name).put("lastName", "Test")
                .put("credentials", new JsonArray()
                        .add(new JsonObject().put("type", "password").put("value", secret).put("temporary", false))));
    }

    /** Ends all sessions of someone, as he does who withdraws what he has granted. */
    public void signOut(String name) {
        JsonArray users = new JsonArray(admin("GET", "/admin/realms/" + REALM + "/users?exact=true&username=" + name, null));
        admin("POST", "/admin/realms/" + REALM + "/users/" + users.getJsonObject(0).getString("id") + "/logout", null);
    }

    private String admin(String method, String path, @Nullable JsonObject body) {
        String token = new JsonObject(send(HttpRequest
                .newBuilder(URI.create(url() + "/realms/master/protocol/openid-connect/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("grant_type=password&client_id=admin-cli&username=admin&password=" + password))
                .build()).body()).getString("access_token");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path)).header("Authorization",
                "Bearer " + token);
        request = body == null ? request.method(method, BodyPublishers.noBody())
                : request.header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body.encode()));
        return send(request.build()).body();
    }

    /**
     * Someone signs in through the login page and agrees, like a browser.
     *
     * @param authorizationUrl where he is sent to
     * @return where he is sent back to
     */
    public String signIn(String authorizationUrl, String name, String secret) {
        Map<String, String> cookies = new HashMap<>();
        HttpResponse<String> page = visit(HttpRequest.newBuilder(URI.create(authorizationUrl)).GET(), cookies);
        Matcher form = Pattern.compile("action=\"([^\"]+)\"").matcher(page.body());
        if (page.statusCode() != 200 || !form.find()) {
            throw new IllegalStateException("no login page: " + page.statusCode() + " " + page.body());
        }
        HttpResponse<String> signedIn = visit(HttpRequest.newBuilder(URI.create(form.group(1).replace("&amp;", "&")))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("username=" + encoded(name) + "&password=" + encoded(secret))), cookies);
        return signedIn.headers().firstValue("Location")
                .orElseThrow(() -> new IllegalStateException("not signed in: " + signedIn.body()));
    }

    private static HttpResponse<String> visit(HttpRequest.Builder request, Map<String, String> cookies) {
        if (!cookies.isEmpty()) {
            request.header("Cookie", cookies.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue())
                    .collect(Collectors.joining("; ")));
        }
        HttpResponse<String> response = exchange(request.build());
        for (String set : response.headers().allValues("Set-Cookie")) {
            String[] pair = set.split(";", 2)[0].split("=", 2);
            cookies.put(pair[0], pair[1]);
        }
        return response;
    }

    private static HttpResponse<String> send(HttpRequest request) {
        HttpResponse<String> response = exchange(request);
        if (response.statusCode() >= 300) {
            throw new IllegalStateException(request.uri() + ": " + response.statusCode() + " " + response.body());
        }
        return response;
    }

    private static HttpResponse<String> exchange(HttpRequest request) {
        try {
            return HTTP.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
