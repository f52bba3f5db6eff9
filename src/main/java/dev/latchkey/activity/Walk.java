package dev.latchkey.activity;

import java.util.List;

import dev.latchkey.activity.ChainQueries.End;
import org.jspecify.annotations.Nullable;

/** One verification on its way along a chain, from its first entry to its end; stops at the first flaw. */
final class Walk {

    private final Chain chain;
    private final long goal;
    private final @Nullable Head anchor;
    private final @Nullable Head remembered;
    private Head at = Head.beginning();
    private @Nullable Broken broken;

    Walk(Chain chain, End end, @Nullable Head anchor, @Nullable Head remembered) {
        this.chain = chain;
        this.goal = Math.max(end.head() == null ? 0 : end.head().position(), end.last() == null ? 0 : end.last().position());
        this.anchor = anchor;
        this.remembered = remembered;
    }

    /**
     * @param position the first one that does not hold
     * @param entry the entry there; null where there is none
     */
    record Broken(long position, @Nullable ActivityEntry entry, Flaw flaw) {
    }

    /** The last position that holds; what was checked. */
    long position() {
        return at.position();
    }

    /** Where to stop: the recorded end, or the last row when that is farther. */
    long goal() {
        return goal;
    }

    @Nullable
    Broken broken() {
        return broken;
    }

    /** Goes over the next stretch. Returns whether there may be more. */
    boolean over(List<ActivityEntry> stretch) {
        for (ActivityEntry entry : stretch) {
            Flaw flaw = chain.flaw(at, entry);
            if (flaw == Flaw.MISSING || entry.position == null || entry.link == null) {
                return fail(at.position() + 1, null, Flaw.MISSING);
            }
            Head next = new Head(entry.position, entry.link);
            flaw = flaw != null ? flaw
                    : differs(anchor, next) ? Flaw.ANCHOR_DIFFERS : differs(remembered, next) ? Flaw.REPLACED : null;
            if (flaw != null) {
                return fail(entry.position, entry, flaw);
            }
            at = next;
        }
        return !stretch.isEmpty() && goal > at.position();
    }

    /** Compares where the rows end with what is known of the end. */
    void arrive(End end, @Nullable Flaw headFlaw) {
        if (broken != null) {
            return;
        }
        Head head = end.head() == null ? Head.beginning() : end.head();
        if (headFlaw != null || end.head() == null && at.position() > 0) {
            fail(Math.max(1, at.position()), null, headFlaw == null ? Flaw.HEAD_ALTERED : headFlaw);
        } else if (head.isFartherThan(at)) {
            fail(at.position() + 1, null, Flaw.MISSING);
        } else if (at.isFartherThan(head)) {
            fail(head.position() + 1, null, Flaw.BEYOND_HEAD);
        } else if (!head.hasLink(at.link())) {
            fail(at.position(), null, Flaw.HEAD_ALTERED);
        } else if (remembered != null && remembered.isFartherThan(at)) {
            fail(at.position() + 1, null, Flaw.CUT);
        } else if (anchor != null && anchor.isFartherThan(at)) {
            fail(at.position() + 1, null, Flaw.ANCHOR_BEYOND);
        }
    }

    private static boolean differs(@Nullable Head known, Head here) {
        return known != null && known.position() == here.position() && !known.hasLink(here.link());
    }

    private boolean fail(long position, @Nullable ActivityEntry entry, Flaw flaw) {
        broken = new Broken(position, entry, flaw);
        return false;
    }
}
