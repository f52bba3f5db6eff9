package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.TokenServer;
import dev.latchkey.testing.TokenServer.Fault;
import dev.latchkey.testing.TokenServer.Presented;
import dev.latchkey.testing.TokenServer.Rotation;
import io.restassured.RestAssured;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three replicas, thousands of tokens that come due within a minute, and one replica is killed in the middle. */
@Tag("replicas")
@Tag("scale")
class RenewalScaleIT {

    private static final boolean FULL = "full".equals(System.getProperty("latchkey.scale"));
    private static final int TOKENS = FULL ? 10_000 : 600;
    private static final int PER_ORGANIZATION = 500;
    private static final Duration DUE_WITHIN = Duration.ofSeconds(FULL ? 60 : 15);
    private static final Duration LEASE = Duration.ofSeconds(15);
    /** As long as tokens of an hour have left when they come due, and less. */
    private static final Duration LEFT = DUE_WITHIN.plusSeconds(60);

    private final Map<String, String> tokens = new ConcurrentHashMap<>();

    @Test
    void eachTokenIsPresentedOnceAndNoneEndsThoughAReplicaIsKilled() throws Exception {
        Databases.Database database = Databases.create();
        try (TokenServer server = TokenServer.start().rotating(Rotation.GRACE).living(Duration.ofHours(1))) {
            List<LatchkeyProcess> replicas = new ArrayList<>();
            try {
                replicas.add(replica(database));
                RestAssured.baseURI = replicas.get(0).baseUrl();
                store(server);
                replicas.add(replica(database));
                replicas.add(replica(database));
                // Slow enough that whoever is killed has some under way.
                server.always(Fault.slow(Duration.ofMillis(400)));

                long begin = System.nanoTime();
                execute(database, "update credential_renewal set due_at = now() + random() * interval '%d milliseconds'"
                        .formatted(DUE_WITHIN.toMillis()));
                execute(database,
                        "update credential_state set status = 'green', reason = 'valid', expires_at = now() + interval '%d milliseconds'"
                                .formatted(LEFT.toMillis()));
                Eventually.within(DUE_WITHIN, () -> assertThat(server.presented().size()).isGreaterThan(TOKENS / 2));
                LatchkeyProcess dying = replicas.get(1);
                Eventually.within(DUE_WITHIN, () -> assertThat(underWay(dying)).isPositive());
                dying.kill9();
                Set<String> lost = inFlight(database);
                Eventually.within(DUE_WITHIN.plus(LEFT),
                        () -> assertThat(count(database, "select count(*) from credential_renewal"
                                + " where failing_since is not null or attempt > 0 or fence = 0")).isZero());

                verify(database, server, begin, lost);
            } finally {
                RestAssured.reset();
                replicas.forEach(LatchkeyProcess::close);
            }
        }
    }

    private void verify(Databases.Database database, TokenServer server, long begin, Set<String> lost) throws SQLException {
        List<Presented> presented = server.presented();
        Map<String, Long> times = server.timesPresented();
        Set<String> first = tokens.keySet();
        assertThat(times.keySet()).as("every token was renewed, and no successor was used").isEqualTo(first);
        Set<String> twice = times.entrySet().stream().filter(each -> each.getValue() > 1).map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        assertThat(times.values()).as("none a third time").allMatch(each -> each <= 2);
        assertThat(twice.stream().map(tokens::get)).as("twice only where the answer was lost").isSubsetOf(lost);
        assertThat(first).as("no grant was lost").noneMatch(server::isDead);
        assertThat(presented).as("none had ended")
                .allMatch(each -> each.at() - begin < LEFT.toNanos());
        assertThat(count(database, "select count(*) from credential_state where expires_at <= now() or renewal is not null"
                + " or status <> 'green'")).isZero();
        assertThat(count(database, "select count(*) from notification")).isZero();

        long[] at = presented.stream().mapToLong(each -> (each.at() - begin) / 1_000_000).sorted().toArray();
        System.out.printf(
                "renewals: tokens=%d replicas=3 killed=1 dueWithin=%s lease=%s presented=%d twice=%d lost=%d "
                        + "half=%dms all=%dms mostAtOnce=%d%n",
                TOKENS, DUE_WITHIN, LEASE, presented.size(), twice.size(), lost.size(), at[at.length / 2], at[at.length - 1],
                server.mostAtOnce());
    }

    private void store(TokenServer server) {
        AtomicInteger next = new AtomicInteger();
        List<Api> organizations = new ArrayList<>();
        for (int i = 0; i < TOKENS; i += PER_ORGANIZATION) {
            organizations.add(Api.ofNewOrganization());
        }
        try (Together together = new Together(8)) {
            together.run(() -> {
                for (int i = next.getAndIncrement(); i < TOKENS; i = next.getAndIncrement()) {
                    String token = server.grant();
                    String id = organizations.get(i / PER_ORGANIZATION).aCredential().with("name", "Shop " + i)
                            .with("baseUrl", "http://127.0.0.1:9/api").of("oauth2",
                                    Map.of("grant", "refresh_token", "clientId", "app-1", "clientSecret",
                                            CredentialBuilder.aSecret(), "tokenUrl", server.url(), "accessToken",
                                            CredentialBuilder.aSecret(), "refreshToken", token, "expiresAt",
                                            Instant.now().plus(Duration.ofHours(2)).toString()))
                            .create();
                    tokens.put(token, id);
                }
            });
        }
    }

    private static LatchkeyProcess replica(Databases.Database database) {
        return LatchkeyProcess.on(database).with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8")
                .with("LATCHKEY_RENEWAL_LEASE", LEASE.toString()).ready();
    }

    /** How many renewals it is at. */
    private static double underWay(LatchkeyProcess replica) {
        String name = "latchkey_renewals_under_way ";
        return RestAssured.given().baseUri(replica.baseUrl()).get("/q/metrics").asString().lines()
                .filter(line -> line.startsWith(name)).mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .findFirst().orElseThrow();
    }

    /**
     * The credentials whose tokens may have been presented by the one that was just killed: the others end theirs meanwhile.
     */
    private static Set<String> inFlight(Databases.Database database) throws SQLException {
        Set<String> ids = presented(database);
        long begin = System.nanoTime();
        Eventually.within(LEASE, () -> assertThat(System.nanoTime() - begin).isGreaterThan(LEASE.dividedBy(5).toNanos()));
        ids.retainAll(presented(database));
        return ids;
    }

    private static Set<String> presented(Databases.Database database) throws SQLException {
        Set<String> ids = new HashSet<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select credential_id from credential_renewal where presented > 0")) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        return ids;
    }

    private static void execute(Databases.Database database, String sql) throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private static long count(Databases.Database database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
