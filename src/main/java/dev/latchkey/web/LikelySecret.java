package dev.latchkey.web;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells what may be a secret by its looks, whoever issued it: what is longer than an id, and what is long and mixes letters
 * with digits without being a UUID. People put tokens where names belong, and those of other issuers have forms that nobody
 * here knows.
 */
public final class LikelySecret {

    /** An id as text. */
    private static final int LONGEST_ID = 36;
    /** From here on letters mixed with digits may be a secret, unless they are a UUID. */
    private static final int SHORTEST_SECRET = 16;
    private static final String LEFT_OUT = "***";
    private static final Pattern UUID = Pattern.compile("(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    /** Neither part of a path, as of a document, nor of an instant or a media type. */
    private static final Pattern WORD = Pattern
            .compile("(?<![\\w/:~+-])[A-Za-z0-9_-]{" + SHORTEST_SECRET + ",}(?![\\w/:~+-])");

    private LikelySecret() {
    }

    /** Whether a name or a segment of a path may be one. */
    public static boolean is(String text) {
        return text.length() > LONGEST_ID || isMixed(text);
    }

    private static boolean isMixed(String text) {
        return text.length() >= SHORTEST_SECRET && text.chars().anyMatch(Character::isDigit)
                && text.chars().anyMatch(Character::isLetter) && !UUID.matcher(text).matches();
    }

    /** A path without the segments that may be one. */
    static String leftOutOfPath(String path) {
        if (path.length() < SHORTEST_SECRET) {
            return path;
        }
        StringBuilder kept = new StringBuilder(path.length());
        for (int from = 0; from <= path.length();) {
            int slash = path.indexOf('/', from);
            int end = slash < 0 ? path.length() : slash;
            String segment = path.substring(from, end);
            kept.append(is(segment) ? LEFT_OUT : segment).append(slash < 0 ? "" : "/");
            from = end + 1;
        }
        return kept.toString();
    }

    /** A sentence, or the name of a field, without the words that may be one. */
    static String leftOutOfText(String text) {
        return WORD.matcher(text).replaceAll(word -> Matcher.quoteReplacement(isMixed(word.group()) ? LEFT_OUT : word.group()));
    }
}
