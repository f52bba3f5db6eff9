package dev.latchkey.credential;

import java.time.Duration;
import java.time.Period;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;

import dev.latchkey.catalog.Text;
import dev.latchkey.web.NearNames;
import org.jspecify.annotations.Nullable;

/**
 * A map of a provider's file while it is read: takes fields out of it by name and type, and in the end refuses those that
 * nobody has asked for. A field that says nothing is one that is not there.
 */
final class YamlMap {

    private static final int MAX_CHARACTERS = 1000;
    private static final Pattern PLAIN = Pattern.compile("[\\P{Cntrl}&&\\P{Cs}]*");

    private final String path;
    private final YamlNode node;
    private final Map<String, YamlNode> fields;
    private final Set<String> asked = new HashSet<>();

    private YamlMap(String path, YamlNode node, Map<String, YamlNode> fields) {
        this.path = path;
        this.node = node;
        this.fields = fields;
    }

    /** Reads the whole of a map by the function; what that leaves over is refused. */
    static <T> T read(String path, YamlNode node, Function<YamlMap, T> reader) {
        Map<String, YamlNode> fields = node.fields();
        if (fields == null) {
            throw new ProviderFault(node.line(), path, "must be a map, and is " + node.kind());
        }
        YamlMap map = new YamlMap(path, node, fields);
        T read = reader.apply(map);
        fields.forEach((name, field) -> {
            if (!map.asked.contains(name)) {
                throw new ProviderFault(field.line(), map.inner(name), "is not a field here" + NearNames.of(name, map.asked));
            }
        });
        return read;
    }

    private String inner(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private @Nullable YamlNode find(String name) {
        asked.add(name);
        YamlNode field = fields.get(name);
        return field == null || field.text() == null && field.fields() == null && field.items() == null ? null : field;
    }

    /** What is wrong with a field, or with the place where it should be. */
    ProviderFault fault(String name, String reason) {
        return new ProviderFault(lineOf(node, name), inner(name), reason);
    }

    /** Of the innermost part of a path that is there, such as {@code types[0].test}. */
    private static int lineOf(YamlNode from, String path) {
        YamlNode found = from;
        for (String step : path.split("[.\\[]")) {
            YamlNode next = null;
            if (found.fields() != null) {
                next = found.fields().get(step);
            } else if (found.items() != null && step.endsWith("]")) {
                next = found.items().get(Integer.parseInt(step.substring(0, step.length() - 1)));
            }
            if (next == null) {
                return found.line();
            }
            found = next;
        }
        return found.line();
    }

    private ProviderFault missing(String name) {
        return fault(name, "is required");
    }

    @Nullable
    String text(String name) {
        YamlNode field = find(name);
        return field == null ? null : text(inner(name), field);
    }

    private static String text(String path, YamlNode field) {
        String text = field.text();
        if (text == null) {
            throw new ProviderFault(field.line(), path, "must be text, and is " + field.kind());
        }
        if (text.length() > MAX_CHARACTERS || !PLAIN.matcher(text).matches()) {
            throw new ProviderFault(field.line(), path,
                    "must be one line of at most " + MAX_CHARACTERS + " characters, without control characters");
        }
        return text;
    }

    String requiredText(String name) {
        String text = text(name);
        if (text == null || text.isBlank()) {
            throw missing(name);
        }
        return text;
    }

    String textOr(String name, String preset) {
        String text = text(name);
        return text == null ? preset : text;
    }

    /** Text that the parser makes something of; null from it means that it is not that. */
    <T> @Nullable T parsed(String name, Function<String, @Nullable T> parser, String expected) {
        String text = text(name);
        return text == null ? null : parsed(fault(name, "must be " + expected), text, parser);
    }

    private static <T> T parsed(ProviderFault otherwise, String text, Function<String, @Nullable T> parser) {
        T parsed = parser.apply(text);
        if (parsed == null) {
            throw otherwise;
        }
        return parsed;
    }

    <T> T requiredParsed(String name, Function<String, @Nullable T> parser, String expected) {
        T parsed = parsed(name, parser, expected);
        if (parsed == null) {
            throw missing(name);
        }
        return parsed;
    }

    boolean flag(String name, boolean preset) {
        Boolean flag = parsed(name, text -> switch (text) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> null;
        }, "true or false");
        return flag == null ? preset : flag;
    }

