package dev.latchkey.credential;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

import jakarta.inject.Singleton;

import dev.latchkey.credential.RenewalQueries.Named;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/**
 * Finds what no renewal tells of: what has ended without one, what works again although whoever renewed it was killed before he
 * told, what ends soon though it is renewed, and what nobody has planned yet. Each by itself: one that cannot be told keeps no
 * other one from it. Made at the start, so that its measure is there before it first looks.
 */
@Startup
@Singleton
class RenewalWatch {

    private static final Logger LOG = Logger.getLogger(RenewalWatch.class);
    private static final int MOST = 100;
    /** Of what is due: as many as a claim looks at. */
    private static final int LOOKED_AT = 2000;

    private final RenewalQueries queries;
    private final RenewalEpisodes episodes;
    private final RenewalTable table;
    private final TokenHosts hosts;
    private final OpenCredentials open;
    private final CredentialChecks checks;
    private final OwnContext contexts;
    private volatile double lateness;

    RenewalWatch(RenewalQueries queries, RenewalEpisodes episodes, RenewalTable table, TokenHosts hosts, OpenCredentials open,
            CredentialChecks checks, OwnContext contexts, MeterRegistry metrics) {
        this.queries = queries;
        this.episodes = episodes;
        this.table = table;
        this.hosts = hosts;
        this.open = open;
        this.checks = checks;
        this.contexts = contexts;
        Gauge.builder("latchkey.renewals.late.seconds", this, watch -> watch.lateness)
                .description("For how long a renewal that is due, and could be made, has waited at most, of all replicas")
                .register(metrics);
    }

    @Scheduled(every = "${latchkey.renewal.look-every:10s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> look() {
        return each(() -> queries.overdue(MOST), overdue -> new Named(overdue.organization(), overdue.credential()),
                episodes::overdue)
                .chain(() -> each(() -> queries.unsettled(MOST), Function.identity(),
                        one -> episodes.recovered(one.organization(), one.credential())))
                .chain(() -> each(() -> queries.endingSoon(MOST), Function.identity(),
                        one -> episodes.endsSoon(one.organization(), one.credential())))
                .chain(() -> each(() -> queries.unplanned(MOST), Function.identity(), this::plan))
                .chain(() -> each(() -> queries.appsOfNobody(MOST), app -> new Named(app.organization(), app.organization()),
                        episodes::appOfNobody))
                .chain(() -> guarded(queries.lateness(LOOKED_AT).invoke(late -> lateness = late.toMillis() / 1000.0)
                        .replaceWithVoid(), "lateness"))
                .chain(() -> guarded(hosts.forget(), "hosts"));
    }

    /** Stored by a version that renewed nothing. */
    private Uni<Void> plan(Named one) {
        return open.of(one.organization(), one.credential())
                .flatMap(stored -> episodes.planned(one.organization(), one.credential(),
                        credential -> table.plan(credential, checks.material(stored), false, 0, credential.updatedAt)));
    }

    private <T> Uni<Void> each(Supplier<Uni<List<T>>> found, Function<T, Named> name, Function<T, Uni<Void>> tell) {
        return guarded(found.get().flatMap(all -> Multi.createFrom().iterable(all).onItem()
                .transformToUniAndConcatenate(one -> guarded(contexts.run(() -> tell.apply(one)), name.apply(one).credential()))
                .collect().last()).replaceWithVoid(), "all");
    }

    private static Uni<Void> guarded(Uni<Void> work, Object what) {
        return work.onFailure()
                .invoke(fault -> LOG.warnf("what became of a renewal cannot be told now, tried again: what=%s cause=%s", what,
                        fault))
                .onFailure().recoverWithNull();
    }
}
