package dev.latchkey.web;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** For refusals of a name that there is not: those that were perhaps meant. */
public final class NearNames {

    private static final int MOST = 3;
    private static final int MAX_LENGTH = 100;

    private NearNames() {
    }

    /** The end of a message: {@code ; did you mean a or b?}, or where nothing is near, all there are when they are few. */
    public static String of(String unknown, Collection<String> known) {
        String wanted = unknown.substring(0, Math.min(unknown.length(), MAX_LENGTH)).toLowerCase(Locale.ROOT);
        List<String> near = known.stream().filter(name -> distance(wanted, name) <= Math.max(2, name.length() / 3))
                .sorted(Comparator.<String> comparingInt(name -> distance(wanted, name)).thenComparing(name -> name))
                .limit(MOST).toList();
        if (!near.isEmpty()) {
            return "; did you mean " + String.join(" or ", near) + "?";
        }
        return "; there are " + String.join(", ", known.stream().sorted().limit(2L * MOST).toList())
                + (known.size() > 2 * MOST ? ", …" : "");
    }

    /** Levenshtein: how many characters to put in, take out or change. */
    private static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, 1 + Math.min(row[j - 1], above[j]));
            }
            above = row;
        }
        return above[b.length()];
    }
}
