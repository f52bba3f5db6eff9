package dev.latchkey.catalog;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A part of an OpenAPI document that has been read, and where it stands. What the catalogue does not look at is not kept, see
 * {@link Shape}.
 *
 * @param kind what it is
 * @param text of a scalar, whatever its type; else empty
 * @param fields of an object, in the document's order; else empty
 * @param items of a list; else empty
 * @param place where it stands
 * @param line from 1
 * @param column from 1
 */
record Part(Kind kind, String text, Map<String, Part> fields, List<Part> items, Place place, int line, int column) {

    /** What a part can be. */
    enum Kind {
        OBJECT("an object"),
        LIST("a list"),
        /** Numbers and booleans too: in YAML, whoever writes a tag as 2024 means its text. */
        SCALAR("text"),
        NULL("null");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** For people. */
        String words() {
            return words;
        }
    }

    Part {
        requireNonNull(kind, "kind");
    }

    boolean is(Kind other) {
        return kind == other;
    }

    /** The field, unless it is not there or says nothing. */
    @Nullable
    Part get(String name) {
        var field = fields.get(name);
        return field == null || field.is(Kind.NULL) ? null : field;
    }

    /** Where a person finds it. */
    String where() {
        return "line " + line + ", column " + column;
    }

    /** RFC 6901; empty for the whole document. */
    String pointer() {
        return place.pointer();
    }

    /**
     * A place in a document: a name below another place. Its pointer is put together when someone is told of it: together,
     * those of a hundred thousand parts below one long name would be a thousand times as long as the document.
     *
     * @param above null: the whole document
     * @param name of a field, or the number of an item
     */
    record Place(@Nullable Place above, String name) {

        static final Place DOCUMENT = new Place(null, "");

        Place below(String field) {
            return new Place(this, field);
        }

        String pointer() {
            return above == null ? "" : above.pointer() + "/" + name.replace("~", "~0").replace("/", "~1");
        }
    }
}
