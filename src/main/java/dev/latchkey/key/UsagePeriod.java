package dev.latchkey.key;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.LongStream;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.web.Choice;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Span;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A span of time in whole buckets, as a chart shows it.
 *
 * @param from begin of the first bucket
 * @param to end of the last bucket, which is not after the one that has begun
 */
record UsagePeriod(Instant from, Instant to, Step step) {

    /** More points than a chart has pixels; six weeks of hours, nearly three years of days. */
    static final int MOST_BUCKETS = 1_000;

    /** How long a bucket is. */
    @Schema(name = "UsageBucket")
    enum Step {
        @JsonProperty("hour")
        HOUR(ChronoUnit.HOURS, Duration.ofHours(24)),
        @JsonProperty("day")
        DAY(ChronoUnit.DAYS, Duration.ofDays(30));

        private final ChronoUnit unit;
        private final Duration usual;

        Step(ChronoUnit unit, Duration usual) {
            this.unit = unit;
            this.usual = usual;
        }

        /** Called by Jakarta REST. */
        public static Step fromString(String text) {
            return Choice.of(Step.class, "bucket", text);
        }

        private Instant begin(Instant instant) {
            return instant.truncatedTo(unit);
        }

        private Instant end(Instant instant) {
            Instant begin = begin(instant);
            return begin.equals(instant) ? begin : begin.plus(unit.getDuration());
        }
    }

    /**
     * Of query parameters.
     *
     * @param keepHours how long counts are kept by the hour
     * @throws ProblemException 422 for what is no span, lies ahead, is too long, or asks for hours that are kept no more
     */
    static UsagePeriod parse(@Nullable String fromText, @Nullable String toText, @Nullable Step wanted, Instant now,
            Duration keepHours) {
        Step step = wanted == null ? Step.HOUR : wanted;
        Span span = Span.parse(fromText, toText);
        Instant last = step.begin(now).plus(step.unit.getDuration());
        Instant to = span.to() == null ? last : earlier(step.end(span.to()), last);
        Instant from = step.begin(span.from() == null ? to.minus(step.usual) : span.from());
        if (!from.isBefore(to)) {
            throw ProblemException.invalid("from", "must be in the past and before to, which is now unless it is given");
        }
        if (step == Step.HOUR && from.isBefore(step.begin(now.minus(keepHours)))) {
            throw ProblemException.invalid("from", "must be within " + keepHours.toDays()
                    + " days, for which counts are kept by the hour; ask for bucket=day");
        }
        long buckets = Duration.between(from, to).dividedBy(step.unit.getDuration());
        if (buckets > MOST_BUCKETS) {
            throw ProblemException.invalid("from", "is too early: there would be " + buckets + " buckets, of at most "
                    + MOST_BUCKETS + "; ask for a shorter span" + (step == Step.HOUR ? ", or for bucket=day" : ""));
        }
        return new UsagePeriod(from, to, step);
    }

    /** The begin of each bucket, the earliest first. */
    List<Instant> buckets() {
        Duration length = step.unit.getDuration();
        return LongStream.range(0, Duration.between(from, to).dividedBy(length))
                .mapToObj(number -> from.plus(length.multipliedBy(number))).toList();
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
