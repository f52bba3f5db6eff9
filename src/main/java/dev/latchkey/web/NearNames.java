package dev.latchkey.web;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** For refusals of a name that there is not: those that were perhaps meant. */
public final class NearNames {

    private static final int MOST = 3;
    private static final int MAX_LENGTH = 100;

    private NearNames() {
    }

    /** Up to three names that somebody who wrote this one may have meant, the likeliest first. */
    public static List<String> near(String unknown, Collection<String> known) {
        String wanted = unknown.toLowerCase(Locale.ROOT);
        int tolerated = Math.max(2, wanted.length() / 3);
        // What no name comes near to in length need not be measured: the text is the caller's, and may be long.
        return wanted.length() > MAX_LENGTH ? List.of()
                : known.stream().map(name -> Map.entry(name, EditDistance.between(wanted, name)))
                        .filter(name -> name.getValue() <= tolerated)
                        .sorted(Map.Entry.<String, Integer> comparingByValue()
                                .thenComparing(Comparator.comparing(Map.Entry::getKey)))
                        .limit(MOST).map(Map.Entry::getKey).toList();
    }

    /** The end of a message: {@code ; did you mean a or b?}; empty when nothing comes near. */
    public static String didYouMean(String unknown, Collection<String> known) {
        List<String> near = near(unknown, known);
        return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
    }

    /** As above, or where nothing is near, some of those that there are. */
    public static String of(String unknown, Collection<String> known) {
        String meant = didYouMean(unknown, known);
        return !meant.isEmpty() ? meant
                : "; there are " + String.join(", ", known.stream().sorted().limit(2L * MOST).toList())
                        + (known.size() > 2 * MOST ? ", …" : "");
    }
}
