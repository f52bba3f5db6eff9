package dev.latchkey.activity;

import java.util.Collection;
import java.util.List;
import java.util.Objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** The fields that a change changed, with what they held before and after. Never give it a secret. */
public final class Changes {

    private final JsonObject fields = new JsonObject();

    public static Changes none() {
        return new Changes();
    }

    /** Notes a field unless it has stayed the same; values other than numbers, booleans, lists and JSON become text. */
    public Changes field(String name, @Nullable Object before, @Nullable Object after) {
        if (!Objects.equals(before, after)) {
            fields.put(name, new JsonObject().put("before", json(before)).put("after", json(after)));
        }
        return this;
    }

    /** Notes something that has no before: a reason, a count. */
    public Changes note(String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, new JsonObject().put("after", json(value)));
        }
        return this;
    }

    /** The names of the fields that changed, in the order noted. */
    public List<String> names() {
        return List.copyOf(fields.fieldNames());
    }

    public boolean isEmpty() {
        return fields.isEmpty();
    }

    String text() {
        return fields.encode();
    }

    private static @Nullable Object json(@Nullable Object value) {
        if (value instanceof Collection<?> several) {
            JsonArray array = new JsonArray();
            several.forEach(one -> array.add(json(one)));
            return array;
        }
        return value == null || value instanceof Number || value instanceof Boolean || value instanceof JsonObject ? value
                : value.toString();
    }
}
