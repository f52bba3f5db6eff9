package dev.latchkey.key;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.enterprise.inject.Vetoed;

import dev.latchkey.key.Verdict.Code;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import org.jspecify.annotations.NullUnmarked;

/** What counts and writes uses in one process, on the real database by a way that fails as the test says. */
@NullUnmarked
final class UsageReplica {

    final Usage usage;
    final Faulty table;
    final UsageFlush flush;
    private final InstantSource clock;
    private final MeterRegistry metrics = new SimpleMeterRegistry();

    UsageReplica(Pool database, InstantSource clock) {
        this(database, clock, UsageSettings.DEFAULTS);
    }

    UsageReplica(Pool database, InstantSource clock, UsageSettings settings) {
        this.clock = clock;
        this.table = new Faulty(database);
        this.usage = new Usage(settings);
        this.flush = new UsageFlush(usage, table, settings, clock, metrics);
    }

    void count(UUID key, Code code, int times) {
        for (int i = 0; i < times; i++) {
            UsageSettings.count(usage, key, code, "203.0.113.7", clock.instant());
        }
    }

    void flush() {
        flush.flush().await().atMost(Duration.ofSeconds(30));
    }

    double dropped() {
        return dropped("full") + dropped("key-deleted") + dropped("refused");
    }

    double dropped(String reason) {
        return metrics.counter("latchkey.usage.dropped", "reason", reason).count();
    }

    /** A way to the database that fails as the test says. */
    @Vetoed
    static final class Faulty extends UsageTable {

        final AtomicInteger failures = new AtomicInteger();
        final AtomicInteger repeated = new AtomicInteger();
        volatile int away;
        volatile int unanswered;
        volatile int refusals;

        Faulty(Pool database) {
            super(database);
        }

        @Override
        Uni<Integer> writeLastUses(Collection<LastUse> uses) {
            return super.writeLastUses(uses).onFailure().invoke(failures::incrementAndGet);
        }

        @Override
        Uni<Written> write(UUID replica, UsageBatch batch) {
            if (away > 0) {
                away--;
                return Uni.createFrom().failure(new java.net.ConnectException("away"));
            }
            if (refusals > 0) {
                refusals--;
                return Uni.createFrom().failure(new io.vertx.pgclient.PgException("bad", "ERROR", "22021", "bad"));
            }
            Uni<Written> written = super.write(replica, batch).invoke(done -> {
                if (!done.written()) {
                    repeated.incrementAndGet();
                }
            }).onFailure().invoke(failures::incrementAndGet);
            if (unanswered > 0) {
                unanswered--;
                return written.onItem().failWith(done -> new java.io.IOException("connection lost after the commit"));
            }
            return written;
        }
    }
}
