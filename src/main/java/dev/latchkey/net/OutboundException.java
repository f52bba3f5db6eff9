package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

/** A connection that {@link Outbound#open} does not give. Without a stack trace: it is as expected as an answer. */
public final class OutboundException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final OutboundOutcome.Code code;

    OutboundException(OutboundOutcome.Code code) {
        super(requireNonNull(code, "code").name(), null, false, false);
        this.code = code;
    }

    /** Never {@code ANSWERED}. */
    public OutboundOutcome.Code code() {
        return code;
    }
}
