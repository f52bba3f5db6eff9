package dev.latchkey.web;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.latchkey.crypto.SealBrokenException;
import dev.latchkey.web.IdempotencyRecords.Claim;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import org.hibernate.exception.ConstraintViolationException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * Writes that are carried out once, however often they are sent with the same {@code Idempotency-Key}.
 *
 * <p>
 * <b>Invariant:</b> of all requests with one key (by one caller, for one organization, on one route, within the retention) at
 * most one changes anything. It rests on two things. The record is inserted in the transaction of the change, so that both
 * stand or neither, whatever crashes. And whoever looks for the record or inserts it holds an advisory lock from before the
 * look until the commit, so that nobody looks between. Nothing says "running" beyond the lock, which dies with its
 * transaction; hence nothing has to be cleared up after a crash.
 *
 * <p>
 * The answer is made after the commit, since it tells what stands then, and is kept in a statement of its own. A crash in
 * between loses the answer, never the knowledge that the change was made: a repeat is told so, with the object's id. For some
 * seconds after the commit a missing answer counts as being made.
 *
 * <p>
 * What was refused is kept as well, after the rollback: a repeat gets the same refusal, though the circumstances may have
 * changed. What passes by itself is not kept: 429, 5xx, a lost race; nor what was refused before the change began.
 *
 * <p>
 * What could break it: peppers, from which records are named. While they rotate, every name is looked for, which holds as long
 * as each replica knows the peppers of all others.
 */
@Singleton
public class Idempotency {

    public static final String HEADER = "Idempotency-Key";
    public static final String REPLAYED = "Idempotency-Replayed";

    private static final Logger LOG = Logger.getLogger(Idempotency.class);
    private static final Set<ProblemCode> NOT_KEPT = EnumSet.of(ProblemCode.RATE_LIMITED, ProblemCode.IDEMPOTENCY_RUNNING,
            ProblemCode.IDEMPOTENCY_MISMATCH, ProblemCode.IDEMPOTENCY_ANSWER_GONE);
    private static final String RETRY_SECONDS = "1";

    private final IdempotencyRecords records;
    private final IdempotentRequest.Source requests;
    private final IdempotencyConfig config;
    private final ObjectMapper json;
    private final Map<Outcome, Counter> counters = new EnumMap<>(Outcome.class);

    Idempotency(IdempotencyRecords records, IdempotentRequest.Source requests, IdempotencyConfig config, ObjectMapper json,
            MeterRegistry metrics) {
        this.records = records;
        this.requests = requests;
        this.config = config;
        this.json = json;
        for (Outcome outcome : Outcome.values()) {
            counters.put(outcome,
                    metrics.counter("latchkey.idempotency", "outcome", outcome.name().toLowerCase(Locale.ROOT)));
        }
    }

    /** What becomes of a request with an Idempotency-Key; those that fail otherwise are not counted. */
    private enum Outcome {
        /** Carried out or refused, and kept. */
        FIRST,
        REPLAYED,
        /** The first one has not been answered yet. */
        RUNNING,
        /** Another body under the same key. */
        MISMATCH,
        /** Carried out, and its answer is not told any more: it carried a secret, or its caller may not see the object now. */
        EXPIRED,
        /** Carried out, and nobody knows its answer. */
        LOST
    }

    /**
     * A request that has been dealt with, now or before. What has to follow a commit follows it in both cases: whoever carried
     * it out may not have come that far.
     */
    @FunctionalInterface
    public interface Done<T> {

        /**
         * The answer: of an earlier request, or made now.
         *
         * @param made called after the commit, if at all. What it answers with {@code Cache-Control: no-store} carries a
         *        secret and is kept for minutes only
         */
        Uni<RestResponse<Object>> answer(Function<? super T, ? extends Uni<? extends RestResponse<?>>> made);
    }

