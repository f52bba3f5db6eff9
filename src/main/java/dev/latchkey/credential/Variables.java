package dev.latchkey.credential;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.credential.Provider.Variable;
import dev.latchkey.web.NearNames;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * The values of a provider's variables for one credential, each as its entry wants it. None is a secret.
 *
 * @param values by name, with the entry's presets where nothing was said; those that were said first
 */
public record Variables(Map<String, String> values) {

    /** Of a value, in characters. */
    public static final int MAX_CHARACTERS = 200;

    private static final Variables NONE = new Variables(Map.of());

    public Variables {
        values = Map.copyOf(values);
    }

    /** Of credentials without a provider. */
    public static Variables none() {
        return NONE;
    }

    /**
     * Reads what was said.
     *
     * @throws ProblemException 422, one error for each variable that is missing, unknown, or not as its entry wants it
     */
    public static Variables of(@Nullable Provider provider, Map<String, String> said) {
        List<Variable> wanted = provider == null ? List.of() : provider.variables();
        List<FieldError> errors = new ArrayList<>();
        Map<String, String> values = new LinkedHashMap<>();
        for (Variable variable : wanted) {
            String value = said.getOrDefault(variable.name(), variable.preset());
            if (value == null || value.isEmpty()) {
                errors.add(new FieldError(field(variable.name()), "is required, such as " + variable.example()));
            } else if (value.length() > MAX_CHARACTERS || !variable.pattern().matcher(value).matches()) {
                errors.add(new FieldError(field(variable.name()), "does not look like " + variable.label().english()
                        + ", such as " + variable.example()));
            } else {
                values.put(variable.name(), value);
            }
        }
        List<String> names = wanted.stream().map(Variable::name).toList();
        for (String name : said.keySet()) {
            if (!names.contains(name)) {
                errors.add(new FieldError(field(name), names.isEmpty() ? "is not a variable: there are none here"
                        : "is not a variable of this provider" + NearNames.of(name, names)));
            }
        }
        if (!errors.isEmpty()) {
            throw ProblemException.invalid(errors);
        }
        return new Variables(values);
    }

    private static String field(String name) {
        return "variables." + name;
    }
}
