package dev.latchkey.web;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Enum constants as query parameters: in lower case, as everywhere in the contract. */
public final class Choice {

    private Choice() {
    }

    /**
     * For a {@code fromString} that Jakarta REST calls.
     *
     * @throws ProblemException 422, listing what there is to choose from
     */
    public static <E extends Enum<E>> E of(Class<E> type, String parameter, String text) {
        for (E constant : type.getEnumConstants()) {
            if (name(constant).equals(text)) {
                return constant;
            }
        }
        throw ProblemException.invalid(parameter, "must be one of " + Arrays.stream(type.getEnumConstants())
                .map(Choice::name).collect(Collectors.joining(", ")));
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
