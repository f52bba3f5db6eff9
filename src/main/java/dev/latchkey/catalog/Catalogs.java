package dev.latchkey.catalog;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue in force, as memory knows it: one object that is swapped.
 *
 * <p>
 * <b>Invariant:</b> a verification that begins after a new catalogue has been answered is never judged by the former one, on
 * whatever replica. The trigger on its table, and whoever waits for the change, say {@link Invalidated}; when this class has
 * heard it, and that is before the replica acknowledges, what memory holds is believed no more: {@link #changes} has moved
 * on, and the catalogue is believed only while it bears the number at which its reading began. It is read anew at once;
 * verifications that need it meanwhile wait for that one read, and those that ask about no operation need no catalogue.
 * So a change is acknowledged without waiting for the database, and costs who comes within these milliseconds a little time.
 *
 * <p>
 * <em>Who may break it:</em> a read that began before the change was committed and ends after it was heard (bears an older
 * number, is joined by nobody who comes later, and believed by nobody); a replica that does not hear (its {@link Lease} runs
 * out, which is asked before memory is read; without it each verification asks the database for the version, and for the
 * catalogue where that is another one); one that listens again and has missed something (it is told that everything may have
 * changed, before its lease begins anew). At the start nothing is believed, since nothing has been read.
 */
@Singleton
public class Catalogs {

    private static final Logger LOG = Logger.getLogger(Catalogs.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int MOST_UNLEASED = 32;
    private static final long NEVER = -1;

    private final CatalogTable table;
    private final Lease lease;
    private final Vertx vertx;
    private final AtomicLong changes = new AtomicLong();
    private final Semaphore unleased = new Semaphore(MOST_UNLEASED);
    private volatile Known known = new Known(Catalog.builtIn(), NEVER, NEVER);
    private @Nullable Load load;

    Catalogs(CatalogTable table, Lease lease, Vertx vertx) {
        this.table = table;
        this.lease = lease;
        this.vertx = vertx;
    }

    /**
     * A catalogue and its place in history.
     *
     * @param catalog what it holds
     * @param version of the row that it was read from
     */
    public record Versioned(Catalog catalog, long version) {
    }

    /** @param change what {@link #changes} was when its reading began; {@link #NEVER}: not to be believed */
    private record Known(Catalog catalog, long version, long change) {
    }

    /** A read in flight, joined by those who ask until the next change. */
    private record Load(long change, Uni<Versioned> result) {
    }

    /** The last one that was read, for what is no verdict: statistics. Before the first read the one built in. */
    public Catalog inMemory() {
        return known.catalog;
    }

    /** The one in force, where memory may be believed, else null. On the path of every verification: two volatile reads. */
    public @Nullable Catalog believed() {
        // Before memory is read, and not after: see Lease.
        if (!lease.holds()) {
            return null;
        }
        Known now = known;
        return now.change == changes.get() ? now.catalog : null;
    }

    /**
     * The one in force, read where memory may not be believed. Answers in the caller's context.
     *
     * @throws ProblemException 503 where the database is asked as much as it may be, or holds what cannot be read
     */
    public Uni<Catalog> now() {
        Catalog believed = believed();
        return believed != null ? Uni.createFrom().item(believed) : versioned().map(Versioned::catalog);
    }

    /** The one in force, with its version. */
    Uni<Versioned> versioned() {
        Context here = vertx.getOrCreateContext();
        return Uni.createFrom().deferred(() -> {
            if (!lease.holds()) {
                return readUnleased();
            }
            Known now = known;
            return now.change == changes.get() ? Uni.createFrom().item(new Versioned(now.catalog, now.version))
                    : joined().result;
        }).emitOn(next -> {
            if (Vertx.currentContext() == here) {
                next.run();
            } else {
                // Who joins is answered by whoever read; a database session goes on where it began.
                here.runOnContext(hop -> next.run());
            }
        });
    }

    /** When this returns, what was read earlier is not believed any more, and no read in flight is joined. */
    void forget(@Observes Invalidated change) {
        if (change.scope().coversCatalog()) {
            changes.incrementAndGet();
            joined().result.subscribe().with(read -> {
            }, fault -> LOG.warnf("catalogue not read, verifications ask for it again: cause=%s", fault.getMessage()));
        }
    }

    private synchronized Load joined() {
        Load running = load;
        if (running == null || running.change != changes.get()) {
            long change = changes.get();
            Load next = new Load(change, read(change).onTermination().invoke(() -> ended(change)).memoize().indefinitely());
            load = next;
            return next;
        }
        return running;
    }

    private synchronized void ended(long change) {
        if (load != null && load.change == change) {
            load = null;
        }
    }

    private Uni<Versioned> readUnleased() {
        if (!unleased.tryAcquire()) {
            return Uni.createFrom().failure(unavailable("This replica asks for the catalogue as often as it may; try again."));
        }
        return read(NEVER).onTermination().invoke(() -> unleased.release());
    }

    private Uni<Versioned> read(long change) {
        Known before = known;
        return table.read(before.version).ifNoItem().after(PATIENCE).fail().flatMap(row -> {
            if (row.version() == before.version) {
                return Uni.createFrom().item(new Versioned(before.catalog, before.version));
            }
            return decoded(row).map(catalog -> new Versioned(catalog, row.version()));
        }).invoke(read -> keep(read, change));
    }

    /** A large one takes its time, which belongs to others on an event loop. */
    private Uni<Catalog> decoded(CatalogTable.Content row) {
        return Uni.createFrom()
                .completionStage(
                        () -> vertx.executeBlocking(() -> CatalogText.catalog(row.content()), false).toCompletionStage())
                .onFailure().transform(defect -> {
                    LOG.errorf(defect, "the catalogue in the database cannot be read; nothing is judged by it: version=%d",
                            row.version());
                    return unavailable("The catalogue cannot be read.");
                });
    }

    private synchronized void keep(Versioned read, long change) {
        Known now = known;
        if (change > now.change || change == NEVER && read.version > now.version) {
            known = new Known(read.catalog, read.version, change);
        }
    }

    private static ProblemException unavailable(String detail) {
        return new ProblemException(ProblemCode.UNAVAILABLE, detail).with("Retry-After", "1");
    }
}
