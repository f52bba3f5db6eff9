package dev.latchkey.catalog;

/** Texts of documents, made fit to be shown in a list and to be stored. */
final class CleanText {

    private static final String ELLIPSIS = "…";

    private CleanText() {
    }

    /**
     * In one line, without control characters and halves of characters, at most that long; what is cut off is told by an
     * ellipsis.
     */
    static String of(String text, int maxCharacters) {
        var clean = new StringBuilder(Math.min(text.length(), maxCharacters));
        for (var i = 0; i < text.length() && clean.length() <= maxCharacters;) {
            var character = text.codePointAt(i);
            i += Character.charCount(character);
            if (isBlank(character)) {
                if (!clean.isEmpty() && clean.charAt(clean.length() - 1) != ' ') {
                    clean.append(' ');
                }
            } else if (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE) {
                clean.appendCodePoint(character);
            }
        }
        var line = clean.toString().strip();
        if (line.length() <= maxCharacters) {
            return line;
        }
        var end = line.offsetByCodePoints(0, line.codePointCount(0, maxCharacters - 1));
        return line.substring(0, end).strip() + ELLIPSIS;
    }

    private static boolean isBlank(int character) {
        return Character.isISOControl(character) || Character.isWhitespace(character) || Character.isSpaceChar(character);
    }
}
