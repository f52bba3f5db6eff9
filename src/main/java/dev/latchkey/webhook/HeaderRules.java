package dev.latchkey.webhook;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Header;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;

/**
 * Which headers of its owner's choosing a message may carry: none that Latchkey itself says, by which a receiver knows what it
 * gets and from whom.
 */
final class HeaderRules {

    /** For one webhook. */
    static final int MOST = 20;
    private static final int LONGEST_VALUE = 4096;
    private static final String FIELD = "headers";
    /** W3C Trace Context: of the request that published the event. */
    private static final Set<String> OF_THE_TRACE = Set.of("traceparent", "tracestate");

    private HeaderRules() {
    }

    /** @throws ProblemException 422, naming each that cannot be sent, and why */
    static void require(Map<String, Secret> headers) {
        List<FieldError> errors = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        headers.forEach((name, value) -> {
            String wrong = !seen.add(name.toLowerCase(Locale.ROOT)) ? "is there twice: capitals make no other header"
                    : wrongName(name);
            wrong = wrong.isEmpty() ? wrongValue(value.reveal()) : wrong;
            if (!wrong.isEmpty()) {
                errors.add(new FieldError(FIELD + "." + name, wrong));
            }
        });
        if (!errors.isEmpty()) {
            throw ProblemException.invalid(errors);
        }
    }

    /** @throws ProblemException 422 for more than one webhook may have */
    static void requireFew(int headers) {
        if (headers > MOST) {
            throw ProblemException.invalid(FIELD, "must be at most " + MOST + " together with those that stay");
        }
    }

    /** Empty: nothing. */
    private static String wrongName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !Header.isName(name) ? "is not the name of a header (RFC 9110 section 5.1)"
                : lower.startsWith("webhook-") ? "is kept for Standard Webhooks"
                        : lower.startsWith("content-") || Header.isReserved(name)
                                ? "is a header that only the client itself sets"
                                : OF_THE_TRACE.contains(lower) ? "is set by the request that published the event" : "";
    }

    private static String wrongValue(String value) {
        return value.isEmpty() ? "must not be empty"
                : value.length() > LONGEST_VALUE ? "must be at most " + LONGEST_VALUE + " characters"
                        : !Header.isValue(value) ? "must be visible ASCII, without line breaks and without blanks around it"
                                : "";
    }
}
