package dev.latchkey.catalog;

import java.util.List;

/**
 * One segment of a pattern, in which {@code *} stands for any characters, none included.
 * <p>
 * Compiled to its literal pieces. Matching takes the first piece at the start, the last one at the end, and each between at
 * its leftmost place: leftmost is always safe for {@code *}, so nothing is ever tried twice and no text makes it slow, as a
 * regular expression could be made.
 *
 * @param text as written
 * @param pieces the literals between the stars, one more than there are stars
 */
record SegmentGlob(String text, List<String> pieces) {

    static SegmentGlob of(String text) {
        return new SegmentGlob(text, List.of(text.split("\\*", -1)));
    }

    boolean isLiteral() {
        return pieces.size() == 1;
    }

    boolean isAny() {
        return text.equals("*");
    }

    boolean matches(String segment) {
        if (isLiteral()) {
            return text.equals(segment);
        }
        var first = pieces.get(0);
        var last = pieces.get(pieces.size() - 1);
        var end = segment.length() - last.length();
        if (end < first.length() || !segment.startsWith(first) || !segment.endsWith(last)) {
            return false;
        }
        var at = first.length();
        for (var i = 1; i < pieces.size() - 1; i++) {
            var piece = pieces.get(i);
            var found = segment.indexOf(piece, at);
            if (found < 0 || found + piece.length() > end) {
                return false;
            }
            at = found + piece.length();
        }
        return true;
    }

    /**
     * Whether this one matches all that the other matches.
     * <p>
     * The other's text is matched with its stars as ordinary characters: no literal holds a star, so only a star of this one
     * can have taken them, and what it took it takes in any expansion too.
     */
    boolean covers(SegmentGlob other) {
        return matches(other.text);
    }

    /** Whether some segment is matched by both. Of two with stars quadratic in the texts: for where patterns are written. */
    boolean overlaps(SegmentGlob other) {
        if (isAny() || other.isAny()) {
            return true;
        }
        if (isLiteral() || other.isLiteral()) {
            return isLiteral() ? other.matches(text) : matches(other.text);
        }
        var mine = text;
        var others = other.text;
        var reachable = new boolean[mine.length() + 1][others.length() + 1];
        for (var i = mine.length(); i >= 0; i--) {
            for (var j = others.length(); j >= 0; j--) {
                var mineIsStar = i < mine.length() && mine.charAt(i) == '*';
                var othersIsStar = j < others.length() && others.charAt(j) == '*';
                var bothEnd = i == mine.length() && j == others.length();
                var bothGo = i < mine.length() && j < others.length();
                reachable[i][j] = bothEnd
                        || mineIsStar && (reachable[i + 1][j] || bothGo && reachable[i][j + 1])
                        || othersIsStar && (reachable[i][j + 1] || bothGo && reachable[i + 1][j])
                        || bothGo && mine.charAt(i) == others.charAt(j) && reachable[i + 1][j + 1];
            }
        }
        return reachable[0][0];
    }
}
