package dev.latchkey.web;

import java.util.Optional;

import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;

/** A body that comes piece by piece, as it is asked for. Not thread safe; to be used in the request's context. */
public interface Pieces {

    /** The next piece; empty at the end. Asked for one after the other. Fails where nothing more will come. */
    Uni<Optional<Buffer>> next();

    /**
     * Fails when it is seen that nothing more will come, also while no piece is asked for; comes to no other end. One at a
     * time: who asks later is told instead of who has asked before.
     */
    Uni<Void> broken();

    /** Gives up reading: whoever asks for a piece, now or later, is told why. */
    void giveUp(ProblemException why);
}
