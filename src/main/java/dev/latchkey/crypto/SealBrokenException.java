package dev.latchkey.crypto;

/** A sealed value did not open. Says why as far as that can be known, and nothing of what was inside. */
public final class SealBrokenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SealBrokenException(String message) {
        super(message);
    }
}
