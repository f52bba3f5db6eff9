package dev.latchkey.key;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;

import dev.latchkey.key.Verdict.Code;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Tallies that are written in one transaction, as rows. Stays as it is until it is known to be written: its number tells
 * whether it was.
 */
final class UsageBatch {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final String UNSAID = "";

    private final long number;
    private final List<Tally> tallies;
    private final Duration settle;
    private int refusedByDatabase;

    /**
     * @param number higher than those before it of this replica
     * @param settle how long after its end an hour's refusals are summed up
     */
    UsageBatch(long number, Collection<Tally> tallies, Duration settle) {
        this.number = number;
        // By key: all replicas lock rows in the same order, hence none waits for another in a circle.
        this.tallies = tallies.stream().sorted(Comparator.comparing(Tally::keyId)).toList();
        this.settle = settle;
    }

    long number() {
        return number;
    }

    /** @return how often the database has said no to it */
    int refusedOnceMore() {
        return ++refusedByDatabase;
    }

    int size() {
        return tallies.size();
    }

    UUID[] keys() {
        return tallies.stream().map(Tally::keyId).toArray(UUID[]::new);
    }

    /** Without keys that are gone. */
    UsageBatch only(Set<UUID> present) {
        return present.size() == tallies.size() ? this
                : new UsageBatch(number, tallies.stream().filter(tally -> present.contains(tally.keyId())).toList(), settle);
    }

    /** Verdicts that are counted in it. */
    long sum() {
        return tallies.stream().mapToLong(Tally::sum).sum();
    }

    /** Key, kind, hour, name, count, last use. */
    Columns counts() {
        Columns rows = new Columns(UUID[]::new, String[]::new, OffsetDateTime[]::new, String[]::new, Long[]::new,
                OffsetDateTime[]::new);
        for (Tally tally : tallies) {
            for (UsedHour hour : tally.hours()) {
                OffsetDateTime start = instant(hour.start());
                for (Code code : Code.values()) {
                    if (hour.count(code) > 0) {
                        rows.add(tally.keyId(), "verdict", start, code.name(), hour.count(code), null);
                    }
                }
                addNames(rows, tally.keyId(), "method", start, hour.methods());
                addNames(rows, tally.keyId(), "scope", start, hour.scopes());
                addNames(rows, tally.keyId(), "store", start, hour.stores());
            }
        }
        return rows;
    }

    private static void addNames(Columns rows, UUID key, String kind, OffsetDateTime hour, List<UsedNames.Used> names) {
        for (UsedNames.Used name : names) {
            rows.add(key, kind, hour, name.text(), name.count(), instant(name.last()));
        }
    }

    /** Key, kind, name, last use: what {@code key_exercise} holds. */
    Columns exercises() {
        Columns rows = new Columns(UUID[]::new, String[]::new, String[]::new, OffsetDateTime[]::new);
        for (Tally tally : tallies) {
            for (UsedHour hour : tally.hours()) {
                hour.scopes().forEach(used -> rows.add(tally.keyId(), "scope", used.text(), instant(used.last())));
                hour.stores().forEach(used -> rows.add(tally.keyId(), "store", used.text(), instant(used.last())));
            }
            if (tally.scopesUnsaidAt() > 0) {
                rows.add(tally.keyId(), "scope", UNSAID, instant(tally.scopesUnsaidAt()));
            }
            if (tally.storeUnsaidAt() > 0) {
                rows.add(tally.keyId(), "store", UNSAID, instant(tally.storeUnsaidAt()));
            }
            if (tally.addressUnsaidAt() > 0) {
                rows.add(tally.keyId(), "network", UNSAID, instant(tally.addressUnsaidAt()));
            }
            if (tally.networkDroppedAt() > 0) {
                rows.add(tally.keyId(), "network", UsedNames.OTHER, instant(tally.networkDroppedAt()));
            }
        }
        return rows;
    }

    /** Key, network, last use, an address in it. */
    Columns networks() {
        Columns rows = new Columns(UUID[]::new, String[]::new, OffsetDateTime[]::new, String[]::new);
        for (Tally tally : tallies) {
            for (UsedNetwork network : tally.networks()) {
                rows.add(tally.keyId(), network.text(), instant(network.last()), network.address());
            }
        }
        return rows;
    }

    /** Key, kind, subject, when it happened, from where, when it is due: what is found without asking the database. */
    Columns findings() {
        Columns rows = new Columns(UUID[]::new, String[]::new, String[]::new, OffsetDateTime[]::new, String[]::new,
                OffsetDateTime[]::new);
        for (Tally tally : tallies) {
            LastUse first = tally.firstUse();
            if (first != null) {
                rows.add(tally.keyId(), "first-used", "", instant(first.at()), first.address(), instant(first.at()));
            }
            for (UsedHour hour : tally.hours()) {
                if (hour.refusedAny()) {
                    OffsetDateTime start = instant(hour.start());
                    rows.add(tally.keyId(), "refused", start.toInstant().toString(), start, null,
                            start.plus(HOUR).plus(settle));
                }
            }
        }
        return rows;
    }

    /** Key, accepted, when, code, method, path, store, address. */
    Columns samples() {
        Columns rows = new Columns(UUID[]::new, Boolean[]::new, OffsetDateTime[]::new, String[]::new, String[]::new,
                String[]::new, String[]::new, String[]::new);
        for (Tally tally : tallies) {
            tally.accepted().forEach(sample -> addSample(rows, tally.keyId(), true, sample));
            tally.refused().forEach(sample -> addSample(rows, tally.keyId(), false, sample));
        }
        return rows;
    }

    private static void addSample(Columns rows, UUID key, boolean accepted, Tally.Sample sample) {
        rows.add(key, accepted, instant(sample.at()), sample.code().name(), sample.method(), sample.path(), sample.store(),
                sample.ip());
    }

    static OffsetDateTime instant(long millis) {
        return Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);
    }

    /** Rows, column by column, as {@code unnest} takes them. */
    static final class Columns {

        private final List<IntFunction<Object[]>> arrays;
        private final List<List<@Nullable Object>> columns = new ArrayList<>();

        /** @param arrays one of the type of each column */
        @SafeVarargs
        Columns(IntFunction<Object[]>... arrays) {
            this.arrays = List.of(arrays);
            this.arrays.forEach(column -> columns.add(new ArrayList<>()));
        }

        void add(@Nullable Object... row) {
            for (int i = 0; i < row.length; i++) {
                columns.get(i).add(row[i]);
            }
        }

        int rows() {
            return columns.get(0).size();
        }

        Tuple tuple() {
            Tuple tuple = Tuple.tuple();
            for (int i = 0; i < columns.size(); i++) {
                tuple.addValue(columns.get(i).toArray(arrays.get(i)));
            }
            return tuple;
        }
    }
}
