package dev.latchkey.proxy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import dev.latchkey.credential.CredentialUse;
import dev.latchkey.identity.Caller;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/**
 * What the activity log learns of proxied requests, without a transaction for each.
 *
 * <p>
 * <b>Invariant:</b> no request is sent on before it stands in the log that its key used its credential within that hour. The
 * first request of a key with a credential within an hour, on each replica, waits for a transaction that inserts the row of the
 * hour; whoever inserts it also writes {@code credential.used}. A replica remembers only what was committed. What follows is
 * counted in memory and added to the row every few seconds; some minutes after the hour whoever sets {@code told_at} writes the
 * sums as {@code credential.proxied}, in the same transaction. So two entries stand for any number of requests.
 *
 * <p>
 * The sums are statistics: a kill loses what was counted since the last flush, and a flush whose commit nobody answered for is
 * counted again.
 */
@Singleton
class ProxyAudit {

    private static final Logger LOG = Logger.getLogger(ProxyAudit.class);
    private static final long HOUR_MILLIS = TimeUnit.HOURS.toMillis(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PATIENCE_AT_THE_END = Duration.ofSeconds(3);

    private final ProxyUseTable table;
    private final ProxyConfig config;
    private final InstantSource clock;
    /** The hour whose row is known to be there. */
    private final Map<Pair, Long> opened = new ConcurrentHashMap<>();
    private Map<Span, Sum> sums = new HashMap<>();

    ProxyAudit(ProxyUseTable table, ProxyConfig config, InstantSource clock) {
        this.table = table;
        this.config = config;
        this.clock = clock;
    }

    /** A key with a credential. */
    record Pair(UUID keyId, UUID credentialId) {
    }

    /** @param hour since the epoch */
    record Span(UUID organization, Pair pair, long hour) {
    }

    /** @param failed of the requests */
    record Sum(long requests, long failed) {

        Sum plus(Sum other) {
            return new Sum(requests + other.requests, failed + other.failed);
        }
    }

    /** Lets one request go on when the log knows of it, and counts it: it may end long after its hour was summed up. */
    Uni<Span> begin(Caller caller, CredentialUse use) {
        Pair pair = new Pair(UUID.fromString(caller.id()), use.id());
        Span span = new Span(caller.tenant().id(), pair, Math.floorDiv(clock.millis(), HOUR_MILLIS));
        Long known = opened.get(pair);
        Uni<Span> begun = known != null && known == span.hour() ? Uni.createFrom().item(span)
                : table.open(caller, use, span).invoke(() -> opened.put(pair, span.hour())).replaceWith(span);
        return begun.invoke(() -> add(span, new Sum(1, 0)));
    }

    Instant now() {
        return clock.instant();
    }

    /** Counts it as failed. */
    void fail(Span span) {
        add(span, new Sum(0, 1));
    }

    private synchronized void add(Span span, Sum sum) {
        sums.merge(span, sum, Sum::plus);
    }

    private synchronized Map<Span, Sum> take() {
        Map<Span, Sum> taken = sums;
        sums = new HashMap<>();
        return taken;
    }

    @Scheduled(every = "${latchkey.proxy.flush-every:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> flush() {
        long hour = Math.floorDiv(clock.millis(), HOUR_MILLIS);
        opened.values().removeIf(known -> known < hour);
        Map<Span, Sum> taken = take();
        return taken.isEmpty() ? Uni.createFrom().voidItem()
                : table.add(taken).ifNoItem().after(PATIENCE).fail().onFailure().invoke(fault -> {
                    taken.forEach(this::add);
                    LOG.warnf("counts of proxied requests cannot be written, and are held: hours=%d cause=%s", taken.size(),
                            fault);
                }).onFailure().recoverWithNull();
    }

    /** Sums up the hours that have ended, and forgets those that were summed up days ago. */
    @Scheduled(every = "${latchkey.proxy.tell-every:1m}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> tell() {
        return Uni.createFrom().deferred(() -> table.tell(config.settle(), config.batch())).repeat()
                .whilst(told -> told == config.batch()).collect().last()
                .chain(() -> Uni.createFrom().deferred(() -> table.forget(config.batch())).repeat()
                        .whilst(gone -> gone == config.batch()).collect().last())
                .onFailure()
                .invoke(fault -> LOG.warnf("proxied requests cannot be summed up now, tried again: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /** Blocks the thread that stops the application, which has nothing else to do. */
    void flushAtTheEnd(@Observes ShutdownEvent stopping) {
        Map<Span, Sum> taken = take();
        if (!taken.isEmpty()) {
            try {
                table.add(taken).subscribeAsCompletionStage()
                        .orTimeout(PATIENCE_AT_THE_END.toMillis(), TimeUnit.MILLISECONDS).join();
            } catch (CompletionException away) {
                LOG.warnf("counts of proxied requests are lost: hours=%d cause=%s", taken.size(), away.getCause());
            }
        }
    }
}
