package dev.latchkey.boot;

import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/** Why Latchkey does not start: what is wrong, where, and what to do about it, in one line for whoever started it. */
public final class StartRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final Pattern LINE_BREAKS = Pattern.compile("\\s*\\R\\s*");

    /**
     * A reason that this code found itself.
     *
     * @param line shown as it is; line breaks (of a quoted message of PostgreSQL, say) become spaces
     */
    public StartRefused(String line) {
        super(oneLine(line));
    }

    /**
     * A reason that something else gave.
     *
     * @param cause kept for a debugger; never printed
     */
    public StartRefused(String line, @Nullable Throwable cause) {
        super(oneLine(line), cause);
    }

    private static String oneLine(String text) {
        return LINE_BREAKS.matcher(text.strip()).replaceAll(" ");
    }
}
