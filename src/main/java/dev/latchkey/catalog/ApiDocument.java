package dev.latchkey.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import dev.latchkey.catalog.Catalog.Group;
import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.catalog.Catalog.Scope;
import dev.latchkey.catalog.Findings.Note;
import dev.latchkey.catalog.Part.Kind;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the platform's OpenAPI document (3.0 or 3.1) as groups of a catalogue: tags become groups, operations become methods,
 * the scopes of security requirements become scopes.
 * <p>
 * An operation stands in the group of its first tag; a scope in each group whose operations demand it, so that a group can be
 * ticked as a whole. What is wrong is told all at once, each with its place; nothing is guessed that could let a key do more
 * than the document says.
 */
final class ApiDocument {

    /**
     * Bounds of a catalogue, so that it is read, shown and swapped quickly; the largest public documents have a fifth of it.
     */
    static final int MAX_OPERATIONS = 10_000;
    private static final int MAX_GROUPS = 1_000;
    private static final int MAX_NAME = 100;
    private static final int MAX_TEXT = 300;
    private static final Text UNTAGGED = new Text("Other operations", "Otras operaciones");
    private static final Text UNUSED = new Text("Other scopes", "Otros permisos");
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
    private static final Set<String> BESIDES = Set.of("$ref", "servers");
    private static final Pattern VERSION = Pattern.compile("3\\.[01](\\.\\d+)?(-.*)?");

    private final Part document;
    private final Findings findings = new Findings();
    private final Servers servers = new Servers(findings);
    private final PathItems items;
    private final Requirements requirements;
    private final Requirements.Demanded demandedByDefault;
    private final String basePath;
    /** By tag; the empty one for operations without. */
    private final Map<String, Draft> groups = new LinkedHashMap<>();
    private final Map<String, String> shapes = new HashMap<>();
    private final Set<String> own = new LinkedHashSet<>();
    private int operations;

    /**
     * What a document was read as.
     *
     * @param groups the platform's
     * @param warnings sentences for a person
     */
    record Read(List<Group> groups, List<String> warnings) {

        /** @return distinct names */
        Set<String> scopes() {
            var names = new LinkedHashSet<String>();
            groups.forEach(group -> group.scopes().forEach(scope -> names.add(scope.name())));
            return names;
        }

        int methods() {
            return groups.stream().mapToInt(group -> group.operations().size()).sum();
        }
    }

    /** A group that is being filled. */
    private static final class Draft {
        private final Text name;
        private final @Nullable Text description;
        private final Set<String> scopes = new LinkedHashSet<>();
        private final List<Operation> operations = new ArrayList<>();

        Draft(Text name, @Nullable Text description) {
            this.name = name;
            this.description = description;
        }
    }

    private ApiDocument(Part document) {
        this.document = document;
        this.items = new PathItems(document, findings);
        requireVersion();
        this.requirements = new Requirements(findings, objectOrNull(document, "components"));
        this.demandedByDefault = requirements.of(document.fields().get("security"));
        var common = servers.basePath(document.get("servers"));
        this.basePath = common == null ? "" : common;
    }

    /**
     * @param isJson whether it says to be JSON; else it is YAML
     * @throws ProblemException 422 that says what is wrong, and where
     */
    static Read read(byte[] text, boolean isJson) {
        return new ApiDocument(DocumentText.read(text, isJson)).read();
    }

    private void requireVersion() {
        if (!findings.expect(document, Kind.OBJECT)) {
            findings.throwIfAny();
        }
        if (document.get("swagger") != null) {
            findings.error("/swagger", "must be OpenAPI 3.0 or 3.1; convert a document of Swagger 2 first");
        } else if (!VERSION.matcher(findings.text(document, "openapi")).matches()) {
            findings.error("/openapi", "must be 3.0 or 3.1, with any patch version");
        }
        findings.throwIfAny();
    }

    private @Nullable Part objectOrNull(Part of, String field) {
        var part = of.get(field);
        return part != null && findings.expect(part, Kind.OBJECT) ? part : null;
    }

    private Read read() {
        declareTags();
        var paths = objectOrNull(document, "paths");
        if (paths != null) {
            paths.fields().forEach(this::readPath);
        }
        if (operations == 0) {
            findings.error("/paths", "names no operation, which would leave nothing to grant");
        }
        if (groups.size() > MAX_GROUPS) {
            findings.error("/tags", "are more than " + MAX_GROUPS);
        }
        findings.throwIfAny();
        return new Read(drafted(), findings.warnings());
    }

    private void declareTags() {
        var tags = document.get("tags");
        if (tags == null || !findings.expect(tags, Kind.LIST)) {
            return;
        }
        for (var tag : tags.items()) {
            var name = findings.expect(tag, Kind.OBJECT) ? findings.text(tag, "name") : "";
            if (!CleanText.of(name, MAX_NAME).isEmpty()) {
                var shown = CleanText.of(findings.text(tag, "x-displayName"), MAX_NAME);
                var description = CleanText.of(findings.text(tag, "description"), MAX_TEXT);
                groups.putIfAbsent(name, new Draft(
                        Text.untranslated(shown.isEmpty() ? CleanText.of(name, MAX_NAME) : shown),
                        description.isEmpty() ? null : Text.untranslated(description)));
            }
        }
    }

