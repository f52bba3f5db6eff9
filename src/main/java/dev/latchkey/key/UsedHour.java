package dev.latchkey.key;

import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.latchkey.key.Verdict.Code;
import org.jspecify.annotations.Nullable;

/** What was counted of a key within an hour. Guarded by whoever holds it. */
final class UsedHour {

    private static final long MILLIS = TimeUnit.HOURS.toMillis(1);

    private final long number;
    private final long[] verdicts = new long[Code.values().length];
    private @Nullable UsedNames methods;
    private @Nullable UsedNames scopes;
    private @Nullable UsedNames stores;

    /** @param number hours since the epoch */
    UsedHour(long number) {
        this.number = number;
    }

    /** @param at milliseconds since the epoch */
    static long numberOf(long at) {
        return Math.floorDiv(at, MILLIS);
    }

    void judged(Code code) {
        verdicts[code.ordinal()]++;
    }

    /** An operation, by its method and what it is counted under. */
    void called(String method, String name, long at) {
        methods = methods == null ? new UsedNames() : methods;
        methods.add(method, name, 1, at);
    }

    void reached(String store, long at) {
        stores = stores == null ? new UsedNames() : stores;
        stores.add("", store, 1, at);
    }

    void exercised(String scope, long at) {
        scopes = scopes == null ? new UsedNames() : scopes;
        scopes.add("", scope, 1, at);
    }

    void add(UsedHour other) {
        for (int i = 0; i < verdicts.length; i++) {
            verdicts[i] += other.verdicts[i];
        }
        methods = sum(methods, other.methods);
        scopes = sum(scopes, other.scopes);
        stores = sum(stores, other.stores);
    }

    private static @Nullable UsedNames sum(@Nullable UsedNames one, @Nullable UsedNames other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        one.addAll(other);
        return one;
    }

    long sum() {
        long sum = 0;
        for (long count : verdicts) {
            sum += count;
        }
        return sum;
    }

    long number() {
        return number;
    }

    /** Its first millisecond since the epoch. */
    long start() {
        return number * MILLIS;
    }

    long count(Code code) {
        return verdicts[code.ordinal()];
    }

    boolean refusedAny() {
        return sum() > count(Code.VALID);
    }

    List<UsedNames.Used> methods() {
        return methods == null ? List.of() : methods.used();
    }

    List<UsedNames.Used> scopes() {
        return scopes == null ? List.of() : scopes.used();
    }

    List<UsedNames.Used> stores() {
        return stores == null ? List.of() : stores.used();
    }
}
