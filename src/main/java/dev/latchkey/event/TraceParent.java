package dev.latchkey.event;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/** The header {@code traceparent} of W3C Trace Context, section 3.2: what a request is part of, for those who follow it. */
final class TraceParent {

    static final String HEADER = "traceparent";

    /** Versions to come may add something behind, section 4.1. */
    private static final Pattern FORM = Pattern
            .compile("([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(-.*)?");
    private static final String VERSION = "00";
    private static final String NO_VERSION = "ff";

    private TraceParent() {
    }

    /**
     * In the form of version 00; null where there is none, more than one, or one that is none: it is as if it were not there.
     */
    static @Nullable String of(List<String> values) {
        if (values.size() != 1) {
            return null;
        }
        Matcher form = FORM.matcher(values.get(0).strip());
        if (!form.matches() || form.group(1).equals(NO_VERSION)
                || form.group(1).equals(VERSION) && form.group(3) != null) {
            return null;
        }
        return VERSION + "-" + form.group(2);
    }
}
