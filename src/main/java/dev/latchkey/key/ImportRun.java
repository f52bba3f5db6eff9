package dev.latchkey.key;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.catalog.Catalogs;
import dev.latchkey.key.ImportAnswer.Status;
import dev.latchkey.replica.Barrier;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.StreamedBody;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One import, from the first line of its file to the last one of its answer.
 *
 * <p>
 * Pulled from its end: when the client has taken what was answered, the next rows are read, and while he does not, nothing is;
 * so memory holds two batches whatever the file's length, the one that is being written and the one that is being read
 * meanwhile. Rows are read away from the event loop, where verifications would wait for it.
 *
 * <p>
 * <b>Invariant:</b> the key of a row that is answered as imported is known on every replica from then on, and so is that of a
 * duplicate, whatever it is worth by now: though its token was asked for just before, though its prefix was unknown until
 * then. Its batch is committed, its prefix with it; then every replica forgets what it took for unknown, tokens and prefixes;
 * then it is answered. A replica that does not confirm is waited for until it cannot judge from memory any more; unlike with
 * other changes nothing is answered before that, since nobody waits for one line of a file. Duplicates are waited for as
 * well: whoever wrote them may have been killed before his waiting ended.
 *
 * <p>
 * A batch that has begun is ended whether the client is still there or not; none is begun after he has gone.
 */
final class ImportRun {

    private static final Logger LOG = Logger.getLogger(ImportRun.class);
    private static final long BATCH_BYTES = 1 << 20;
    private static final int ATTEMPTS = 3;

    private final UUID id = UuidCreator.getTimeOrderedEpoch();
    private final Tools tools;
    private final Keys.Actor actor;
    private final StreamedBody body;
    private final Context context;
    private final ImportLines lines = new ImportLines();
    private final long[] counts = new long[Imports.Status.values().length];
    private @Nullable Uni<Optional<Buffer>> piece;
    private @Nullable Uni<List<ImportRow>> next;
    private long answered;
    private boolean ended;

    /** What every import works with. */
    record Tools(Catalogs catalogs, ImportRows rows, Imports imports, SearchList searchList,
            Barrier barrier, ImportConfig config, InstantSource clock, ObjectWriter json, MeterRegistry metrics) {
    }

    ImportRun(Tools tools, Keys.Actor actor, StreamedBody body, Context context) {
        this.tools = tools;
        this.actor = actor;
        this.body = body;
        this.context = context;
    }

    /** @param last nothing follows it */
    private record Part(Buffer text, boolean last) {
    }

    /** The lines of the answer, many in an item. Fails only while nothing has been answered; later the last line says so. */
    Multi<Buffer> answer() {
        return Multi.createBy().repeating().uni(() -> whole(this::part)).whilst(part -> !part.last).map(Part::text);
    }

    private Uni<Part> part() {
        Uni<List<ImportRow>> rows = next == null ? read() : next;
        next = null;
        return rows.flatMap(batch -> {
            if (batch.isEmpty()) {
                return Uni.createFrom().item(part(List.of(), summary(Status.DONE, null)));
            }
            if (!ended) {
                next = read();
                // Begun now, and asked for when this batch has been answered.
                next.subscribe().with(read -> {
                }, fault -> {
                });
            }
            return write(batch).map(outcomes -> part(batch, outcomes));
        }).onFailure().recoverWithUni(fault -> {
            next = null;
            return answered == 0 ? Uni.createFrom().failure(fault) : Uni.createFrom().item(failed(fault));
        });
    }

    /** In the request's context, wherever its predecessor ended, and to its end, whoever has gone meanwhile. */
    private <T> Uni<T> whole(Callable<Uni<T>> work) {
        return Uni.createFrom().<T> emitter(emitter -> context.runOnContext(here -> {
            try {
                work.call().subscribe().with(emitter::complete, emitter::fail);
            } catch (Exception fault) {
                emitter.fail(fault);
            }
        }));
    }

    /** The next rows, by the catalogue that is in force now; empty at the end. */
    private Uni<List<ImportRow>> read() {
        return gather().flatMap(gathered -> whole(tools.catalogs::now)
                .flatMap(catalog -> Uni.createFrom().completionStage(context.owner().executeBlocking(
                        () -> gathered.stream().map(line -> tools.rows.read(actor, line)).toList(), false)
                        .toCompletionStage())))
                .memoize().indefinitely();
    }

    /** What is gathered of a batch. */
    private static final class Gathered {
        private final List<ImportLines.Line> lines = new ArrayList<>();
        private long bytes;
    }

    /**
     * One piece after the other, of which there may be as many as there are bytes: hence in a loop, and not one within another.
     */
    private Uni<List<ImportLines.Line>> gather() {
        Gathered batch = new Gathered();
        return Multi.createBy().repeating().uni(() -> whole(() -> gather(batch))).whilst(more -> more)
                .collect().last().replaceWith(batch.lines);
    }

