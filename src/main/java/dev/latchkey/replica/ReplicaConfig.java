package dev.latchkey.replica;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How replicas keep in touch. All replicas of an installation must agree on {@link #lease()}. */
@ConfigMapping(prefix = "latchkey.replica")
public interface ReplicaConfig {

    /**
     * For how long a heartbeat that came back lets a replica believe its memory. Default 10 s: long enough to sit out a
     * restart of the database, short enough to wait for where a replica does not answer.
     */
    @WithDefault("10s")
    Duration lease();

    /**
     * By how much a replica believes shorter than others wait for it: covers clocks of two machines that run differently
     * (quartz: 100 ppm, 1 ms in 10 s) and a thread that is interrupted between two looks at the clock. Default 500 ms.
     */
    @WithDefault("500ms")
    Duration margin();

    /** How often a replica sends itself a heartbeat. Default 2 s: two may be lost while the lease goes on. */
    @WithDefault("2s")
    Duration beat();

    /** After this a caller who waits for a change to be in force everywhere is told by when it will be. Default 2 s. */
    @WithDefault("2s")
    Duration patience();

    /** How often replicas that have not acknowledged a change are told again. Default 1 s. */
    @WithDefault("1s")
    Duration remind();

    /**
     * Whether nobody but this process can be using the database, as with the embedded one: then rows that earlier processes
     * left behind when they were killed stand for nobody, and need not be waited for.
     */
    @WithDefault("false")
    boolean alone();

    /**
     * Parts of the protocols to leave out, so that the test that checks histories can be shown to find what then goes wrong.
     * Default none; a replica that is told to leave something out says so at its start, as an error.
     */
    Optional<Set<Sabotage>> sabotage();

    /** What can be left out. */
    enum Sabotage {
        /** Changes are answered without waiting for other replicas. */
        ACKNOWLEDGEMENTS,
        /** What a load brings is kept, though it was invalidated since the load began. */
        VOIDING,
        /** Tokens are spent whatever window the database is in. */
        WINDOWS
    }

    default boolean leavesOut(Sabotage part) {
        return sabotage().isPresent() && sabotage().get().contains(part);
    }
}
