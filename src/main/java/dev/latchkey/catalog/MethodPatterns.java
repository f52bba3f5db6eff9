package dev.latchkey.catalog;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;

/**
 * Patterns of which one suffices: the requests that a key is limited to. None at all allow nothing.
 * <p>
 * Of a path that servers read in several ways each reading has to be allowed, by whichever pattern: whatever the server
 * behind takes it for, the key may do that.
 *
 * @param patterns in the order given, each once
 */
public record MethodPatterns(List<MethodPattern> patterns) {

    public MethodPatterns {
        patterns = List.copyOf(requireNonNull(patterns, "patterns").stream().distinct().toList());
    }

    /** What was stored; a text that this version cannot read allows nothing, which is the safe side. */
    public static MethodPatterns stored(List<String> texts) {
        var patterns = new ArrayList<MethodPattern>(texts.size());
        for (var text : texts) {
            if (MethodPattern.parse(text) instanceof MethodPattern.Valid valid) {
                patterns.add(valid.pattern());
            }
        }
        return new MethodPatterns(patterns);
    }

    /** Whether the request is allowed, under every reading of its path; never when the path is invalid. Allocates nothing. */
    public boolean allow(String method, ApiPath path) {
        var readings = path.readings();
        for (var i = 0; i < readings.size(); i++) {
            if (!allow(method, readings.get(i))) {
                return false;
            }
        }
        return !readings.isEmpty();
    }

    private boolean allow(String method, List<String> names) {
        for (var i = 0; i < patterns.size(); i++) {
            if (patterns.get(i).matches(method, names)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether one of these allows every request that the pattern allows.
     * <p>
     * Several that together do are not seen ({@code GET} and all other methods instead of {@code *}): never true wrongly,
     * which asks a person to write the list as its maker has it.
     */
    public boolean anyCovers(MethodPattern other) {
        for (var pattern : patterns) {
            if (pattern.covers(other)) {
                return true;
            }
        }
        return false;
    }

    /** Whether each of the others is covered: what a grant must satisfy to not exceed its maker's. */
    public boolean coverAll(MethodPatterns other) {
        return other.patterns.stream().allMatch(this::anyCovers);
    }

    /** As written. */
    public List<String> texts() {
        return patterns.stream().map(MethodPattern::toString).toList();
    }
}
