package dev.latchkey.credential;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Text with places for variables, as {@code {shop}}, for header values and parameters. Values go in as they are: whoever
 * sends the text checks it, or encodes it, as a whole.
 *
 * @param text as it stands in the file
 * @param places the names between braces, in their order
 */
public record TextTemplate(String text, List<String> places) {

    /** Places that no entry has to declare: of the credential itself, and each only where {@link ProviderRules} lets it be. */
    static final String CLIENT_ID = "clientId";
    static final String CLIENT_SECRET = "clientSecret";
    static final String ACCESS_TOKEN = "accessToken";

    static final Pattern PLACE = Pattern.compile("\\{([a-z][A-Za-z0-9]*)}");

    /** Null where braces do not hold a name. */
    static @Nullable TextTemplate parse(String text) {
        List<String> places = new ArrayList<>();
        Matcher place = PLACE.matcher(text);
        while (place.find()) {
            places.add(place.group(1));
        }
        String rest = PLACE.matcher(text).replaceAll("");
        return rest.indexOf('{') >= 0 || rest.indexOf('}') >= 0 ? null : new TextTemplate(text, List.copyOf(places));
    }

    /** Each place is filled once; one whose value is not known is left empty. */
    String fill(Map<String, String> values) {
        return PLACE.matcher(text)
                .replaceAll(place -> Matcher.quoteReplacement(values.getOrDefault(place.group(1), "")));
    }

    @Override
    public String toString() {
        return text;
    }
}