    int number(String name, int from, int to) {
        return requiredParsed(name, text -> numberIn(text, from, to), "a number from " + from + " to " + to);
    }

    static @Nullable Integer numberIn(String text, int from, int to) {
        if (!text.matches("[0-9]{1,9}")) {
            return null;
        }
        int number = Integer.parseInt(text);
        return number < from || number > to ? null : number;
    }

    /** ISO 8601; a month is no duration. */
    @Nullable
    Duration duration(String name) {
        return parsed(name, text -> {
            try {
                Duration duration = Duration.parse(text);
                return duration.isNegative() || duration.isZero() ? null : duration;
            } catch (DateTimeParseException notOfTime) {
                return days(text);
            }
        }, "a duration of ISO 8601, such as PT1H or P90D");
    }

    private static @Nullable Duration days(String text) {
        try {
            Period period = Period.parse(text);
            return period.toTotalMonths() != 0 || period.getDays() <= 0 ? null : Duration.ofDays(period.getDays());
        } catch (DateTimeParseException neither) {
            return null;
        }
    }

    /** In the file in lower case, with hyphens. */
    <E extends Enum<E>> @Nullable E choice(String name, Class<E> type) {
        String text = text(name);
        return text == null ? null : choice(fields.get(name) == null ? node.line() : line(name), inner(name), text, type);
    }

    <E extends Enum<E>> E choiceOr(String name, E preset) {
        E choice = choice(name, preset.getDeclaringClass());
        return choice == null ? preset : choice;
    }

    <E extends Enum<E>> E requiredChoice(String name, Class<E> type) {
        E choice = choice(name, type);
        if (choice == null) {
            throw missing(name);
        }
        return choice;
    }

    private static <E extends Enum<E>> E choice(int line, String path, String text, Class<E> type) {
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT);
            if (text.equals(name) || text.equals(name.replace('_', '-'))) {
                return constant;
            }
            names.add(name.replace('_', '-'));
        }
        throw new ProviderFault(line, path, "must be one of " + String.join(", ", names));
    }

    private int line(String name) {
        YamlNode field = fields.get(name);
        return field == null ? node.line() : field.line();
    }

    /** Of {@code {en: …, es: …}}; null when it is not there. */
    @Nullable
    Text label(String name) {
        return map(name, map -> new Text(map.requiredText("en"), map.requiredText("es")));
    }

    Text requiredLabel(String name) {
        Text label = label(name);
        if (label == null) {
            throw missing(name);
        }
        return label;
    }

    <T> @Nullable T map(String name, Function<YamlMap, T> reader) {
        YamlNode field = find(name);
        return field == null ? null : read(inner(name), field, reader);
    }

    /** The items, each a map; none where the field is not there. */
    <T> List<T> maps(String name, Function<YamlMap, T> reader) {
        return items(name, (where, item) -> read(where, item, reader));
    }

    /** The items, each a text that the parser makes something of. */
    <T> List<T> texts(String name, Function<String, @Nullable T> parser, String expected) {
        return items(name, (where, item) -> parsed(new ProviderFault(item.line(), where, "must be " + expected),
                text(where, item), parser));
    }

    <E extends Enum<E>> List<E> choices(String name, Class<E> type) {
        return items(name, (where, item) -> choice(item.line(), where, text(where, item), type));
    }

    private <T> List<T> items(String name, BiFunction<String, YamlNode, T> reader) {
        YamlNode field = find(name);
        if (field == null) {
            return List.of();
        }
        List<YamlNode> items = field.items();
        if (items == null) {
            throw fault(name, "must be a list, and is " + field.kind());
        }
        List<T> read = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            read.add(reader.apply(inner(name) + "[" + i + "]", items.get(i)));
        }
        return List.copyOf(read);
    }

    /** A map whose names are the file's own, each value a text that the parser makes something of. */
    <T> Map<String, T> entries(String name, Function<String, @Nullable T> parser, String expected) {
        Map<String, T> entries = new LinkedHashMap<>();
        YamlNode field = find(name);
        if (field != null) {
            if (field.fields() == null) {
                throw fault(name, "must be a map, and is " + field.kind());
            }
            field.fields().forEach((key, value) -> {
                String where = inner(name) + "." + key;
                entries.put(key, parsed(new ProviderFault(value.line(), where, "must be " + expected), text(where, value),
                        parser));
            });
        }
        return entries;
    }
}
