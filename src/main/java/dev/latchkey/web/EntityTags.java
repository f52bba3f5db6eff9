package dev.latchkey.web;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/** ETags of single resources (RFC 9110 section 8.8.3): strong, and nothing but the row's version. */
public final class EntityTags {

    private EntityTags() {
    }

    /** The header's value. */
    public static String of(long version) {
        return "\"" + version + "\"";
    }

    /**
     * Enforces {@code If-Match}, when it was sent (RFC 9110 section 13.1.1).
     *
     * @throws ProblemException 412 when the resource has changed since the caller read it
     */
    public static void requireMatch(@Nullable String ifMatch, long version) {
        if (ifMatch == null || ifMatch.strip().equals("*")) {
            return;
        }
        // Strong comparison, so a weak tag fits nothing; and our tags hold no comma, so a split tag of others doesn't either.
        if (Arrays.stream(ifMatch.split(",")).map(String::strip).noneMatch(of(version)::equals)) {
            throw new ProblemException(ProblemCode.PRECONDITION_FAILED, ifMatch.contains("\"")
                    ? "The resource has changed since it was read; read it again and repeat the change."
                    : "If-Match must be the value of the ETag header as it was received, quotes included, or *.").with("ETag",
                            of(version));
        }
    }
}
