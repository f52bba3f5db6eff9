package dev.latchkey.webhook;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.webhook.ClaimTable.Terms;
import dev.latchkey.webhook.Slots.Room;
import dev.latchkey.webhook.Slots.Share;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.PreparedQuery;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;

/** A database of its own in which nobody delivers anything, with the statements of the dispatcher as it runs them. */
final class QueueScene implements AutoCloseable {

    static final Duration LEASE = Duration.ofSeconds(6);

    final FanOut fanOut;
    final ClaimTable claims;
    final HeldTable held;
    final LaneTable lanes;
    final CompletionTable completions;

    private final Database database = Databases.create();
    private final Connection connection;
    private final Vertx vertx = Vertx.vertx();
    private final io.vertx.sqlclient.Pool pool;

    QueueScene() throws SQLException {
        connection = database.connect();
        PgConnectOptions options = PgConnectOptions.fromUri(database.reactiveUrl()).setUser(database.username())
                .setPassword(database.password()).setCachePreparedStatements(true);
        DispatchConnections.settle(options);
        pool = PgBuilder.pool().with(new PoolOptions().setMaxSize(8)).connectingTo(options).using(vertx).build();
        Pool mutiny = new Pool(pool);
        fanOut = new FanOut(mutiny);
        held = new HeldTable(mutiny);
        claims = new ClaimTable(mutiny, held);
        lanes = new LaneTable(mutiny);
        completions = new CompletionTable(mutiny, Duration.ofDays(5));
    }

    /** Where its connections live. */
    Vertx vertx() {
        return vertx;
    }

    /** As everything but the dispatcher uses it. */
    Pool pool() {
        return new Pool(pool);
    }

    /** Statements that run on one connection, in its transaction. */
    Pool on(SqlConnection connection) {
        return new Pool(pool) {
            @Override
            public PreparedQuery<RowSet<Row>> preparedQuery(String sql) {
                return connection.preparedQuery(sql);
            }
        };
    }

    /** Room for anything. */
    static Room plenty() {
        return room(1000, 1000);
    }

    static Room room(int total, int each) {
        return new Room(share(total), share(total), share(each), share(total), Map.of(), Map.of(), Set.of());
    }

    /** Of slots, with memory for all of them. */
    static Share share(int slots) {
        return new Share(slots, 1 << 25);
    }

    static Terms terms(Room room) {
        return new Terms(UuidCreator.getTimeOrderedEpoch(), LEASE, room);
    }

    UUID organization() {
        UUID id = UUID.randomUUID();
        execute("insert into organization (id, key, name) values (?, ?, 'o')", id, "o-" + id);
        return id;
    }

    /** That asks for {@code order.create} of all stores. */
    UUID webhook(UUID organization) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        execute("""
                insert into webhook (id, organization_id, url, events, all_stores, secret, secret_set_at, active, version,
                                     created_at, updated_at)
                values (?, ?, 'https://example.com/', '{order.create}', true, '', now(), true, 1, now(), now())
                """, id, organization);
        execute("insert into webhook_lane (webhook_id, organization_id, paused) values (?, ?, false)", id, organization);
        return id;
    }

    /** That are looked at, and for which nothing waits. */
    void idle(UUID organization, int number) {
        execute("""
                with made as (
                    insert into webhook (id, organization_id, url, events, all_stores, secret, secret_set_at, active, version,
                                         created_at, updated_at)
                    select gen_random_uuid(), ?, 'https://example.com/', '{order.update}', true, '', now(), true, 1, now(), now()
                      from generate_series(1, ?)
                    returning id, organization_id)
                insert into webhook_lane (webhook_id, organization_id, paused, next_due, warm_until)
                select id, organization_id, false, now() - interval '5 seconds', now() + interval '10 seconds' from made
                """,
                organization, number);
    }

    /** @return the events' ids, in order */
    List<UUID> publish(UUID organization, int number) {
        return publish(organization, number, "now()");
    }

    /** @param at as SQL */
    List<UUID> publish(UUID organization, int number, String at) {
        List<UUID> ids = new ArrayList<>();
        Instant now = (Instant) ((java.sql.Timestamp) query("select " + at).get(0)).toInstant();
        for (int i = 0; i < number; i++) {
            UUID id = at.equals("now()") ? UuidCreator.getTimeOrderedEpoch() : UuidCreator.getTimeOrderedEpoch(now);
            ids.add(id);
            execute("insert into event_identity (organization_id, public_id, event_id, at) values (?, ?, ?, " + at + ")",
                    organization, id.toString(), id);
            execute("""
                    insert into event (id, at, organization_id, public_id, type, data)
                    select event_id, at, organization_id, public_id, 'order.create', '{"n": 1}'
                      from event_identity where organization_id = ? and public_id = ?
                    """, organization, id.toString());
            execute("""
                    insert into event_outbox (event_id, at, organization_id, bytes)
                    select event_id, at, organization_id, 8 from event_identity where organization_id = ? and public_id = ?
                    """, organization, id.toString());
        }
        return ids;
    }

    /** Fans everything out, unclaimed. */
    void queue(UUID organization, int number) {
        publish(organization, number);
        await(fanOut.inTurn(number * 10, null, null, terms(room(0, 0))));
    }

    FanOut.Taken fanOut(int most, Room room) {
        return await(fanOut.inTurn(most, null, null, terms(room)));
    }

    FanOut.Taken fanOutNewest(int most, Room room) {
        return await(fanOut.newest(most, Instant.now().minusSeconds(10), terms(room)));
    }

    List<Claimed> claim(Room room) {
        return await(claims.claim(terms(room), 1)).claimed();
    }

    int execute(String sql, Object... values) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
        } catch (SQLException fault) {
            throw new IllegalStateException(fault);
        }
    }

    /** The first column. */
    List<Object> query(String sql, Object... values) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            List<Object> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(result.getObject(1));
                }
            }
            return rows;
        } catch (SQLException fault) {
            throw new IllegalStateException(fault);
        }
    }

    long count(String sql, Object... values) {
        return ((Number) query(sql, values).get(0)).longValue();
    }

    /** Another connection, for whoever holds something. */
    Connection connect() throws SQLException {
        return database.connect();
    }

    static <T> T await(Uni<T> work) {
        try {
            return work.subscribeAsCompletionStage().get(30, TimeUnit.SECONDS);
        } catch (Exception fault) {
            throw new IllegalStateException(fault);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        pool.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
