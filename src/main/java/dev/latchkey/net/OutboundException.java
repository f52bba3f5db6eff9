package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/** A connection that {@link Outbound#open} does not give. Without a stack trace: it is as expected as an answer. */
public final class OutboundException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final OutboundOutcome.Code code;
    private final @Nullable String detail;

    OutboundException(OutboundOutcome.Code code, @Nullable String detail) {
        super(requireNonNull(code, "code").name(), null, false, false);
        this.code = code;
        this.detail = detail;
    }

    /** Never {@code ANSWERED}. */
    public OutboundOutcome.Code code() {
        return code;
    }

    /** As in {@link OutboundOutcome}. */
    public @Nullable String detail() {
        return detail;
    }
}