    /**
     * Carries out a change, unless an earlier request with the same Idempotency-Key has done so. Without that header it is
     * the change and nothing else. For operations with {@link Idempotent}. Types that only such operations answer have to be
     * registered for reflection, since the answer's type hides them.
     *
     * @param change opens a transaction or joins the one that is open: it is called in one
     * @param object the id of what is made or changed, for those who come too late for the answer; null where there is no one
     *        id
     * @throws ProblemException 422 for a key that is none or that was used with another body, 409 while the earlier request
     *         is running or when its answer is gone, and whatever the change throws
     */
    public <T> Uni<Done<T>> once(Supplier<Uni<T>> change, Function<? super T, ? extends @Nullable UUID> object) {
        return change(change, object, seen -> Uni.createFrom().item(true));
    }

    private <T> Uni<Done<T>> change(Supplier<Uni<T>> change, Function<? super T, ? extends @Nullable UUID> object,
            Function<UUID, Uni<Boolean>> again) {
        IdempotentRequest asked = requests.current();
        if (asked == null) {
            return change.get().map(value -> made -> made.apply(value).map(Idempotency::widened));
        }
        return Panache.withTransaction(() -> records.claim(asked.ids())
                .flatMap(claim -> carryOut(asked, claim.orElseThrow(this::running), change, object, again)))
                .onFailure(Idempotency::isSecond).transform(raced -> running())
                .onFailure(Idempotency::isKept).call(refusal -> keep(asked, (ProblemException) refusal));
    }

    /**
     * The same, of a change that others are asked about before: outside of the transaction, and not again where an earlier
     * request has carried it out. Two that come at once may both ask; one of them changes something. What the preparation is
     * refused with is not kept: nothing was begun.
     *
     * @param preparation may take its time
     * @param again with the object's id, before an earlier answer is repeated: whether the caller may see it still. Who may not
     *        is told that the answer is gone
     */
    public <P, T> Uni<Done<T>> once(Supplier<Uni<P>> preparation, Function<? super P, Uni<T>> change,
            Function<? super T, ? extends @Nullable UUID> object, Function<UUID, Uni<Boolean>> again) {
        IdempotentRequest asked = requests.current();
        Uni<Optional<Done<T>>> before = asked == null ? Uni.createFrom().item(Optional.empty())
                : Panache.withTransaction(() -> records.claim(asked.ids()).map(claim -> {
                    Claim taken = claim.orElseThrow(this::running);
                    IdempotencyRecord earlier = taken.earlier();
                    return earlier == null ? Optional.empty() : Optional.of(replay(asked, earlier, taken, again));
                }));
        return before.flatMap(done -> done.isPresent() ? Uni.createFrom().item(done.get())
                : preparation.get().flatMap(prepared -> change(() -> change.apply(prepared), object, again)));
    }

    private <T> Uni<Done<T>> carryOut(IdempotentRequest asked, Claim claim, Supplier<Uni<T>> change,
            Function<? super T, ? extends @Nullable UUID> object, Function<UUID, Uni<Boolean>> again) {
        IdempotencyRecord earlier = claim.earlier();
        if (earlier != null) {
            return Uni.createFrom().item(replay(asked, earlier, claim, again));
        }
        return change.get().call(value -> records.write(claim, asked.record(object.apply(value))))
                .map(value -> made -> made.apply(value).flatMap(answer -> keep(asked, KeptAnswer.of(answer, json))));
    }

    private <T> Done<T> replay(IdempotentRequest asked, IdempotencyRecord earlier, Claim claim,
            Function<UUID, Uni<Boolean>> again) {
        if (!asked.hasBodyOf(earlier)) {
            count(Outcome.MISMATCH);
            throw new ProblemException(ProblemCode.IDEMPOTENCY_MISMATCH,
                    "This Idempotency-Key came with another body before; send a new request with a new key.");
        }
        if (earlier.answerHasDied(claim.now())) {
            count(Outcome.EXPIRED);
            return gone(earlier,
                    "its answer carried a secret, which is repeated for " + config.materialRetention() + " only");
        }
        byte[] sealed = earlier.answer;
        if (sealed == null && earlier.createdAt.plus(config.answerPatience()).isAfter(claim.now())) {
            throw running();
        }
        KeptAnswer answer = sealed == null ? null : open(asked, earlier.id, sealed);
        if (answer == null) {
            count(Outcome.LOST);
            return gone(earlier, "its answer is lost");
        }
        UUID object = earlier.objectId;
        Uni<Boolean> seen = object == null ? Uni.createFrom().item(true) : again.apply(object);
        return made -> seen.flatMap(still -> {
            count(still ? Outcome.REPLAYED : Outcome.EXPIRED);
            return still ? Uni.createFrom().item(answer.answer().header(REPLAYED, "true").build())
                    : Idempotency.<T> gone(earlier, "what it told is for others by now").answer(made);
        });
    }

