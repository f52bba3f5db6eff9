package dev.latchkey.catalog;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.latchkey.catalog.Catalog.Group;
import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.catalog.Catalog.Scope;
import org.jspecify.annotations.Nullable;

/**
 * How the platform's groups are kept in the database, as JSON:
 *
 * <pre>
 * catalogue   [group, …]
 * group       {"name": text, "about": text or absent, "scopes": [[name, text], …], "methods": [[pattern, text, scope, …], …]}
 * text        "in both languages" or ["English", "Spanish"]
 * </pre>
 *
 * What is kept is what was read from the document, not the document: replicas of two versions may read a document unlike, and
 * must not judge unlike.
 */
final class CatalogText {

    private static final JsonFactory FACTORY = new JsonFactory();
    private static final ObjectMapper JSON = new ObjectMapper();

    private CatalogText() {
    }

    /** The catalogue of what is kept, with this service's own operations; the built-in one where nothing is. */
    static Catalog catalog(@Nullable String kept) {
        return kept == null ? Catalog.builtIn() : Catalog.withService(read(kept));
    }

    static String write(List<Group> groups) {
        var text = new StringWriter();
        try (var json = FACTORY.createGenerator(text)) {
            json.writeStartArray();
            for (var group : groups) {
                write(json, group);
            }
            json.writeEndArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Group group) throws IOException {
        json.writeStartObject();
        json.writeFieldName("name");
        write(json, group.name());
        if (group.description() != null) {
            json.writeFieldName("about");
            write(json, group.description());
        }
        json.writeArrayFieldStart("scopes");
        for (var scope : group.scopes()) {
            json.writeStartArray();
            json.writeString(scope.name());
            write(json, scope.description());
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("methods");
        for (var operation : group.operations()) {
            json.writeStartArray();
            json.writeString(operation.pattern().toString());
            write(json, operation.summary());
            // Sorted, so that the same document is the same text, and a repeated replacement none.
            for (var scope : operation.scopes().stream().sorted().toList()) {
                json.writeString(scope);
            }
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Text text) throws IOException {
        if (text.english().equals(text.spanish())) {
            json.writeString(text.english());
        } else {
            json.writeArray(new String[] { text.english(), text.spanish() }, 0, 2);
        }
    }

    /** @throws IllegalArgumentException for what this class has not written */
    static List<Group> read(String kept) {
        try {
            var groups = new ArrayList<Group>();
            for (var group : JSON.readTree(kept)) {
                var scopes = new ArrayList<Scope>();
                group.path("scopes").forEach(scope -> scopes.add(new Scope(scope.path(0).asText(), text(scope.path(1)))));
                var operations = new ArrayList<Operation>();
                group.path("methods").forEach(method -> operations.add(operation(method)));
                groups.add(new Group(text(group.path("name")), group.has("about") ? text(group.get("about")) : null, scopes,
                        operations));
            }
            return groups;
        } catch (IOException unreadable) {
            throw new IllegalArgumentException("no catalogue", unreadable);
        }
    }

    private static Operation operation(JsonNode method) {
        var scopes = new LinkedHashSet<String>();
        for (var i = 2; i < method.size(); i++) {
            scopes.add(method.get(i).asText());
        }
        return new Operation(MethodPattern.of(method.path(0).asText()), text(method.path(1)), scopes);
    }

    private static Text text(JsonNode text) {
        return text.isArray() ? new Text(text.path(0).asText(), text.path(1).asText()) : Text.untranslated(text.asText());
    }
}
