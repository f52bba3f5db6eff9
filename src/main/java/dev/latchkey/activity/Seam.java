package dev.latchkey.activity;

import java.util.UUID;

import dev.latchkey.activity.ChainQueries.End;
import org.jspecify.annotations.Nullable;

/**
 * Where the linker goes on.
 *
 * @param from the head that the next link follows
 * @param position the next one
 * @param flaw why the end of the chain cannot be believed; null: it can
 * @param flawAt the position that does not hold
 */
record Seam(Head from, long position, @Nullable Flaw flaw, long flawAt) {

    /**
     * Goes on from the end of the chain when all that is known of it agrees: the recorded head and its seal, the last row, and
     * the head that this replica remembers. Otherwise one position is left out, for good: to go on without a gap would vouch
     * for what was done to the chain, and not to go on would leave all that happens from then on unprotected.
     */
    static Seam of(Chain chain, UUID organization, End end, @Nullable Head remembered) {
        Head head = end.head() == null ? Head.beginning() : end.head();
        Head last = end.last() == null ? Head.beginning() : end.last();
        Head known = remembered == null ? Head.beginning() : remembered;
        Flaw forged = end.head() == null || end.headSeal() == null ? null : chain.flaw(organization, head, end.headSeal());
        if (forged == Flaw.UNKNOWN_KEY) {
            return new Seam(head, head.position() + 1, forged, head.position());
        }
        if (forged != null || end.head() == null && last.position() > 0) {
            return gap(head, last, known, Flaw.HEAD_ALTERED, Math.min(last.position(), head.position()) + 1);
        }
        if (known.isFartherThan(head)) {
            return gap(head, last, known, Flaw.CUT, head.position() + 1);
        }
        if (known.position() > 0 && !known.hasLink(end.linkAtRemembered())) {
            return gap(head, last, known, end.linkAtRemembered() == null ? Flaw.MISSING : Flaw.REPLACED, known.position());
        }
        if (head.isFartherThan(last)) {
            return gap(head, last, known, Flaw.MISSING, last.position() + 1);
        }
        if (last.isFartherThan(head)) {
            return gap(head, last, known, Flaw.BEYOND_HEAD, head.position() + 1);
        }
        if (!head.hasLink(last.link())) {
            return gap(head, last, known, Flaw.OUT_OF_PLACE, head.position());
        }
        return new Seam(head, head.position() + 1, null, 0);
    }

    private static Seam gap(Head head, Head last, Head known, Flaw flaw, long flawAt) {
        Head farthest = head.position() > ChainQueries.MAX_POSITION ? Head.beginning() : head;
        farthest = last.isFartherThan(farthest) ? last : farthest;
        farthest = known.isFartherThan(farthest) ? known : farthest;
        return new Seam(farthest, farthest.position() + 2, flaw, flawAt);
    }

    /** Whether nothing can be linked here: the head was sealed with a pepper that this replica was not given. */
    boolean isLocked() {
        return flaw == Flaw.UNKNOWN_KEY;
    }
}
