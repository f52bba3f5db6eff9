package dev.latchkey.key;

import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.Catalog;
import dev.latchkey.catalog.Demand;
import dev.latchkey.crypto.Secret;
import dev.latchkey.key.Verdict.Code;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** The way of every verification: parse, find in memory, open, judge, take from the limit, count. Nothing is written on it. */
@Singleton
class Verifier {

    private final ForeignPrefixes formats;
    private final KeySnapshots snapshots;
    private final KeyPairs pairs;
    private final Judge judge;
    private final Limiter limiter;
    private final Usage usage;
    private final VerdictTime time;
    private final VerdictMetrics metrics;

    Verifier(ForeignPrefixes formats, KeySnapshots snapshots, KeyPairs pairs, Judge judge, Limiter limiter, Usage usage,
            VerdictTime time, VerdictMetrics metrics) {
        this.formats = formats;
        this.snapshots = snapshots;
        this.pairs = pairs;
        this.judge = judge;
        this.limiter = limiter;
        this.usage = usage;
        this.time = time;
        this.metrics = metrics;
    }

    /**
     * Whether a key is good for what is asked.
     *
     * @throws ProblemException 422 for a cost above the key's limit
     */
    Uni<Verdict> verify(PresentedKey presented, Question question) {
        long begun = metrics.begun();
        return formats.read(presented.key().reveal(),
                token -> snapshots.find(token, question.organizationId(), question.ip())
                        .flatMap(found -> judge(found, presented.secret(), question))
                        .map(verdict -> metrics.answered(verdict, begun)),
                () -> Uni.createFrom().item(metrics.answered(Verdict.nothingKnown(Code.MALFORMED), begun)));
    }

    /**
     * Whether a key is good at all, and its methods for that use, as our own operations ask of their callers; takes nothing
     * from its limit.
     *
     * @param use what it is used for
     */
    Uni<Verdict> authenticate(PresentedKey presented, Question use) {
        return formats.read(presented.key().reveal(),
                token -> snapshots.find(token, null, use.ip())
                        .map(found -> found.map(key -> authenticate(key, presented.secret(), use))
                                .orElseGet(() -> Verdict.nothingKnown(Code.NOT_FOUND))),
                () -> Uni.createFrom().item(Verdict.nothingKnown(Code.MALFORMED)));
    }

    /** The scopes by which an authenticated caller may do that. */
    Collection<String> scopesOf(KeySnapshot caller, Question use) {
        return judge.scopesOfCaller(caller, use);
    }

    private Verdict authenticate(KeySnapshot found, @Nullable Secret secret, Question use) {
        Instant now = time.now();
        KeySnapshot key = pairs.opened(found, secret, now);
        if (key == null) {
            return unopened(found, use, null, now);
        }
        Code code = judge.ofCaller(key, use, now);
        return code == Code.VALID ? Verdict.of(code, key) : refused(code, key, use, null, now);
    }

    /** Takes one request of an authenticated caller from its limit; empty when it has none. */
    Uni<Optional<Quota>> takeOwn(KeySnapshot caller, Question use) {
        return (caller.limit() == null ? Uni.createFrom().item(Optional.<Quota> empty()) : take(caller, caller.limit(), 1))
                .invoke(quota -> noteUse(caller,
                        quota.isEmpty() || quota.get().admitted() ? Code.VALID : Code.RATE_LIMITED, use));
    }

    /** Notes what became of an authenticated caller. */
    void noteUse(KeySnapshot caller, Code code, Question use) {
        usage.count(caller, code, use, judge.demandOf(use), time.now());
    }

    private Uni<Verdict> judge(Optional<KeySnapshot> found, @Nullable Secret secret, Question question) {
        if (found.isEmpty() || Judge.isForeign(found.get(), question)) {
            return Uni.createFrom().item(Verdict.nothingKnown(Code.NOT_FOUND));
        }
        Catalog catalog = judge.catalogFor(question);
        return catalog != null ? judge(found.get(), secret, question, catalog)
                : judge.catalog().flatMap(read -> judge(found.get(), secret, question, read));
    }

    private Uni<Verdict> judge(KeySnapshot found, @Nullable Secret secret, Question question, Catalog catalog) {
        Instant now = time.now();
        Demand demand = judge.demandOf(question, catalog);
        KeySnapshot key = pairs.opened(found, secret, now);
        if (key == null) {
            return Uni.createFrom().item(unopened(found, question, demand, now));
        }
        Code code = judge.ofUse(key, question, demand, now);
        return code == Code.VALID ? admit(key, question, demand, now)
                : Uni.createFrom().item(refused(code, key, question, demand, now));
    }

    /** Last, so that what is refused for another reason costs nothing. */
    private Uni<Verdict> admit(KeySnapshot key, Question question, @Nullable Demand demand, Instant now) {
        KeySnapshot.Limit limit = key.limit();
        if (limit == null) {
            return Uni.createFrom().item(counted(new Verdict(Code.VALID, key, null), key, question, demand, now));
        }
        if (question.cost() > limit.requests()) {
            throw ProblemException.invalid("cost",
                    "must be at most " + limit.requests() + ", the key's limit; it could never be admitted");
        }
        return take(key, limit, question.cost()).map(quota -> counted(
                new Verdict(quota.isPresent() && !quota.get().admitted() ? Code.RATE_LIMITED : Code.VALID, key,
                        quota.orElse(null)),
                key, question, demand, now));
    }

    /** Counted for the owner of the key, who learns that someone has half of it; who asks is told nothing of it. */
    private Verdict unopened(KeySnapshot key, Question question, @Nullable Demand demand, Instant now) {
        return counted(Verdict.nothingKnown(Code.BAD_SECRET), key, question, demand, now);
    }

    private Verdict refused(Code code, KeySnapshot key, Question question, @Nullable Demand demand, Instant now) {
        return counted(Verdict.of(code, key), key, question, demand, now);
    }

    private Verdict counted(Verdict verdict, KeySnapshot key, Question question, @Nullable Demand demand, Instant now) {
        usage.count(key, verdict.code(), question, demand, now);
        return verdict;
    }

    private Uni<Optional<Quota>> take(KeySnapshot key, KeySnapshot.Limit limit, int cost) {
        Quota quota = limiter.take(key, limit, cost);
        return quota == null ? limiter.ask(key, cost) : Uni.createFrom().item(Optional.of(quota));
    }
}
