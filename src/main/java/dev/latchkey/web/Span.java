package dev.latchkey.web;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;

import com.github.f4b6a3.uuid.UuidCreator;
import org.jspecify.annotations.Nullable;

/**
 * A span of time that a list is narrowed to.
 *
 * <p>
 * Lists are ordered by UUIDv7 ids, which begin with the milliseconds of their creation. {@link #first()} and {@link #end()}
 * turn the span into bounds on the id, so that the index that orders a list also cuts it; they leave a minute on each side,
 * since a row's own time and its id are read from the clock one after the other, and the row's time decides within.
 *
 * @param from inclusive; null: since ever
 * @param to exclusive; null: until now
 */
public record Span(@Nullable Instant from, @Nullable Instant to) {

    private static final Duration SLACK = Duration.ofMinutes(1);
    private static final Instant EARLIEST = Instant.EPOCH.plus(SLACK);
    private static final Instant LATEST = OffsetDateTime.of(9999, 12, 31, 0, 0, 0, 0, ZoneOffset.UTC).toInstant();

    /**
     * Of the query parameters {@code from} and {@code to}.
     *
     * @throws ProblemException 422 for what is no instant of RFC 3339, and for a span that ends before it begins
     */
    public static Span parse(@Nullable String from, @Nullable String to) {
        Span span = new Span(instant("from", from), instant("to", to));
        if (span.from != null && span.to != null && !span.to.isAfter(span.from)) {
            throw ProblemException.invalid("to", "must be after from");
        }
        return span;
    }

    /** No row of the span has a lower id; null: no bound. */
    public @Nullable UUID first() {
        return from == null ? null : UuidCreator.getTimeOrderedEpochMin(within(from).minus(SLACK));
    }

    /** Every row of the span has a lower id; null: no bound. */
    public @Nullable UUID end() {
        return to == null ? null : UuidCreator.getTimeOrderedEpochMin(within(to).plus(SLACK));
    }

    private static @Nullable Instant instant(String field, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            // A '+' that nobody encoded arrives as a space.
            OffsetDateTime instant = OffsetDateTime.parse(text.replace(' ', '+'));
            if (instant.getYear() >= 0 && instant.getYear() <= 9999) {
                return instant.toInstant();
            }
        } catch (DateTimeException notAnInstant) {
            // Told below.
        }
        throw ProblemException.invalid(field, "must be an instant with its offset, as 2026-01-31T08:00:00Z");
    }

    private static Instant within(Instant instant) {
        return instant.isBefore(EARLIEST) ? EARLIEST : instant.isAfter(LATEST) ? LATEST : instant;
    }
}
