package dev.latchkey.proxy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import dev.latchkey.net.Header;

/** Names of headers, some of them by their beginning or end alone. */
final class HeaderNames {

    private static final String REST = "*";

    private final Set<String> whole = new HashSet<>();
    private final List<String> beginnings = new ArrayList<>();
    private final List<String> ends = new ArrayList<>();

    private HeaderNames() {
    }

    /**
     * Reads them.
     *
     * @param names in any case; a {@code *} at the end, or else at the beginning, stands for any rest
     * @throws IllegalArgumentException for what is no name
     */
    static HeaderNames of(Collection<String> names) {
        HeaderNames read = new HeaderNames();
        for (String each : names) {
            String name = each.strip().toLowerCase(Locale.ROOT);
            boolean begins = name.endsWith(REST);
            boolean ends = !begins && name.startsWith(REST);
            String said = begins ? name.substring(0, name.length() - 1) : ends ? name.substring(1) : name;
            if (!Header.isName(said) || said.contains(REST)) {
                throw new IllegalArgumentException(each);
            }
            (begins ? read.beginnings : ends ? read.ends : read.whole).add(said);
        }
        return read;
    }

    static HeaderNames of(String... names) {
        return of(List.of(names));
    }

    /** @param name in lower case */
    boolean contains(String name) {
        return whole.contains(name) || beginnings.stream().anyMatch(name::startsWith) || ends.stream().anyMatch(name::endsWith);
    }
}
