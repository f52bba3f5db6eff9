package dev.latchkey.credential;

import java.util.List;
import java.util.Optional;

import jakarta.inject.Singleton;

/** The services that are known. */
@Singleton
public class Providers {

    /** By name. */
    public List<Provider> all() {
        throw new UnsupportedOperationException();
    }

    /** The one of that key. */
    public Optional<Provider> find(String key) {
        throw new UnsupportedOperationException();
    }

    /**
     * The one of that key.
     *
     * @throws dev.latchkey.web.ProblemException 422 for field {@code provider}, with near names
     */
    public Provider get(String key) {
        throw new UnsupportedOperationException();
    }
}