    /** Takes what lines there are, or else waits for the next piece. Whether more may come. */
    private Uni<Boolean> gather(Gathered batch) {
        ImportLines.Line line = null;
        while (!isFull(batch) && (line = lines.next()) != null) {
            batch.lines.add(line);
            batch.bytes += line.bytes();
        }
        if (line != null || ended || isFull(batch)) {
            return Uni.createFrom().item(false);
        }
        Uni<Optional<Buffer>> coming = piece == null ? body.next().memoize().indefinitely() : piece;
        piece = coming;
        Uni<Boolean> come = coming.invoke(this::take).replaceWith(true);
        // Nobody waits for company for ever: what is there is written, and what comes later is the next batch.
        return batch.lines.isEmpty() ? come : come.ifNoItem().after(tools.config.linger()).recoverWithItem(false);
    }

    private boolean isFull(Gathered batch) {
        return batch.lines.size() >= tools.config.batch() || batch.bytes >= BATCH_BYTES;
    }

    private void take(Optional<Buffer> come) {
        piece = null;
        come.ifPresentOrElse(lines::add, () -> {
            lines.end();
            ended = true;
        });
    }

    private Uni<Map<Long, Imports.Outcome>> write(List<ImportRow> batch) {
        Map<Long, ImportRow.Draft> drafts = new LinkedHashMap<>();
        Map<Long, Imports.Outcome> outcomes = new LinkedHashMap<>();
        for (ImportRow row : batch) {
            ImportRow.Draft draft = row.draft();
            if (draft == null) {
                outcomes.put(row.line(), Imports.Outcome.invalid(row.errors()));
            } else {
                drafts.put(row.line(), draft);
            }
        }
        if (drafts.isEmpty()) {
            return Uni.createFrom().item(outcomes);
        }
        return write(drafts).call(this::settle).map(written -> {
            outcomes.putAll(written);
            return outcomes;
        });
    }

    /** In one transaction; in two where one row is more than PostgreSQL can hold, until that row stands alone. */
    private Uni<Map<Long, Imports.Outcome>> write(Map<Long, ImportRow.Draft> drafts) {
        Imports.Batch wanted = new Imports.Batch(actor, id, drafts);
        return whole(() -> tools.imports.write(wanted)).onFailure(Imports::isRace).retry().atMost(ATTEMPTS)
                .invoke(written -> tools.searchList.grown(drafts.size()))
                .onFailure(Imports::isUnstorable).recoverWithUni(fault -> {
                    if (drafts.size() == 1) {
                        return Uni.createFrom().item(Map.of(drafts.keySet().iterator().next(), Imports.Outcome
                                .invalid(List.of(new FieldError("", "holds something that cannot be stored")))));
                    }
                    Map<Long, ImportRow.Draft> first = new LinkedHashMap<>();
                    Map<Long, ImportRow.Draft> second = new LinkedHashMap<>();
                    drafts.forEach((line, draft) -> (first.size() < drafts.size() / 2 ? first : second).put(line, draft));
                    return write(first).flatMap(before -> write(second).map(after -> {
                        Map<Long, Imports.Outcome> both = new LinkedHashMap<>(before);
                        both.putAll(after);
                        return both;
                    }));
                });
    }

    /** Not before it is in force everywhere. */
    private Uni<Void> settle() {
        return tools.barrier.settle(Scope.whatWasUnknown()).flatMap(settled -> {
            Duration left = settled.left(tools.clock.instant());
            return left.isZero() ? Uni.createFrom().voidItem()
                    : Uni.createFrom().voidItem().onItem().delayIt().by(left);
        });
    }

    private Part part(List<ImportRow> batch, Map<Long, Imports.Outcome> outcomes) {
        List<ImportAnswer> answers = new ArrayList<>(batch.size() + 1);
        for (ImportRow row : batch) {
            Imports.Outcome outcome = outcomes.get(row.line());
            if (outcome == null) {
                throw new IllegalStateException("every row has an outcome");
            }
            counts[outcome.status().ordinal()]++;
            tools.metrics.counter("latchkey.import.rows", "status", outcome.status().name()).increment();
            answers.add(ImportAnswer.row(row.line(), Status.valueOf(outcome.status().name()), outcome.id(), outcome.errors(),
                    row.warnings()));
            answered = row.line();
        }
        return part(answers, null);
    }

    private Part part(List<ImportAnswer> answers, @Nullable ImportAnswer end) {
        StringBuilder text = new StringBuilder();
        List<ImportAnswer> all = new ArrayList<>(answers);
        if (end != null) {
            all.add(end);
        }
        for (ImportAnswer answer : all) {
            text.append(json(answer)).append('\n');
        }
        return new Part(Buffer.buffer(text.toString()), end != null);
    }

    private Part failed(Throwable fault) {
        String why = fault instanceof ProblemException refusal ? refusal.detail()
                : "The database cannot be reached, or something went wrong here.";
        LOG.warnf("import ended early: org=%s import=%s line=%d cause=%s", actor.organization(), id, answered, fault);
        return part(List.of(), summary(Status.FAILED, why + " Rows up to line " + answered
                + " are as answered; of the next ones some may have been imported. Send the file again: what is there is answered"
                + " as duplicate."));
    }

    private ImportAnswer summary(Status status, @Nullable String detail) {
        return ImportAnswer.end(status, id, new ImportAnswer.Counts(counts[Imports.Status.IMPORTED.ordinal()],
                counts[Imports.Status.DUPLICATE.ordinal()], counts[Imports.Status.INVALID.ordinal()]), detail);
    }

    private String json(ImportAnswer answer) {
        try {
            return tools.json.writeValueAsString(answer);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("an answer is plain text and numbers", impossible);
        }
    }
}
