package dev.latchkey.catalog;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.latchkey.catalog.Part.Kind;
import org.jspecify.annotations.Nullable;

/** What stands under a path of a document, with what it refers to there. */
final class PathItems {

    private static final int MAX_HOPS = 5;

    private final Part document;
    private final Findings findings;

    PathItems(Part document, Findings findings) {
        this.document = document;
        this.findings = findings;
    }

    /** A field, unless it is not there or says nothing. */
    static @Nullable Part value(Map<String, Part> fields, String name) {
        var part = fields.get(name);
        return part == null || part.is(Kind.NULL) ? null : part;
    }

    /** With those of what it refers to; its own come first. */
    Map<String, Part> fieldsOf(Part item) {
        var fields = new LinkedHashMap<String, Part>();
        var from = item;
        for (var hops = 0; hops <= MAX_HOPS; hops++) {
            if (!findings.expect(from, Kind.OBJECT)) {
                return Map.of();
            }
            from.fields().forEach(fields::putIfAbsent);
            var reference = findings.text(from, "$ref");
            if (reference.isEmpty()) {
                return fields;
            }
            var next = referred(reference);
            if (next == null) {
                break;
            }
            from = next;
        }
        findings.error(item, "refers to no path of this document; what lies in other files must be put into this one");
        return Map.of();
    }

    private @Nullable Part referred(String reference) {
        var components = document.get("components");
        var name = reference.substring(reference.lastIndexOf('/') + 1).replace("~1", "/").replace("~0", "~");
        var decoded = PercentCode.decode(name, 0, name.length());
        var plain = decoded.problem() == null ? decoded.text() : name;
        Part in = null;
        if (reference.startsWith("#/paths/")) {
            in = document.get("paths");
        } else if (reference.startsWith("#/components/pathItems/") && components != null) {
            in = components.get("pathItems");
        }
        return in == null ? null : in.get(plain) == null ? in.get(name) : in.get(plain);
    }
}
