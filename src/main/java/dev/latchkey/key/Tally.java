package dev.latchkey.key;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import dev.latchkey.catalog.Demand;
import dev.latchkey.key.Verdict.Code;
import dev.latchkey.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** What was asked of one key and has not been written yet. Bounded in every direction, and guarded by whoever holds it. */
final class Tally {

    /** Hours that are held while the database is away; then the oldest are forgotten. */
    private static final int MOST_HOURS = 48;
    private static final int MOST_NETWORKS = 16;
    private static final int MOST_SAMPLES = 5;

    private final UUID keyId;
    private final List<UsedHour> hours = new ArrayList<>(1);
    private final List<LastUse> lastUses = new ArrayList<>(1);
    private final List<UsedNetwork> networks = new ArrayList<>(1);
    private final List<Sample> accepted = new ArrayList<>(1);
    private final List<Sample> refused = new ArrayList<>(0);
    private @Nullable LastUse firstUse;
    private long scopesUnsaidAt;
    private long storeUnsaidAt;
    private long addressUnsaidAt;
    private long networkDroppedAt;
    private long since;

    Tally(UUID keyId) {
        this.keyId = keyId;
    }

    /**
     * Counts one verdict.
     *
     * @param at milliseconds since the epoch
     */
    void count(KeySnapshot key, Code code, Question question, @Nullable Demand demand, long at) {
        UsedHour hour = hour(UsedHour.numberOf(at));
        hour.judged(code);
        if (code != Code.VALID) {
            return;
        }
        used(key.materialId(), at, question.ip());
        Question.Operation operation = question.operation();
        if (operation != null && operation.path().isValid()) {
            hour.called(operation.method(), UsageText.counted(operation, demand), at);
        }
        if (!tellsScopes(key, question, demand)) {
            scopesUnsaidAt = Math.max(scopesUnsaidAt, at);
        }
        if (question.store() == null) {
            storeUnsaidAt = Math.max(storeUnsaidAt, at);
        } else {
            hour.reached(UsageText.store(question.store()), at);
        }
        for (int i = 0; i < question.scopes().size(); i++) {
            hour.exercised(question.scopes().get(i), at);
        }
        if (demand != null) {
            for (String scope : demand.scopes()) {
                // Our own operations let some scopes stand for others: what the key does not hold it has not exercised.
                if (!question.scopes().contains(scope) && key.scopes().contains(scope)) {
                    hour.exercised(scope, at);
                }
            }
        }
    }

    /**
     * Whether the scopes that are counted for a request are those that it needed. They are where its verifier names them, and
     * where the catalogue knows the operation and the key holds what that demands itself. Of any other request they may be
     * more: the platform may look at the key's scopes behind our back, and of our own some stand for others.
     */
    private static boolean tellsScopes(KeySnapshot key, Question question, @Nullable Demand demand) {
        return !question.scopes().isEmpty()
                || demand != null && demand.code() == Demand.Code.KNOWN && key.scopes().containsAll(demand.scopes());
    }

    /** Keeps an example of what was asked, unless there are enough. */
    boolean sample(Code code, Question question, long at) {
        List<Sample> samples = code == Code.VALID ? accepted : refused;
        return samples.size() < MOST_SAMPLES && samples.add(Sample.of(at, code, question));
    }

    private void used(UUID materialId, long at, @Nullable IpAddress ip) {
        note(materialId, at, ip);
        if (firstUse == null) {
            firstUse = new LastUse(materialId, at, ip);
        }
        if (ip == null) {
            addressUnsaidAt = Math.max(addressUnsaidAt, at);
        } else {
            network(ip, at);
        }
    }

    private void note(UUID materialId, long at, @Nullable IpAddress ip) {
        for (int i = 0; i < lastUses.size(); i++) {
            LastUse known = lastUses.get(i);
            if (known.materialId().equals(materialId)) {
                known.merge(at, ip);
                return;
            }
        }
        lastUses.add(new LastUse(materialId, at, ip));
    }

    private void network(IpAddress ip, long at) {
        for (int i = 0; i < networks.size(); i++) {
            UsedNetwork known = networks.get(i);
            if (known.holds(ip)) {
                known.usedAt(at);
                return;
            }
        }
        if (networks.size() < MOST_NETWORKS) {
            networks.add(new UsedNetwork(ip, at));
        } else {
            networkDroppedAt = Math.max(networkDroppedAt, at);
        }
    }

