package dev.latchkey.web;

import java.util.Iterator;
import java.util.Set;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * JSON merge patch (RFC 7396) onto a record of a resource's editable fields. The record goes through the same strict reader
 * and the same constraints as a creation does, so that no edit reaches a state that could not be created.
 *
 * <p>
 * Two readings of our own, both of the resource's own fields only. An explicit null is kept instead of removed: to the reader
 * both mean absent, save where null has a meaning of its own (an unlimited rate). And an object that becomes one of another
 * {@code type} does so whole: what belonged to the former type would contradict it (the stores of a key that reaches all).
 */
@Singleton
public final class MergePatch {

    public static final String MEDIA_TYPE = "application/merge-patch+json";

    private static final String TYPE = "type";

    private final ObjectMapper json;
    private final StrictReader reader;

    MergePatch(ObjectMapper json, StrictReader reader) {
        this.json = json;
        this.reader = reader;
    }

    /**
     * @param current the editable fields as they stand
     * @param patch what the caller sent
     * @param unions fields whose object is of one {@code type} or another
     * @return the editable fields as they shall stand
     * @throws ProblemException 422, naming each bad field
     */
    public <T> T apply(T current, ObjectNode patch, Class<T> type, String... unions) {
        ObjectNode target = json.valueToTree(current);
        for (String union : unions) {
            if (isOfAnotherType(patch.get(union), target.get(union))) {
                target.remove(union);
            }
        }
        patch.fields().forEachRemaining(field -> {
            if (field.getValue().isNull()) {
                target.putNull(field.getKey());
            } else {
                target.set(field.getKey(), merged(target.get(field.getKey()), field.getValue()));
            }
        });
        return reader.read(target, type);
    }

    /** RFC 7396 section 2. */
    private static JsonNode merged(@Nullable JsonNode target, JsonNode patch) {
        if (!(patch instanceof ObjectNode fields)) {
            return patch;
        }
        ObjectNode result = target instanceof ObjectNode existing ? existing : JsonNodeFactory.instance.objectNode();
        fields.fields().forEachRemaining(field -> {
            if (field.getValue().isNull()) {
                result.remove(field.getKey());
            } else {
                result.set(field.getKey(), merged(result.get(field.getKey()), field.getValue()));
            }
        });
        return result;
    }

    private static boolean isOfAnotherType(@Nullable JsonNode patch, @Nullable JsonNode target) {
        return patch != null && target != null && patch.has(TYPE) && !patch.get(TYPE).equals(target.get(TYPE));
    }

    /** Whether a patch says something of those fields and of no other. */
    public static boolean touchesOnly(ObjectNode patch, Set<String> fields) {
        Iterator<String> touched = patch.fieldNames();
        while (touched.hasNext()) {
            if (!fields.contains(touched.next())) {
                return false;
            }
        }
        return !patch.isEmpty();
    }
}
