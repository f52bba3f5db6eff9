package dev.latchkey.webhook;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Header;

/**
 * What a merge patch says of a webhook's headers (RFC 7396). Their values are told to nobody, hence nothing is there that the
 * patch could be applied to as text: what it removes and what it sets are taken out of it, and done to what was opened.
 *
 * @param said whether it says anything of them
 * @param all whether those that stand go, whichever they are
 * @param removed names in small letters
 */
record HeaderEdit(boolean said, boolean all, Set<String> removed) {

    static final String FIELD = "headers";

    /** Of a patch as it came. */
    static HeaderEdit of(ObjectNode patch) {
        JsonNode headers = patch.get(FIELD);
        Set<String> removed = new HashSet<>();
        if (headers instanceof ObjectNode fields) {
            fields.fields().forEachRemaining(field -> {
                if (field.getValue().isNull()) {
                    removed.add(lower(field.getKey()));
                }
            });
        }
        return new HeaderEdit(headers != null, headers != null && headers.isNull(), removed);
    }

    /** The patch with those headers alone that it sets, so that the form that it is applied to has these and no others. */
    static ObjectNode setting(ObjectNode patch) {
        ObjectNode setting = patch.deepCopy();
        if (setting.get(FIELD) instanceof ObjectNode fields) {
            List<String> names = new ArrayList<>();
            fields.fieldNames().forEachRemaining(names::add);
            names.stream().filter(name -> fields.get(name).isNull()).forEach(fields::remove);
        }
        return setting;
    }

    /** The names of those that stand and remain as they are. */
    List<String> kept(List<String> standing, Map<String, Secret> set) {
        Set<String> replaced = lower(set);
        return all ? List.of()
                : standing.stream().filter(name -> !removed.contains(lower(name)) && !replaced.contains(lower(name))).toList();
    }

    /** Those that stand, without the removed ones, with the new values in place, and what is new behind them. */
    List<Header> of(List<Header> standing, Map<String, Secret> set) {
        Map<String, Header> headers = new LinkedHashMap<>();
        if (!all) {
            standing.forEach(header -> headers.put(lower(header.name()), header));
        }
        headers.keySet().removeAll(removed);
        list(set).forEach(header -> headers.put(lower(header.name()), header));
        return List.copyOf(headers.values());
    }

    /** In the order said. */
    static List<Header> list(Map<String, Secret> set) {
        return set.entrySet().stream().map(header -> new Header(header.getKey(), header.getValue().reveal())).toList();
    }

    private static Set<String> lower(Map<String, Secret> set) {
        Set<String> names = new HashSet<>();
        set.keySet().forEach(name -> names.add(lower(name)));
        return names;
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
