package dev.latchkey.catalog;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.latchkey.catalog.Findings.Note;
import dev.latchkey.catalog.Part.Kind;
import org.jspecify.annotations.Nullable;

/**
 * What the security requirements of a document demand, as scopes that a key must hold all of.
 * <p>
 * Within one requirement, the scopes of all its schemes are demanded together, and the role names that OpenAPI 3.1 allows for
 * schemes without scopes count as scopes. Of alternatives, the first that names scopes is taken: whoever holds these is let in
 * by the document too, so that what is judged here is never laxer than it; at most stricter, for holders of another
 * alternative's scopes, which is told. An alternative without scopes (another scheme, or nobody at all) is passed over where
 * another one names some, since it is meant for other callers than keys, and would open the operation to each of them.
 * Demanding the scopes of all alternatives was dropped, as nobody's keys would hold them.
 */
final class Requirements {

    /** Bound of the name of a scope, in characters: what a key can hold. */
    private static final int MAX_CHARACTERS = 100;
    private static final int MAX_SCOPES = 20;
    private static final int MAX_DESCRIPTION = 500;
    private static final int MAX_HOPS = 5;
    private static final String SCHEMES = "#/components/securitySchemes/";
    private static final String OAUTH = "oauth2";

    private final Findings findings;
    /** By name, references followed. */
    private final Map<String, Part> schemes = new LinkedHashMap<>();
    private final Map<String, String> descriptions = new LinkedHashMap<>();
    private final Set<String> undescribed = new LinkedHashSet<>();

    Requirements(Findings findings, @Nullable Part components) {
        this.findings = findings;
        var declared = components == null ? null : components.get("securitySchemes");
        if (declared != null && findings.expect(declared, Kind.OBJECT)) {
            declared.fields().forEach((name, scheme) -> {
                var resolved = resolve(declared, scheme);
                if (resolved != null) {
                    schemes.put(name, resolved);
                    readScopes(resolved);
                }
            });
        }
    }

    /**
     * Scopes that are demanded.
     *
     * @param scopes all of them; empty: any key will do
     * @param chosen whether another alternative names other scopes
     * @param passedOver whether another alternative names none
     */
    record Demanded(List<String> scopes, boolean chosen, boolean passedOver) {
        static final Demanded NOTHING = new Demanded(List.of(), false, false);
    }

    /** Every scope that flows describe, in their order. */
    Set<String> described() {
        return descriptions.keySet();
    }

    /** What the document says of a scope; its name where it says nothing. */
    String description(String scope) {
        return descriptions.getOrDefault(scope, scope);
    }

    /** @param security null: nothing is said, and nothing demanded */
    Demanded of(@Nullable Part security) {
        if (security == null || !findings.expect(security, Kind.LIST)) {
            return Demanded.NOTHING;
        }
        var alternatives = new LinkedHashSet<Set<String>>();
        for (var requirement : security.items()) {
            if (findings.expect(requirement, Kind.OBJECT)) {
                alternatives.add(scopesOf(requirement));
            }
        }
        var withScopes = alternatives.stream().filter(scopes -> !scopes.isEmpty()).toList();
        if (withScopes.isEmpty()) {
            return Demanded.NOTHING;
        }
        return new Demanded(List.copyOf(withScopes.get(0)), withScopes.size() > 1, withScopes.size() < alternatives.size());
    }

    private Set<String> scopesOf(Part requirement) {
        var scopes = new LinkedHashSet<String>();
        requirement.fields().forEach((name, names) -> {
            var scheme = schemes.get(name);
            if (scheme == null) {
                findings.error(names, "names no scheme of /components/securitySchemes");
            } else if (findings.expect(names, Kind.LIST)) {
                for (var scope : names.items()) {
                    if (findings.expect(scope, Kind.SCALAR) && isName(scope, scope.text())) {
                        scopes.add(scope.text());
                        noteUndescribed(scheme, scope.text());
                    }
                }
            }
        });
        if (scopes.size() > MAX_SCOPES) {
            findings.error(requirement, "demands more than " + MAX_SCOPES + " scopes");
        }
        return scopes;
    }

    private void noteUndescribed(Part scheme, String scope) {
        var type = scheme.get("type");
        if (type != null && type.text().equals(OAUTH) && !descriptions.containsKey(scope) && undescribed.add(scope)) {
            findings.note(Note.UNDESCRIBED, scope);
        }
    }

    /** As RFC 6749 section 3.3: what holds a space could not be listed in a header. */
    private boolean isName(Part at, String name) {
        var fits = !name.isEmpty() && name.length() <= MAX_CHARACTERS
                && name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\\');
        if (!fits) {
            findings.error(at, "is no scope that a key can hold: 1 to " + MAX_CHARACTERS
                    + " visible ASCII characters, no quote and no backslash");
        }
        return fits;
    }

    private void readScopes(Part scheme) {
        var flows = scheme.get("flows");
        if (flows == null || !findings.expect(flows, Kind.OBJECT)) {
            return;
        }
        for (var flow : flows.fields().values()) {
            var scopes = findings.expect(flow, Kind.OBJECT) ? flow.get("scopes") : null;
            if (scopes != null && findings.expect(scopes, Kind.OBJECT)) {
                scopes.fields().forEach((name, description) -> {
                    if (isName(description, name)) {
                        var text = CleanText.of(description.text(), MAX_DESCRIPTION);
                        descriptions.putIfAbsent(name, text.isEmpty() ? name : text);
                    }
                });
            }
        }
    }

    private @Nullable Part resolve(Part declared, Part scheme) {
        var resolved = scheme;
        for (var hops = 0; hops <= MAX_HOPS; hops++) {
            if (!findings.expect(resolved, Kind.OBJECT)) {
                return null;
            }
            var reference = findings.text(resolved, "$ref");
            if (reference.isEmpty()) {
                return resolved;
            }
            var next = reference.startsWith(SCHEMES) ? declared.get(reference.substring(SCHEMES.length())) : null;
            if (next == null) {
                break;
            }
            resolved = next;
        }
        findings.error(scheme, "refers to no scheme of this document");
        return null;
    }
}
