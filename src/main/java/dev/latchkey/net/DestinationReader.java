package dev.latchkey.net;

import dev.latchkey.net.Destination.Parsed;

/** Reads URLs into destinations. */
final class DestinationReader {

    private DestinationReader() {
    }

    static Parsed read(String url) {
        throw new UnsupportedOperationException();
    }
}
