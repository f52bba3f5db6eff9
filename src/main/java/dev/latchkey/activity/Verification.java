package dev.latchkey.activity;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.inject.Singleton;

import dev.latchkey.activity.ChainQueries.End;
import dev.latchkey.activity.Walk.Broken;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log from its first entry to its recorded end and computes every seal and link anew. Links first, so that what is
 * committed is covered; reads in batches, each a short statement of its own: linked rows do not change, so no snapshot needs
 * to be held.
 */
@Singleton
class Verification {

    private static final String RETRY_SECONDS = "5";

    private final Linker linker;
    private final ChainQueries queries;
    private final Chain chain;
    private final Heads heads;
    private final Alarm alarm;
    private final ActivityConfig config;
    private final MeterRegistry metrics;
    private final Set<UUID> running = ConcurrentHashMap.newKeySet();

    Verification(Linker linker, ChainQueries queries, Chain chain, Heads heads, Alarm alarm, ActivityConfig config,
            MeterRegistry metrics) {
        this.linker = linker;
        this.queries = queries;
        this.chain = chain;
        this.heads = heads;
        this.alarm = alarm;
        this.config = config;
        this.metrics = metrics;
    }

    /**
     * @param checked entries that hold, from the first on
     * @param broken the first that does not; null: all hold
     * @param head as recorded; null: none
     */
    record Outcome(long checked, @Nullable Broken broken, @Nullable Head head) {
    }

    /**
     * @param anchor a head that somebody kept; null: none
     * @throws ProblemException 429 while the organization's log is being verified, or too many others are; 503 when it takes
     *         too long
     */
    Uni<Outcome> verify(UUID organization, @Nullable Head anchor) {
        return Uni.createFrom().deferred(() -> {
            if (running.size() >= config.maxVerifications() || !running.add(organization)) {
                throw new ProblemException(ProblemCode.RATE_LIMITED,
                        "A verification reads the whole log, and one is running; wait for its answer.").with("Retry-After",
                                RETRY_SECONDS)
                        .with("RateLimit", "\"verification\";r=0;t=" + RETRY_SECONDS)
                        .with("RateLimit-Policy", "\"verification\";q=1;qu=\"concurrent-requests\"");
            }
            return linker.linkNow(organization).flatMap(linked -> walk(organization, anchor)).ifNoItem()
                    .after(config.verificationTimeout())
                    .failWith(() -> new ProblemException(ProblemCode.UNAVAILABLE, "The verification took too long.")
                            .with("Retry-After", RETRY_SECONDS))
                    .onTermination().invoke(() -> running.remove(organization));
        });
    }

    private Uni<Outcome> walk(UUID organization, @Nullable Head anchor) {
        // Before the database is read, which is then at least as far.
        Head remembered = heads.farthest(organization);
        return queries.end(organization, remembered).flatMap(end -> {
            Walk walk = new Walk(chain, end, anchor, remembered);
            return Multi.createBy().repeating()
                    .uni(() -> queries.linked(organization, walk.position(), walk.goal(), config.batch()).map(walk::over))
                    .whilst(more -> more).collect().last().map(done -> arrive(organization, end, walk));
        });
    }

    private Outcome arrive(UUID organization, End end, Walk walk) {
        Head head = end.head();
        walk.arrive(end, head == null || end.headSeal() == null ? null : chain.flaw(organization, head, end.headSeal()));
        Broken broken = walk.broken();
        String result = broken == null ? "valid" : broken.flaw().isOfAnchor() ? "anchor" : "broken";
        metrics.counter("latchkey.activity.verifications", "result", result).increment();
        if (broken == null) {
            if (head != null) {
                heads.saw(organization, head);
            }
        } else if (!broken.flaw().isOfAnchor()) {
            alarm.broken(organization, broken.position(), broken.flaw());
        }
        return new Outcome(walk.position(), broken, head);
    }
}
