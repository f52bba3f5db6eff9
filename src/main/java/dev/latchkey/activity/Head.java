package dev.latchkey.activity;

import java.security.MessageDigest;
import java.util.HexFormat;

import org.jspecify.annotations.Nullable;

/**
 * Where a chain stands: its last position, and the link there, which depends on every entry before it.
 *
 * @param position 0 before the first entry
 * @param link 32 bytes
 */
record Head(long position, byte[] link) {

    static final int LINK_BYTES = 32;

    /** Where every chain begins; the organization stands in each entry, so that no two chains have a link in common. */
    static Head beginning() {
        return new Head(0, new byte[LINK_BYTES]);
    }

    boolean hasLink(byte @Nullable [] other) {
        return other != null && MessageDigest.isEqual(link, other);
    }

    boolean isFartherThan(Head other) {
        return position > other.position;
    }

    /** The link as people and logs have it: 64 hexadecimal digits. */
    String linkText() {
        return HexFormat.of().formatHex(link);
    }

    @Override
    public String toString() {
        return position + ":" + linkText();
    }
}
