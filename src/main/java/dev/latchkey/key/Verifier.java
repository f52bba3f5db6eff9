package dev.latchkey.key;

import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

import jakarta.inject.Singleton;

import dev.latchkey.key.Verdict.Code;
import dev.latchkey.net.IpAddress;
import dev.latchkey.web.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** The way of every verification: parse, find in memory, judge, take from the limit. Nothing is written on it. */
@Singleton
class Verifier {

    private final KeySnapshots snapshots;
    private final Judge judge;
    private final Limiter limiter;
    private final LastUse lastUse;
    private final InstantSource clock;
    private final Map<Code, Counter> verdicts = new EnumMap<>(Code.class);

    Verifier(KeySnapshots snapshots, Judge judge, Limiter limiter, LastUse lastUse, InstantSource clock,
            MeterRegistry metrics) {
        this.snapshots = snapshots;
        this.judge = judge;
        this.limiter = limiter;
        this.lastUse = lastUse;
        this.clock = clock;
        for (Code code : Code.values()) {
            verdicts.put(code, metrics.counter("latchkey.verifications", "code", code.name()));
        }
    }

    /**
     * Whether a key is good for what is asked.
     *
     * @throws ProblemException 422 for a cost above the key's limit
     */
    Uni<Verdict> verify(String text, Question question) {
        KeyToken token = KeyToken.parse(text);
        if (token == null) {
            return Uni.createFrom().item(counted(Verdict.nothingKnown(Code.MALFORMED)));
        }
        return snapshots.find(token).map(found -> counted(judge(found, question)));
    }

    /** Whether a key is good at all, as our own operations ask of their callers; takes nothing from its limit. */
    Uni<Verdict> authenticate(String text, @Nullable IpAddress ip) {
        KeyToken token = KeyToken.parse(text);
        if (token == null) {
            return Uni.createFrom().item(Verdict.nothingKnown(Code.MALFORMED));
        }
        return snapshots.find(token)
                .map(found -> found.map(key -> Verdict.of(judge.ofKey(key, ip, clock.instant()), key))
                        .orElseGet(() -> Verdict.nothingKnown(Code.NOT_FOUND)));
    }

    /** Takes one request of an authenticated caller from its limit; null when it has none. */
    @Nullable
    Quota takeOwn(KeySnapshot caller, @Nullable IpAddress ip) {
        Instant now = clock.instant();
        Quota quota = caller.limit() == null ? null : limiter.take(caller.keyId(), caller.limit(), 1, now);
        if (quota == null || quota.admitted()) {
            lastUse.note(caller.materialId(), now, ip);
        }
        return quota;
    }

    /** Notes that an authenticated caller was let in without being counted. */
    void noteUse(KeySnapshot caller, @Nullable IpAddress ip) {
        lastUse.note(caller.materialId(), clock.instant(), ip);
    }

    private Verdict judge(Optional<KeySnapshot> found, Question question) {
        if (found.isEmpty()) {
            return Verdict.nothingKnown(Code.NOT_FOUND);
        }
        KeySnapshot key = found.get();
        Instant now = clock.instant();
        Code code = judge.ofUse(key, question, now);
        if (code == Code.NOT_FOUND) {
            return Verdict.nothingKnown(code);
        }
        return code == Code.VALID ? take(key, question, now) : Verdict.of(code, key);
    }

    /** Last, so that what is refused for another reason costs nothing. */
    private Verdict take(KeySnapshot key, Question question, Instant now) {
        KeySnapshot.Limit limit = key.limit();
        if (limit != null && question.cost() > limit.requests()) {
            throw ProblemException.invalid("cost",
                    "must be at most " + limit.requests() + ", the key's limit; it could never be admitted");
        }
        Quota quota = limit == null ? null : limiter.take(key.keyId(), limit, question.cost(), now);
        if (quota != null && !quota.admitted()) {
            return new Verdict(Code.RATE_LIMITED, key, quota);
        }
        if (question.cost() > 0) {
            lastUse.note(key.materialId(), now, question.ip());
        }
        return new Verdict(Code.VALID, key, quota);
    }

    private Verdict counted(Verdict verdict) {
        Counter counter = verdicts.get(verdict.code());
        if (counter != null) {
            counter.increment();
        }
        return verdict;
    }
}
