package dev.latchkey.credential;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;

/** Tests of credentials. */
@Singleton
public class Probes {

    static final int MAX_BODY_BYTES = 256 * 1024;

    /** Tests a credential; in 10 s at most, and never fails: whatever can happen is a result. */
    public Uni<ProbeResult> test(ProbeSubject subject) {
        throw new UnsupportedOperationException();
    }
}
