package dev.latchkey.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What stands behind a benchmark's name on the command line: {@code option=value}. */
record Options(Map<String, String> values) {

    static Options of(List<String> words) {
        Map<String, String> values = new HashMap<>();
        for (String word : words) {
            String[] parts = word.split("=", 2);
            if (parts.length < 2) {
                throw new IllegalArgumentException("expected option=value, not " + word);
            }
            values.put(parts[0], parts[1]);
        }
        return new Options(values);
    }

    int number(String name, int usually) {
        return Integer.parseInt(values.getOrDefault(name, Integer.toString(usually)));
    }

    double fraction(String name, double usually) {
        return Double.parseDouble(values.getOrDefault(name, Double.toString(usually)));
    }

    Duration seconds(int usually) {
        return Duration.ofSeconds(number("seconds", usually));
    }

    List<Integer> numbers(String name, Integer... usually) {
        return values.containsKey(name) ? words(name).stream().map(Integer::valueOf).toList() : List.of(usually);
    }

    List<String> words(String name, String... usually) {
        return values.containsKey(name) ? Arrays.asList(values.get(name).split(",")) : List.of(usually);
    }
}
