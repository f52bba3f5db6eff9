package dev.latchkey.catalog;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * What there is to grant: groups of scopes, and of the operations that demand them. Immutable; a new document is a new
 * catalogue that is swapped in.
 * <p>
 * Where several operations match a request, the most specific path decides ({@code /keys/self} before {@code /keys/*}), then
 * the named method before {@code *}. Paths of which neither is the more specific ({@code /a/*&#47;c} and {@code /a/b/*}) demand
 * their scopes together: which of them the server behind takes is not known here, and asking for both is the safe side.
 */
public final class Catalog {

    /**
     * Scopes and operations that are shown, and may be ticked, together.
     *
     * @param name for people
     * @param description what it is about, for people; null where a document says nothing of it
     * @param scopes in the order in which they are shown
     * @param operations in the order in which they are shown; {@code methods} in the contract
     */
    public record Group(Text name, @Nullable Text description, List<Scope> scopes, List<Operation> operations) {
        public Group {
            requireNonNull(name, "name");
            scopes = List.copyOf(scopes);
            operations = List.copyOf(operations);
        }
    }

    /**
     * A permission that a key may hold.
     *
     * @param name {@code resource:action}, or one word
     * @param description what its holder can do, for people
     */
    public record Scope(String name, Text description) {
        public Scope {
            requireNonNull(name, "name");
            requireNonNull(description, "description");
        }
    }

    /**
     * Something that a request can ask for.
     *
     * @param pattern which requests; {@code *} for the method stands for those that no other operation of this path names
     * @param summary what it does, for people
     * @param scopes what its caller must hold, all of them; empty when any key will do
     */
    public record Operation(MethodPattern pattern, Text summary, Set<String> scopes) {
        public Operation {
            requireNonNull(pattern, "pattern");
            requireNonNull(summary, "summary");
            scopes = Set.copyOf(scopes);
        }

        public String method() {
            return pattern.method();
        }

        public String path() {
            return pattern.path();
        }
    }

    /** Built at first use, and shared: the built-in texts are read from the class path once. */
    private static final class BuiltIn {
        private static final List<Group> SERVICE = ServiceGroups.read();
        private static final Set<String> SERVICE_SCOPES = scopesOf(SERVICE);
        private static final Catalog WITH_COMMERCE = withService(CommerceGroups.read());
    }

    private static final int LONGEST_METHOD = 32;

    private final List<Group> groups;
    private final List<Operation> operations;
    private final Set<String> scopes;
    private final Set<String> named;
    private final OperationTree tree;

    /**
     * A catalogue of exactly these groups.
     *
     * @throws IllegalArgumentException when an operation demands a scope that no group names: nobody could be given it
     */
    public Catalog(List<Group> groups) {
        this.groups = List.copyOf(requireNonNull(groups, "groups"));
        this.scopes = scopesOf(this.groups);
        this.operations = this.groups.stream().flatMap(group -> group.operations().stream()).toList();
        this.named = operations.stream()
                .map(operation -> operation.pattern().toString()).collect(Collectors.toUnmodifiableSet());
        this.tree = new OperationTree();
        for (var group : this.groups) {
            for (var operation : group.operations()) {
                if (!scopes.containsAll(operation.scopes())) {
                    throw new IllegalArgumentException(operation.pattern() + " demands a scope that no group names");
                }
                tree.add(operation);
            }
        }
    }

    /** The catalogue without a document of the platform: usual shop resources, and this service's own operations. */
    public static Catalog builtIn() {
        return BuiltIn.WITH_COMMERCE;
    }

    /**
     * A catalogue of the platform's groups and this service's own, which no document takes away: scopes of these names are this
     * service's, and an operation that is one of this service's too, or a part of one, demands what that demands besides its
     * own. Which of the two is asked for, a path alone does not tell.
     */
    public static Catalog withService(List<Group> platform) {
        var groups = new ArrayList<Group>();
        for (var group : platform) {
            groups.add(new Group(group.name(), group.description(),
                    group.scopes().stream().filter(scope -> !BuiltIn.SERVICE_SCOPES.contains(scope.name())).toList(),
                    group.operations().stream().map(Catalog::withServicesScopes).toList()));
        }
        groups.addAll(BuiltIn.SERVICE);
        return new Catalog(groups);
    }

    private static Operation withServicesScopes(Operation operation) {
        var scopes = new LinkedHashSet<>(operation.scopes());
        for (var group : BuiltIn.SERVICE) {
            for (var own : group.operations()) {
                if (own.pattern().covers(operation.pattern())) {
                    scopes.addAll(own.scopes());
                }
            }
        }
        return scopes.size() == operation.scopes().size() ? operation
                : new Operation(operation.pattern(), operation.summary(), scopes);
    }

    /** Whether this service has an operation of which the pattern is a part. */
    static boolean isServices(MethodPattern pattern) {
        return BuiltIn.SERVICE.stream().flatMap(group -> group.operations().stream())
                .anyMatch(own -> own.pattern().covers(pattern));
    }

    /** This service's own scopes: what people may grant of them depends on their role. */
    public static Set<String> serviceScopes() {
        return BuiltIn.SERVICE_SCOPES;
    }

    private static Set<String> scopesOf(List<Group> groups) {
        var names = new LinkedHashSet<String>();
        groups.forEach(group -> group.scopes().forEach(scope -> names.add(scope.name())));
        return Collections.unmodifiableSet(names);
    }

    public List<Group> groups() {
        return groups;
    }

    /** Every scope that can be granted, in the order of the groups. */
    public Set<String> scopes() {
        return scopes;
    }

    /**
     * What a request must hold. On the path of every verification: a walk down a tree, which allocates a short list.
     *
     * @param method case-sensitive, as in RFC 9110 section 9.1: what is no upper-case token is refused, as {@code get}
     *        would otherwise be one of the other methods and need no right to read
     */
    public Demand demandOf(String method, ApiPath path) {
        if (!path.isValid() || !isUpperCaseToken(method)) {
            return Demand.REFUSED;
        }
        @Nullable
        Demand demand = null;
        var readings = path.readings();
        for (var i = 0; i < readings.size(); i++) {
            var here = tree.demandOf(method, readings.get(i));
            demand = demand == null ? here : demand.and(here);
        }
        return demand == null ? Demand.REFUSED : demand;
    }

    private static boolean isUpperCaseToken(String method) {
        for (var i = 0; i < method.length(); i++) {
            var character = method.charAt(i);
            var isUpperCase = character >= 'A' && character <= 'Z';
            var isInner = i > 0 && (character == '-' || character == '_' || character >= '0' && character <= '9');
            if (!isUpperCase && !isInner) {
                return false;
            }
        }
        return !method.isEmpty() && method.length() <= LONGEST_METHOD;
    }

    /** The operations of which the pattern allows some request; if there are none, it is likely mistyped. */
    public Stream<Operation> operationsWithin(MethodPattern pattern) {
        return operations.stream().filter(operation -> isAskedForBy(pattern, operation));
    }

    /** Whether the pattern allows some request to this operation of the catalogue. */
    boolean isAskedForBy(MethodPattern pattern, Operation operation) {
        return operation.pattern().overlaps(pattern) && !isLeftToAnother(operation, pattern);
    }

    /** Whether an operation for any method does not stand for this one, since another of its path names it. */
    private boolean isLeftToAnother(Operation operation, MethodPattern pattern) {
        return operation.pattern().isForAnyMethod() && named.contains(pattern.method() + " " + operation.path())
                && !pattern.isForAnyMethod();
    }

    /** Whether the pattern allows any request to an operation of the catalogue. */
    public boolean knowsAnyOf(MethodPattern pattern) {
        return operationsWithin(pattern).findAny().isPresent();
    }

    /**
     * Whether every request that the pattern allows is one to an operation of the catalogue. True is always right; of several
     * operations that only together take in the pattern it is false.
     */
    public boolean knowsAllOf(MethodPattern pattern) {
        return operations.stream().anyMatch(operation -> operation.pattern().covers(pattern));
    }

    /** Whether this has every operation of another one, whatever is demanded for it. */
    boolean hasOperationsOf(Catalog other) {
        return named.containsAll(other.named);
    }

    /** Those of all groups. */
    List<Operation> operations() {
        return operations;
    }
}
