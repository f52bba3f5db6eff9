package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What became of a request.
 *
 * @param answer present exactly when the code is {@code ANSWERED}
 * @param sent whether the other side may have got it, in part or whole
 * @param detail a word that narrows the code, such as {@code certificate-expired} or {@code body}: see docs/egress.md. Nothing
 *        of it comes from the other side. Null for {@code BLOCKED}, {@code UNRESOLVED}, {@code UNREACHABLE} and {@code BUSY}
 */
public record OutboundOutcome(Code code, @Nullable OutboundAnswer answer, boolean sent, Phases phases, Duration took,
        @Nullable String detail) {

    /** How far it came. */
    public enum Code {
        /** The other side has answered, with whatever status. */
        ANSWERED,
        /** The address is one that is not called. For ourselves: tenants are told what {@link #asTold} makes of it. */
        BLOCKED,
        /** The name leads to no address. */
        UNRESOLVED,
        /** No address took the connection. */
        UNREACHABLE,
        /** The other side did not prove who it is, or speaks no TLS that we do. */
        TLS,
        /** It took longer than its limits. */
        TIMEOUT,
        /** The connection broke, or what came was no HTTP, or no end of headers. */
        BROKEN,
        /** All connections to that address were taken by others of ours: nobody was asked, which says nothing of the host. */
        BUSY
    }

    private static final Set<Code> ALIKE = Set.of(Code.BLOCKED, Code.UNRESOLVED, Code.UNREACHABLE);

    public OutboundOutcome {
        requireNonNull(code, "code");
        requireNonNull(phases, "phases");
        requireNonNull(took, "took");
        if ((code == Code.ANSWERED) != (answer != null)) {
            throw new IllegalArgumentException("an answer exactly when it is answered");
        }
    }

    /**
     * What a tenant may know: blocked, unresolved and unreachable are one and the same, without timings, so that no one maps
     * a network, or its names, by asking us.
     */
    public OutboundOutcome asTold() {
        return ALIKE.contains(code) ? new OutboundOutcome(Code.UNREACHABLE, null, false, Phases.NONE, Duration.ZERO, null)
                : this;
    }
}