    private void readPath(String path, Part item) {
        if (!path.startsWith("/")) {
            findings.error(item, "is no path: a path begins with a slash");
            return;
        }
        var fields = items.fieldsOf(item);
        var own = servers.basePath(PathItems.value(fields, "servers"));
        fields.forEach((name, field) -> {
            if (METHODS.contains(name)) {
                if (findings.expect(field, Kind.OBJECT)) {
                    readOperation(name.toUpperCase(Locale.ROOT), path, field, own == null ? basePath : own);
                }
            } else if (!BESIDES.contains(name)) {
                findings.error(field, "is no method and no other field of a path");
            }
        });
    }

    private void readOperation(String method, String path, Part operation, String inherited) {
        if (++operations > MAX_OPERATIONS) {
            findings.error("/paths", "name more than " + MAX_OPERATIONS + " operations");
            findings.throwIfAny();
        }
        var own = servers.basePath(operation.get("servers"));
        var pattern = pattern(method, own == null ? inherited : own, path, operation);
        if (pattern == null) {
            return;
        }
        var name = pattern.toString();
        var demanded = operation.fields().containsKey("security") ? requirements.of(operation.fields().get("security"))
                : demandedByDefault;
        note(demanded, name);
        if (Catalog.isServices(pattern)) {
            findings.note(Note.OWN_OPERATION, name);
        }
        var draft = groups.computeIfAbsent(tagOf(operation),
                tag -> new Draft(tag.isEmpty() ? UNTAGGED : Text.untranslated(CleanText.of(tag, MAX_NAME)), null));
        draft.scopes.addAll(demanded.scopes());
        draft.operations.add(new Operation(pattern, Text.untranslated(summaryOf(operation, name)),
                Set.copyOf(demanded.scopes())));
    }

    private @Nullable MethodPattern pattern(String method, String base, String path, Part operation) {
        var template = PathTemplate.of(path);
        if (template.problem() != null) {
            findings.error(operation, "has a path that cannot be matched: " + template.problem());
            return null;
        }
        var below = template.path().equals("/") && !base.isEmpty() ? base : base + template.path();
        var parsed = MethodPattern.parse(method + " " + below);
        if (parsed instanceof MethodPattern.Invalid invalid) {
            findings.error(operation, "has a path that cannot be matched: " + invalid.message());
            return null;
        }
        var pattern = parsed.orNull();
        var former = shapes.put(String.valueOf(pattern), template.shape());
        if (former != null && former.equals(template.shape())) {
            findings.error(operation, "is the same as another operation: only the names of parameters differ");
        } else if (former != null) {
            findings.note(Note.SAME_PATH, String.valueOf(pattern));
        }
        return pattern;
    }

    private void note(Requirements.Demanded demanded, String operation) {
        if (demanded.scopes().isEmpty()) {
            findings.note(Note.OPEN, operation);
        }
        if (demanded.chosen()) {
            findings.note(Note.CHOSEN, operation);
        }
        if (demanded.passedOver()) {
            findings.note(Note.PASSED_OVER, operation);
        }
        for (var scope : demanded.scopes()) {
            if (Catalog.serviceScopes().contains(scope) && own.add(scope)) {
                findings.note(Note.OWN_SCOPE, scope);
            }
        }
    }

    private String tagOf(Part operation) {
        var tags = operation.get("tags");
        if (tags == null || !findings.expect(tags, Kind.LIST) || tags.items().isEmpty()) {
            return "";
        }
        var first = tags.items().get(0);
        return findings.expect(first, Kind.SCALAR) && !CleanText.of(first.text(), MAX_NAME).isEmpty() ? first.text() : "";
    }

    private String summaryOf(Part operation, String otherwise) {
        for (var field : List.of("summary", "description", "operationId")) {
            var text = CleanText.of(findings.text(operation, field), MAX_TEXT);
            if (!text.isEmpty()) {
                return text;
            }
        }
        return otherwise;
    }

    /** Groups in the order of the document's tags, then of their first operations; those without operations left out. */
    private List<Group> drafted() {
        var untagged = groups.remove("");
        if (untagged != null) {
            groups.put("", untagged);
        }
        var unused = new LinkedHashSet<>(requirements.described());
        var drafted = new ArrayList<Group>();
        for (var draft : groups.values()) {
            unused.removeAll(draft.scopes);
            if (!draft.operations.isEmpty()) {
                drafted.add(new Group(draft.name, draft.description, scopes(draft.scopes), draft.operations));
            }
        }
        if (!unused.isEmpty()) {
            drafted.add(new Group(UNUSED, null, scopes(unused), List.of()));
        }
        return List.copyOf(drafted);
    }

    private List<Scope> scopes(Set<String> names) {
        return names.stream().map(name -> new Scope(name, Text.untranslated(requirements.description(name)))).toList();
    }
}
