package dev.latchkey.bench;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

import dev.latchkey.bench.Wrk.Request;
import dev.latchkey.testing.Databases.Database;

/**
 * Keycloak, where integrations are clients with a service account and a gateway asks about their access tokens (RFC 7662). Such
 * tokens have no session that would have to be looked up: the cheapest that it offers. Built for its database, then started
 * optimized, on one node without a cluster's caches, with pools of fixed size, as its guides say.
 */
final class Keycloak implements PeersBenchmark.Peer {

    private static final Path UNPACKED = Path.of("target", "bench", "keycloak");
    private static final Path HOME = UNPACKED.resolve("keycloak-" + dev.latchkey.testing.Keycloak.VERSION).toAbsolutePath();
    private static final int CLIENTS = 20;
    private static final String GATEWAY = "gateway";
    private static final String FORM = "application/x-www-form-urlencoded";

    private final PeerProcess process;
    private final String gateway;
    private final Path tokens;

    private Keycloak(PeerProcess process, String gateway, Path tokens) {
        this.process = process;
        this.gateway = gateway;
        this.tokens = tokens;
    }

    static Keycloak start(Database database, int keys) throws IOException, InterruptedException {
        if (!Files.exists(HOME)) {
            dev.latchkey.testing.Keycloak.unpack(UNPACKED);
            PeerProcess.run(HOME, Map.of(), "bin/kc.sh", "build", "--db=postgres", "--cache=local", "--health-enabled=false");
        }
        String secret = secret();
        int port = PeerProcess.freePort();
        PeerProcess process = PeerProcess.start(HOME, port, Map.of(
                "KC_DB_URL", "jdbc:" + database.reactiveUrl(), "KC_DB_USERNAME", database.username(),
                "KC_DB_PASSWORD", database.password(),
                "KC_BOOTSTRAP_ADMIN_USERNAME", "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD", secret,
                "JAVA_OPTS_KC_HEAP", "-Xms1g -Xmx1g"),
                "bin/kc.sh", "start", "--optimized", "--cache=local", "--http-enabled=true", "--http-host=127.0.0.1",
                "--http-port=" + port,
                "--hostname-strict=false", "--db-pool-initial-size=20", "--db-pool-min-size=20", "--db-pool-max-size=20",
                "--http-pool-max-threads=20");
        process.await("/realms/master");
        return fill(process, secret, keys);
    }

    private static Keycloak fill(PeerProcess process, String secret, int keys) throws IOException, InterruptedException {
        String admin = "Bearer " + PeerProcess.field("access_token",
                process.post("/realms/master/protocol/openid-connect/token",
                        "grant_type=password&client_id=admin-cli&username=admin&password=" + secret, "Content-Type", FORM));
        process.post("/admin/realms", "{\"realm\": \"bench\", \"enabled\": true, \"sslRequired\": \"none\", "
                + "\"accessTokenLifespan\": 36000}", "Content-Type", "application/json", "Authorization", admin);
        create(process, admin, GATEWAY, secret);
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            String client = "integration-" + i;
            create(process, admin, client, secret);
            for (int j = 0; j < keys / CLIENTS; j++) {
                tokens.add(PeerProcess.field("access_token", process.post("/realms/bench/protocol/openid-connect/token",
                        "grant_type=client_credentials", "Content-Type", FORM, "Authorization", basic(client, secret))));
            }
        }
        return new Keycloak(process, basic(GATEWAY, secret), Wrk.file("keycloak", tokens));
    }

    /** A client whose tokens the gateway may ask about: only those are told to it that name it as their audience. */
    private static void create(PeerProcess process, String admin, String client, String secret)
            throws IOException, InterruptedException {
        process.post("/admin/realms/bench/clients", """
                {"clientId": "%s", "secret": "%s", "serviceAccountsEnabled": true, "publicClient": false,
                 "standardFlowEnabled": false, "directAccessGrantsEnabled": false,
                 "protocolMappers": [{"name": "for-the-gateway", "protocol": "openid-connect",
                   "protocolMapper": "oidc-audience-mapper",
                   "config": {"included.client.audience": "%s", "access.token.claim": "true"}}]}"""
                .formatted(client, secret, GATEWAY), "Content-Type", "application/json", "Authorization", admin);
    }

    private static String basic(String client, String secret) {
        return "Basic " + Base64.getEncoder().encodeToString((client + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    private static String secret() {
        byte[] random = new byte[20];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    @Override
    public Wrk load() {
        return Wrk.each(process.url(), new Request(
                List.of("POST /realms/bench/protocol/openid-connect/token/introspect HTTP/1.1", "Content-Type: " + FORM,
                        "Authorization: " + gateway),
                "token={token}"), tokens);
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public void check() throws IOException, InterruptedException {
        String token = URLEncoder.encode(Files.readAllLines(tokens).get(0), StandardCharsets.UTF_8);
        String answer = process.post("/realms/bench/protocol/openid-connect/token/introspect", "token=" + token,
                "Content-Type", FORM, "Authorization", gateway);
        if (!answer.contains("\"active\":true")) {
            throw new IllegalStateException(answer);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