    private UsedHour hour(long number) {
        for (int i = hours.size() - 1; i >= 0; i--) {
            if (hours.get(i).number() == number) {
                return hours.get(i);
            }
        }
        UsedHour hour = new UsedHour(number);
        hours.add(hour);
        return hour;
    }

    /**
     * Adds what was held apart of the same key.
     *
     * @return verdicts that are held no longer, since there were too many hours
     */
    long merge(Tally other) {
        other.hours.forEach(hour -> hour(hour.number()).add(hour));
        scopesUnsaidAt = Math.max(scopesUnsaidAt, other.scopesUnsaidAt);
        storeUnsaidAt = Math.max(storeUnsaidAt, other.storeUnsaidAt);
        addressUnsaidAt = Math.max(addressUnsaidAt, other.addressUnsaidAt);
        networkDroppedAt = Math.max(networkDroppedAt, other.networkDroppedAt);
        other.lastUses.forEach(use -> note(use.materialId(), use.at(), use.ip()));
        other.networks.forEach(each -> network(each.ip(), each.last()));
        addSamples(accepted, other.accepted);
        addSamples(refused, other.refused);
        if (other.firstUse != null && (firstUse == null || other.firstUse.at() < firstUse.at())) {
            firstUse = other.firstUse;
        }
        long forgotten = 0;
        while (hours.size() > MOST_HOURS) {
            UsedHour oldest = hours.stream().min((one, two) -> Long.compare(one.number(), two.number())).orElseThrow();
            hours.remove(oldest);
            forgotten += oldest.sum();
        }
        return forgotten;
    }

    /** The newest, since what is shown are the last. */
    private static void addSamples(List<Sample> samples, List<Sample> others) {
        samples.addAll(others);
        if (samples.size() > MOST_SAMPLES) {
            samples.sort((one, two) -> Long.compare(two.at, one.at));
            samples.subList(MOST_SAMPLES, samples.size()).clear();
        }
    }

    int forgetSamples() {
        int forgotten = accepted.size() + refused.size();
        accepted.clear();
        refused.clear();
        return forgotten;
    }

    int samplesHeld() {
        return accepted.size() + refused.size();
    }

    /** How many verdicts are counted here. */
    long sum() {
        return hours.stream().mapToLong(UsedHour::sum).sum();
    }

    /** Notes when it began to wait for being written: milliseconds since the epoch. */
    Tally heldSince(long millis) {
        since = millis;
        return this;
    }

    long since() {
        return since;
    }

    UUID keyId() {
        return keyId;
    }

    List<UsedHour> hours() {
        return hours;
    }

    /** Of each material that was accepted. */
    List<LastUse> lastUses() {
        return lastUses;
    }

    List<UsedNetwork> networks() {
        return networks;
    }

    List<Sample> accepted() {
        return accepted;
    }

    List<Sample> refused() {
        return refused;
    }

    /** When a request was last accepted that did not tell which scopes it needed; 0: none was. */
    long scopesUnsaidAt() {
        return scopesUnsaidAt;
    }

    /** When a request was last accepted that did not tell its store; 0: none was. */
    long storeUnsaidAt() {
        return storeUnsaidAt;
    }

    /** When a request was last accepted that did not tell its address; 0: none was. */
    long addressUnsaidAt() {
        return addressUnsaidAt;
    }

    /** When a request was last accepted from a network that is not held here, since there were too many; 0: none was. */
    long networkDroppedAt() {
        return networkDroppedAt;
    }

    /** The earliest accepted use that is held; null when there was none. */
    @Nullable
    LastUse firstUse() {
        return firstUse;
    }

    /**
     * An example of what was asked, as it is written: the question itself may be thousands of times as large.
     *
     * @param at milliseconds since the epoch
     */
    record Sample(long at, Code code, @Nullable String method, @Nullable String path, @Nullable String store,
            @Nullable String ip) {

        static Sample of(long at, Code code, Question question) {
            Question.Operation operation = question.operation();
            return new Sample(at, code, operation == null ? null : UsageText.method(operation.method()),
                    operation == null ? null : UsageText.path(operation.path()),
                    question.store() == null ? null : UsageText.store(question.store()),
                    question.ip() == null ? null : question.ip().toString());
        }
    }
}
