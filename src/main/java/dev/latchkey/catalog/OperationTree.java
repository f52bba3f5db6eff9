package dev.latchkey.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.catalog.Demand.Code;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a catalogue by the segments of their paths, so that a request is compared with the few that share its
 * beginning and not with the thousands of a large document. Written while a catalogue is built, only read afterwards.
 */
final class OperationTree {

    /** A segment that has been reached: what may follow it, and what ends here. */
    private static final class Node {
        private final Map<String, Node> literals = new HashMap<>();
        private final List<Branch> globs = new ArrayList<>();
        private @Nullable Route exact;
        private @Nullable Route rest;
    }

    private record Branch(SegmentGlob glob, Node node) {
    }

    /** All operations of one path. */
    private static final class Route {
        private final MethodPattern path;
        private final Map<String, Demand> byMethod = new HashMap<>();
        private @Nullable Demand otherMethods;

        Route(MethodPattern path) {
            this.path = path;
        }

        void add(Operation operation) {
            var demand = Demand.of(operation.scopes(), operation.path());
            if (operation.pattern().isForAnyMethod()) {
                otherMethods = otherMethods == null ? demand : otherMethods.and(demand);
            } else {
                byMethod.merge(operation.method(), demand, Demand::and);
            }
        }

        @Nullable
        Demand demandOf(String method) {
            var named = byMethod.get(method);
            return named == null ? otherMethods : named;
        }
    }

    private final Node root = new Node();

    void add(Operation operation) {
        var pattern = operation.pattern();
        var node = root;
        for (var segment : pattern.segments()) {
            node = segment.isLiteral() ? node.literals.computeIfAbsent(segment.text(), text -> new Node())
                    : branchOf(node, segment);
        }
        if (pattern.hasRest()) {
            node.rest = node.rest == null ? new Route(pattern) : node.rest;
            node.rest.add(operation);
        } else {
            node.exact = node.exact == null ? new Route(pattern) : node.exact;
            node.exact.add(operation);
        }
    }

    private static Node branchOf(Node node, SegmentGlob glob) {
        for (var branch : node.globs) {
            if (branch.glob.equals(glob)) {
                return branch.node;
            }
        }
        var branch = new Branch(glob, new Node());
        node.globs.add(branch);
        return branch.node;
    }

    /** What one reading of a path demands. */
    Demand demandOf(String method, List<String> names) {
        var routes = new ArrayList<Route>(4);
        collect(root, method, names, 0, routes);
        var demand = Demand.UNKNOWN;
        for (var i = 0; i < routes.size(); i++) {
            var route = routes.get(i);
            var here = isMostSpecific(route, routes) ? route.demandOf(method) : null;
            if (here != null) {
                demand = demand.code() == Code.KNOWN ? demand.and(here) : here;
            }
        }
        return demand;
    }

    /** Every route that has the method and matches; no node is visited twice, so the size of the tree bounds the work. */
    private static void collect(Node node, String method, List<String> names, int depth, List<Route> routes) {
        if (depth == names.size()) {
            addIfMethodKnown(node.exact, method, routes);
            return;
        }
        addIfMethodKnown(node.rest, method, routes);
        var name = names.get(depth);
        var literal = node.literals.get(name);
        if (literal != null) {
            collect(literal, method, names, depth + 1, routes);
        }
        for (var i = 0; i < node.globs.size(); i++) {
            var branch = node.globs.get(i);
            if (branch.glob.matches(name)) {
                collect(branch.node, method, names, depth + 1, routes);
            }
        }
    }

    private static void addIfMethodKnown(@Nullable Route route, String method, List<Route> routes) {
        if (route != null && route.demandOf(method) != null) {
            routes.add(route);
        }
    }

    /** Whether no other of them matches only a part of what this one matches; two that match the same are one route. */
    private static boolean isMostSpecific(Route route, List<Route> routes) {
        for (var i = 0; i < routes.size(); i++) {
            var other = routes.get(i);
            if (other != route && route.path.coversPath(other.path)) {
                return false;
            }
        }
        return true;
    }
}
