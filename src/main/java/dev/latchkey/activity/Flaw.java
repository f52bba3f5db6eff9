package dev.latchkey.activity;

import java.util.Locale;

/** What can be wrong with a chain at a position. */
public enum Flaw {
    /** No entry has the position: one was removed, or moved elsewhere. */
    MISSING,
    /** The entry is not as it was written, or was not written by this service. */
    ENTRY_ALTERED,
    /** The entry is genuine, but its link does not follow from its predecessor: it was moved, or the link was changed. */
    OUT_OF_PLACE,
    /** Made with a pepper that is not in LATCHKEY_PEPPER: nothing can be said. */
    UNKNOWN_KEY,
    /** The record of the chain's end is missing or not this service's. */
    HEAD_ALTERED,
    /** The entry stands behind the recorded end. */
    BEYOND_HEAD,
    /** The log once went on here: this replica has seen later entries. */
    CUT,
    /** This replica has seen another link here. */
    REPLACED,
    /** The given anchor has another link here. */
    ANCHOR_DIFFERS,
    /** The log ends before the given anchor. */
    ANCHOR_BEYOND;

    /** Whether it stands and falls with the anchor that the caller gave, who may have mistyped it. */
    boolean isOfAnchor() {
        return this == ANCHOR_DIFFERS || this == ANCHOR_BEYOND;
    }

    /** As answers and logs name it. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
