package dev.latchkey.key;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How often each of some names was used, and when last. Of a bounded number: what callers can make up without end, as stores of
 * an all-stores key and unknown paths, is counted together beyond it. Guarded by whoever holds it.
 */
final class UsedNames {

    /** Different names of a kind that are told apart, for each key and hour; a key uses a handful. */
    static final int MOST = 100;

    /** What is beyond {@link #MOST}: no name of a scope, operation or store has parentheses. */
    static final String OTHER = "(other)";

    private final List<Used> used = new ArrayList<>(2);

    /** @param method an HTTP method that belongs to the name; empty where it has none */
    void add(String method, String name, long count, long at) {
        Used known = find(method, name);
        if (known == null) {
            known = used.size() < MOST || name.equals(OTHER) ? new Used(method, name) : find("", OTHER);
            if (known == null) {
                known = new Used("", OTHER);
            }
            if (known.count == 0) {
                used.add(known);
            }
        }
        known.count += count;
        known.last = Math.max(known.last, at);
    }

    void addAll(UsedNames others) {
        for (Used other : others.used) {
            add(other.method, other.name, other.count, other.last);
        }
    }

    List<Used> used() {
        return used;
    }

    // No map: there are one or two as a rule, and the texts are nearly always the very same objects.
    private @Nullable Used find(String method, String name) {
        for (int i = 0; i < used.size(); i++) {
            Used each = used.get(i);
            if (each.name.equals(name) && each.method.equals(method)) {
                return each;
            }
        }
        return null;
    }

    /** A name that was used. */
    static final class Used {

        private final String method;
        private final String name;
        private long count;
        private long last;

        private Used(String method, String name) {
            this.method = method;
            this.name = name;
        }

        String text() {
            return method.isEmpty() ? name : method + " " + name;
        }

        long count() {
            return count;
        }

        /** Milliseconds since the epoch. */
        long last() {
            return last;
        }
    }
}
