package dev.latchkey.key;

import java.util.concurrent.atomic.AtomicReferenceArray;

import org.jspecify.annotations.Nullable;

/**
 * Lets equal values be one object.
 *
 * <p>
 * A table of fixed size in which each value has one place, by its hash. Two that fall on one place push each other out, and
 * are then merely held more than once; nothing depends on finding what was put in. In exchange it needs no upkeep, no weak
 * references (a hundred bytes for each value), and cannot be made to grow by whoever thinks up values. Threads may race: then
 * one of two equal values stays.
 */
final class Shared<T> {

    private final AtomicReferenceArray<@Nullable T> places;

    /** @param size a power of two */
    Shared(int size) {
        this.places = new AtomicReferenceArray<>(size);
    }

    /** The equal value that is held already, or this one, which is held from now on. */
    T one(T value) {
        int hash = value.hashCode();
        int place = (hash ^ hash >>> 15) & (places.length() - 1);
        T held = places.getPlain(place);
        if (value.equals(held)) {
            return held;
        }
        places.setRelease(place, value);
        return value;
    }
}
