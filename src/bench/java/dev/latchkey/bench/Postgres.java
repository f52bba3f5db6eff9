package dev.latchkey.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.latchkey.boot.EmbeddedDatabase;
import dev.latchkey.testing.Databases.Database;
import org.flywaydb.core.Flyway;

/** The PostgreSQL of a run: the one that Latchkey brings along, with its statements counted. */
final class Postgres implements AutoCloseable {

    private final EmbeddedDatabase server;
    private boolean closed;

    private Postgres(EmbeddedDatabase server) {
        this.server = server;
    }

    static Postgres start() throws SQLException, IOException {
        return start("database");
    }

    /** @param name of its directory, for what is worth keeping */
    static Postgres start(String name) throws SQLException, IOException {
        Path directory = Path.of("target", "bench", name);
        Path cluster = directory.resolve("postgres");
        EmbeddedDatabase.start(directory).close();
        // Statements are counted by a library that is loaded at the start. Connections: for Keycloak's pool beside our own.
        Files.writeString(cluster.resolve("postgresql.auto.conf"), """
                shared_preload_libraries = 'pg_stat_statements'
                max_connections = 200
                """);
        Path access = cluster.resolve("pg_hba.conf");
        String usual = Files.readString(access);
        Files.writeString(access, "host all postgres 127.0.0.1/32 trust\n" + usual);
        EmbeddedDatabase server = EmbeddedDatabase.start(directory);
        Postgres postgres = new Postgres(server);
        // Also where the run is broken off.
        Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "postgres-stop"));
        try (Connection connection = DriverManager.getConnection("jdbc:" + server.reactiveUrl(), "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute("alter role " + server.username() + " superuser");
            Files.writeString(access, usual);
            statement.execute("select pg_reload_conf()");
        }
        return postgres;
    }

    /** A new database in the place of any former one of this name, without tables. */
    Database empty(String name) throws SQLException {
        execute("drop database if exists " + name + " with (force)");
        execute("create database " + name);
        Database database = named(name);
        execute(database, "create extension pg_stat_statements");
        return database;
    }

    /** The same with Latchkey's tables. */
    Database migrated(String name) throws SQLException {
        Database database = empty(name);
        Flyway.configure().dataSource("jdbc:" + database.reactiveUrl(), database.username(), database.password())
                .locations("classpath:db/migration").baselineOnMigrate(false).load().migrate();
        return database;
    }

    /** One that is there already. */
    Database named(String name) {
        String url = server.reactiveUrl();
        return new Database(url.substring(0, url.lastIndexOf('/') + 1) + name, server.username(), server.password());
    }

    /** CPU time of the postmaster and every backend, the ended ones included. */
    Duration cpu() {
        return Machine.cpuOfFamily(server.pid());
    }

    /** How many statements a database has executed, BEGIN and COMMIT included, as pg_stat_statements counts them. */
    static long statements(Database database) throws SQLException {
        return number(database, """
                select coalesce(sum(calls), 0) from pg_stat_statements
                 where dbid = (select oid from pg_database where datname = current_database())
                """);
    }

    /** Bytes on disk. */
    static long size(Database database) throws SQLException {
        return number(database, "select pg_database_size(current_database())");
    }

    /** What a query for one number says. */
    static long number(Database database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** What was executed most since it was last forgotten: {@code calls  statement}. */
    static List<String> mostExecuted(Database database, int count) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select calls, regexp_replace(query, '\\s+', ' ', 'g') as query from pg_stat_statements
                         where dbid = (select oid from pg_database where datname = current_database())
                         order by calls desc limit\s""" + count)) {
            while (rows.next()) {
                String query = rows.getString("query");
                lines.add("%,9d  %s".formatted(rows.getLong("calls"), query.substring(0, Math.min(100, query.length()))));
            }
        }
        return lines;
    }

    /** What took most of the time since it was last forgotten: {@code ms  calls  statement}. */
    static List<String> longestExecuted(Database database, int count) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select total_exec_time as ms, calls, wal_bytes, regexp_replace(query, '\\s+', ' ', 'g') as query
                          from pg_stat_statements
                         where dbid = (select oid from pg_database where datname = current_database())
                         order by total_exec_time desc limit\s""" + count)) {
            while (rows.next()) {
                String query = rows.getString("query");
                lines.add("%,9.0f ms %,9d calls %,9d KiB WAL  %s".formatted(rows.getDouble("ms"), rows.getLong("calls"),
                        rows.getLong("wal_bytes") / 1024, query.substring(0, Math.min(90, query.length()))));
            }
        }
        return lines;
    }

    static void forgetStatements(Database database) throws SQLException {
        execute(database, "select pg_stat_statements_reset()");
    }

    static void execute(Database database, String... statements) throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:" + server.reactiveUrl(), server.username(),
                server.password()); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            server.close();
        }
        closed = true;
    }
}
