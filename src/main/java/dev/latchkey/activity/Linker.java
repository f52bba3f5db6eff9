package dev.latchkey.activity;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

import jakarta.inject.Singleton;

import dev.latchkey.activity.ChainQueries.Backlog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlClient;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Gives committed entries their place in the chain of their organization.
 *
 * <p>
 * <b>Invariant</b>: the linked rows of an organization have the positions 1 to n without a gap, each link follows from its
 * predecessor's, and the head is (n, link of n). A transaction that links holds the organization's advisory lock from before
 * it reads the head until after its commit, reads in snapshots taken after the lock, and writes rows and head together; so
 * two replicas never extend the same head, and a verification that reads rows and head in one statement sees the invariant.
 *
 * <p>
 * <b>Order.</b> Ids are made before they commit, and transactions commit in any order: whoever remembers "linked up to this
 * id" misses the row that commits late. Here a row waits until it has a position; a late one follows the rows that were
 * linked before it. Within a batch ids decide, so that the order does not depend on how the database reads.
 *
 * <p>
 * <b>Deletion.</b> Whoever deletes an organization locks its row, and then rows of its log. So the organization comes first
 * here, too, and a batch waits for the other's, or leaves the organization for later.
 *
 * <p>
 * <b>Who may break it</b>: whoever writes SQL. The end of the chain is examined before it is extended ({@link Seam}), and each
 * row's seal before it is linked: a forged row gets its place, so that it cannot vanish again, and is called by its name.
 */
@Singleton
class Linker {

    private static final Logger LOG = Logger.getLogger(Linker.class);
    private static final UUID LOWEST = new UUID(0, 0);
    private static final int ORGANIZATIONS = 1_000;
    private static final int ORGANIZATIONS_AT_ONCE = 4;
    private static final int BATCHES_OF_A_RUN = 20;

    private final Pool database;
    private final ChainQueries queries;
    private final Chain chain;
    private final Heads heads;
    private final Alarm alarm;
    private final int batch;
    private final Counter linked;
    private final AtomicBoolean failing = new AtomicBoolean();
    private volatile Backlog backlog = new Backlog(0, 0);
    /** Where the last run stopped when there were more organizations than it takes, so that each has its turn. */
    private volatile UUID lastOfAFullRun = LOWEST;

    Linker(Pool database, ChainQueries queries, Chain chain, Heads heads, Alarm alarm, ActivityConfig config,
            MeterRegistry metrics) {
        this.database = database;
        this.queries = queries;
        this.chain = chain;
        this.heads = heads;
        this.alarm = alarm;
        this.batch = config.batch();
        this.linked = Counter.builder("latchkey.activity.linked").description("Activity entries given their place in a chain")
                .register(metrics);
        metrics.gauge("latchkey.activity.unlinked", this, linker -> linker.backlog.count());
        metrics.gauge("latchkey.activity.lag.seconds", this, linker -> linker.backlog.seconds());
    }

    /** What one transaction has come to: the new head, and what was found on the way. */
    private record Linked(int entries, @Nullable Head head, List<ActivityBroken> findings) {
        static final Linked NOTHING = new Linked(0, null, List.of());
    }

    @Scheduled(every = "${latchkey.activity.link-every:1s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        return queries.waiting(lastOfAFullRun, ORGANIZATIONS)
                .invoke(found -> lastOfAFullRun = found.size() < ORGANIZATIONS ? LOWEST : found.get(found.size() - 1))
                .flatMap(this::linkAll).invoke(() -> {
                    if (failing.getAndSet(false)) {
                        LOG.info("activity is linked again");
                    }
                }).onFailure().invoke(fault -> {
                    // Once, not every second.
                    if (!failing.getAndSet(true)) {
                        LOG.warnf("activity cannot be linked for now: cause=%s", fault);
                    }
                }).onFailure().recoverWithNull();
    }

    /** Links all of an organization's committed entries, after whoever is at it. */
    Uni<Void> linkNow(UUID organization) {
        return link(organization, true, Integer.MAX_VALUE);
    }

    /** One organization that fails does not keep the others waiting. */
    private Uni<Void> linkAll(List<UUID> organizations) {
        return Multi.createFrom().iterable(organizations).onItem()
                .transformToUni(organization -> link(organization, false, BATCHES_OF_A_RUN)).collectFailures()
                .merge(ORGANIZATIONS_AT_ONCE).collect().asList().onItemOrFailure()
                .call((done, fault) -> organizations.isEmpty()
                        ? Uni.createFrom().item(new Backlog(0, 0)).invoke(this::noteBacklog)
                        : queries.backlog().invoke(this::noteBacklog))
                .replaceWithVoid();
    }

    private void noteBacklog(Backlog now) {
        backlog = now;
    }

    private Uni<Void> link(UUID organization, boolean wait, int batches) {
        return Multi.createBy().repeating().uni(() -> linkBatch(organization, wait)).whilst(entries -> entries == batch)
                .select().first(batches).collect().last().replaceWithVoid();
    }

    private Uni<Integer> linkBatch(UUID organization, boolean wait) {
        return database.withTransaction(connection -> queries.lock(connection, organization, wait)
                .flatMap(locked -> locked ? queries.keep(connection, organization, wait) : Uni.createFrom().item(false))
                .flatMap(kept -> kept ? linkBatch(connection, organization) : Uni.createFrom().item(Linked.NOTHING)))
                .invoke(done -> {
                    // After the commit only: what is rolled back was never seen.
                    if (done.head != null) {
                        heads.saw(organization, done.head);
                        linked.increment(done.entries);
                    }
                    done.findings.forEach(found -> alarm.broken(organization, found.position(), found.flaw()));
                }).map(done -> done.head == null ? 0 : done.entries);
    }

    private Uni<Linked> linkBatch(SqlClient connection, UUID organization) {
        return queries.unlinked(connection, organization, batch).flatMap(waiting -> {
            if (waiting.isEmpty()) {
                return Uni.createFrom().item(Linked.NOTHING);
            }
            Head remembered = heads.farthest(organization);
            return queries.end(connection, organization, remembered)
                    .map(end -> Seam.of(chain, organization, end, remembered))
                    .flatMap(seam -> extend(connection, organization, seam, waiting));
        });
    }

    private Uni<Linked> extend(SqlClient connection, UUID organization, Seam seam, List<ActivityEntry> waiting) {
        List<ActivityBroken> findings = new ArrayList<>();
        if (seam.flaw() != null) {
            findings.add(new ActivityBroken(organization, seam.flawAt(), seam.flaw()));
        }
        if (seam.isLocked()) {
            return Uni.createFrom().item(new Linked(0, null, findings));
        }
        Head head = seam.from();
        long position = seam.position();
        for (ActivityEntry entry : waiting) {
            // An unknown pepper is no finding: while peppers rotate, another replica may seal with a newer one.
            if (chain.flaw(entry) == Flaw.ENTRY_ALTERED) {
                findings.add(new ActivityBroken(organization, position, Flaw.ENTRY_ALTERED));
            }
            head = chain.link(head, position++, entry);
        }
        Head reached = head;
        return queries.place(connection, waiting)
                .flatMap(placed -> queries.record(connection, organization, reached, chain.seal(organization, reached)))
                .replaceWith(new Linked(waiting.size(), reached, findings));
    }
}
