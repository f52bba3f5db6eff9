package dev.latchkey.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** What tests do behind the API: SQL on the application's own database, and its code in a transaction. */
public final class Behind {

    private final DataSource database;

    public Behind(DataSource database) {
        this.database = database;
    }

    /** The rows that were changed. */
    public int execute(String sql, @Nullable Object... values) {
        try (Connection connection = database.getConnection(); PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, values);
            return statement.executeUpdate();
        } catch (SQLException fault) {
            throw new IllegalStateException(fault);
        }
    }

    /** The first column. */
    public List<Object> query(String sql, Object... values) {
        try (Connection connection = database.getConnection(); PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, values);
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

    public long count(String sql, Object... values) {
        return ((Number) query(sql, values).get(0)).longValue();
    }

    /** The id of an organization, which is made here unless it is there: a first request would leave an entry in its log. */
    public UUID organization(Api api) {
        execute("insert into organization (id, key, name) values (?, ?, ?) on conflict (key) do nothing", UUID.randomUUID(),
                api.organization(), api.organization());
        return (UUID) query("select id from organization where key = ?", api.organization()).get(0);
    }

    /** Code of the application, as a resource would run it. */
    public static <T> T inTransaction(Supplier<Uni<T>> work) {
        return await(() -> Panache.withTransaction(work));
    }

    /** Code of the application, outside of a transaction. */
    public static <T> T await(Supplier<Uni<T>> work) {
        try {
            return VertxContextSupport.subscribeAndAwait(work);
        } catch (RuntimeException | Error fault) {
            throw fault;
        } catch (Throwable fault) {
            throw new IllegalStateException(fault);
        }
    }

    private static void set(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }
}
