package dev.latchkey.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.latchkey.catalog.Catalog.Group;
import dev.latchkey.catalog.Catalog.Operation;

/**
 * The resources that a shop platform usually has, until it brings its own document.
 * <p>
 * GET and HEAD demand {@code :read}, every other method {@code :write}, and write does not imply read. {@code *} is listed
 * besides the usual methods, because the methods that nobody thought of must demand something as well.
 * <p>
 * Payments have no scope to read them, so reading them is no operation of this catalogue and refused unless an organization
 * allows unknown operations; letting {@code payments:write} read was dropped as it would be the only write that does.
 * {@code import} and {@code export} cover every method below their paths, since following the progress of an import belongs
 * to importing.
 */
final class CommerceGroups {

    private static final List<String> RESOURCES = List.of("customers", "orders", "products", "categories", "accounts",
            "contacts");
    private static final List<String> READING = List.of("GET", "HEAD");
    private static final List<String> WRITING = List.of("POST", "PUT", "PATCH", "DELETE", "*");
    private static final List<String> PAYING = List.of("POST", "PUT", "PATCH", "DELETE");

    private CommerceGroups() {
    }

    static List<Group> read() {
        var texts = BuiltInTexts.load();
        var groups = new ArrayList<Group>();
        for (var resource : RESOURCES) {
            var operations = new ArrayList<Operation>();
            addOperations(operations, texts, resource, READING, resource + ":read");
            addOperations(operations, texts, resource, WRITING, resource + ":write");
            groups.add(new Group(texts.group(resource), texts.about(resource),
                    List.of(texts.scope(resource + ":read"), texts.scope(resource + ":write")), operations));
        }
        var payments = new ArrayList<Operation>();
        addOperations(payments, texts, "payments", PAYING, "payments:write");
        groups.add(new Group(texts.group("payments"), texts.about("payments"), List.of(texts.scope("payments:write")),
                payments));
        var transfers = new ArrayList<Operation>();
        for (var transfer : List.of("import", "export")) {
            for (var path : pathsOf(transfer)) {
                transfers.add(new Operation(MethodPattern.of("* " + path), texts.operation(transfer), Set.of(transfer)));
            }
        }
        groups.add(new Group(texts.group("transfers"), texts.about("transfers"),
                List.of(texts.scope("import"), texts.scope("export")), transfers));
        return List.copyOf(groups);
    }

    private static void addOperations(List<Operation> operations, BuiltInTexts texts, String resource, List<String> methods,
            String scope) {
        for (var method : methods) {
            for (var path : pathsOf(resource)) {
                var extent = path.endsWith("/**") ? "below" : "whole";
                operations.add(new Operation(MethodPattern.of(method + " " + path),
                        texts.resourceOperation(method.equals("*") ? "ANY" : method, extent, resource), Set.of(scope)));
            }
        }
    }

    private static List<String> pathsOf(String resource) {
        return List.of("/api/v*/" + resource, "/api/v*/" + resource + "/**");
    }
}
