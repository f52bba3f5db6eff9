package dev.latchkey.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import dev.latchkey.testing.Databases.Database;

/**
 * A load with what it cost.
 *
 * @param service CPU time of the processes that answered
 * @param postgres CPU time of PostgreSQL
 * @param statements that PostgreSQL executed
 */
record Measured(Wrk.Result load, Duration service, Duration postgres, long statements) {

    /** Runs a load. */
    static Measured of(Wrk wrk, Duration duration, List<Long> pids, Postgres postgres, Database database)
            throws IOException, SQLException {
        long statements = Postgres.statements(database);
        Duration service = cpuOf(pids);
        Duration inPostgres = postgres.cpu();
        Wrk.Result load = wrk.run(duration);
        return new Measured(load, cpuOf(pids).minus(service), postgres.cpu().minus(inPostgres),
                Postgres.statements(database) - statements);
    }

    static Duration cpuOf(List<Long> pids) {
        return pids.stream().map(Machine::cpuOf).reduce(Duration.ZERO, Duration::plus);
    }

    double serviceMicros() {
        return service.toNanos() / 1e3 / load.requests();
    }

    double postgresMicros() {
        return postgres.toNanos() / 1e3 / load.requests();
    }

    double statementsPerThousand() {
        return statements * 1000.0 / load.requests();
    }

    static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