    private static @Nullable KeptAnswer open(IdempotentRequest asked, UUID id, byte[] sealed) {
        try {
            return asked.open(sealed, id);
        } catch (SealBrokenException broken) {
            LOG.warnf("an answer cannot be replayed: record=%s cause=%s", id, broken.getMessage());
            return null;
        }
    }

    /** Keeps what the change was refused with. That it can't be kept is no reason to refuse in another way. */
    private Uni<Void> keep(IdempotentRequest asked, ProblemException refusal) {
        KeptAnswer answer = KeptAnswer.of(asked.answer(refusal), json);
        IdempotencyRecord row = asked.record(null);
        row.answer = asked.seal(answer, row.id);
        // Whoever got the key in the meantime has done more than was done here: theirs stands.
        return Panache.withTransaction(() -> records.claim(asked.ids())
                .flatMap(claim -> claim.isEmpty() || claim.get().earlier() != null ? Uni.createFrom().voidItem()
                        : records.write(claim.get(), row)))
                .invoke(() -> count(Outcome.FIRST)).onFailure().invoke(fault -> notKept(row.id, fault)).onFailure()
                .recoverWithNull();
    }

    private Uni<RestResponse<Object>> keep(IdempotentRequest asked, KeptAnswer answer) {
        count(Outcome.FIRST);
        return records.keepAnswer(asked.id(), asked.seal(answer, asked.id()), answer.carriesMaterial()).onFailure()
                .invoke(fault -> notKept(asked.id(), fault)).onFailure().recoverWithNull()
                .map(done -> answer.answer().build());
    }

    private static void notKept(UUID id, Throwable fault) {
        LOG.warnf("an answer is sent and cannot be replayed: record=%s cause=%s", id, fault);
    }

    private ProblemException running() {
        count(Outcome.RUNNING);
        return new ProblemException(ProblemCode.IDEMPOTENCY_RUNNING,
                "The first request with this Idempotency-Key has not been answered yet; repeat this one in a moment.")
                .with("Retry-After", RETRY_SECONDS);
    }

    private static <T> Done<T> gone(IdempotencyRecord earlier, String why) {
        UUID object = earlier.objectId;
        ProblemException refusal = new ProblemException(ProblemCode.IDEMPOTENCY_ANSWER_GONE,
                "This request was answered before, and " + why + "."
                        + (object == null ? "" : " It concerned " + object + ": look at that.")
                        + " To have it done again, send it with a new Idempotency-Key.",
                object == null ? List.of() : List.of(new Problem.FieldError("id", object.toString())));
        return made -> Uni.createFrom().failure(refusal);
    }

    /** The change's own refusals; those of this class are about the key, and hold for one request. */
    private static boolean isKept(Throwable fault) {
        return fault instanceof ProblemException refusal && refusal.code().status() < 500
                && !NOT_KEPT.contains(refusal.code());
    }

    /** Where replicas know different peppers, the lock may fail, and the primary key does not. */
    private static boolean isSecond(Throwable fault) {
        return fault instanceof ConstraintViolationException violation
                && "idempotency_pkey".equals(violation.getConstraintName());
    }

    private void count(Outcome outcome) {
        Counter counter = counters.get(outcome);
        if (counter != null) {
            counter.increment();
        }
    }

    /** An answer is only read from, so it may as well be one of something wider. */
    @SuppressWarnings("unchecked")
    private static RestResponse<Object> widened(RestResponse<?> answer) {
        return (RestResponse<Object>) answer;
    }
}
