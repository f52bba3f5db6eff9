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
        return snapshots.find(token, question.organizationId(), question.ip()).flatMap(found -> judge(found, question))
                .map(this::counted);
    }

    /** Whether a key is good at all, as our own operations ask of their callers; takes nothing from its limit. */
    Uni<Verdict> authenticate(String text, @Nullable IpAddress ip) {
        KeyToken token = KeyToken.parse(text);
        if (token == null) {
            return Uni.createFrom().item(Verdict.nothingKnown(Code.MALFORMED));
        }
        return snapshots.find(token, null, ip)
                .map(found -> found.map(key -> Verdict.of(judge.ofKey(key, ip, clock.instant()), key))
                        .orElseGet(() -> Verdict.nothingKnown(Code.NOT_FOUND)));
    }

    /** Takes one request of an authenticated caller from its limit; empty when it has none. */
    Uni<Optional<Quota>> takeOwn(KeySnapshot caller, @Nullable IpAddress ip) {
        return (caller.limit() == null ? Uni.createFrom().item(Optional.<Quota> empty()) : take(caller, caller.limit(), 1))
                .invoke(quota -> {
                    if (quota.isEmpty() || quota.get().admitted()) {
                        lastUse.note(caller.materialId(), clock.instant(), ip);
                    }
                });
    }

    /** Notes that an authenticated caller was let in without being counted. */
    void noteUse(KeySnapshot caller, @Nullable IpAddress ip) {
        lastUse.note(caller.materialId(), clock.instant(), ip);
    }

    private Uni<Verdict> judge(Optional<KeySnapshot> found, Question question) {
        if (found.isEmpty()) {
            return Uni.createFrom().item(Verdict.nothingKnown(Code.NOT_FOUND));
        }
        KeySnapshot key = found.get();
        Instant now = clock.instant();
        Code code = judge.ofUse(key, question, now);
        if (code == Code.NOT_FOUND) {
            return Uni.createFrom().item(Verdict.nothingKnown(code));
        }
        return code == Code.VALID ? admit(key, question, now) : Uni.createFrom().item(Verdict.of(code, key));
    }

    /** Last, so that what is refused for another reason costs nothing. */
    private Uni<Verdict> admit(KeySnapshot key, Question question, Instant now) {
        KeySnapshot.Limit limit = key.limit();
        if (limit == null) {
            return Uni.createFrom().item(admitted(key, question, now, null));
        }
        if (question.cost() > limit.requests()) {
            throw ProblemException.invalid("cost",
                    "must be at most " + limit.requests() + ", the key's limit; it could never be admitted");
        }
        return take(key, limit, question.cost()).map(quota -> quota.isPresent() && !quota.get().admitted()
                ? new Verdict(Code.RATE_LIMITED, key, quota.get())
                : admitted(key, question, now, quota.orElse(null)));
    }

    private Verdict admitted(KeySnapshot key, Question question, Instant now, @Nullable Quota quota) {
        if (question.cost() > 0) {
            lastUse.note(key.materialId(), now, question.ip());
        }
        return new Verdict(Code.VALID, key, quota);
    }

    private Uni<Optional<Quota>> take(KeySnapshot key, KeySnapshot.Limit limit, int cost) {
        Quota quota = limiter.take(key, limit, cost);
        return quota == null ? limiter.ask(key, cost) : Uni.createFrom().item(Optional.of(quota));
    }

    private Verdict counted(Verdict verdict) {
        Counter counter = verdicts.get(verdict.code());
        if (counter != null) {
            counter.increment();
        }
        return verdict;
    }
}
