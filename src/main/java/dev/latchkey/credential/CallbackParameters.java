package dev.latchkey.credential;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import dev.latchkey.credential.ProviderOAuth.Renamed;
import dev.latchkey.crypto.Secret;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/**
 * What a provider's redirect has brought along, by the names that its entry has for it. Anybody can ask for the callback, so
 * nothing of it is believed before its state has been found.
 */
final class CallbackParameters {

    /** RFC 6749 section 4.1.2.1. */
    private static final Pattern ERROR = Pattern.compile("[a-z_]{1,40}");
    private static final int MAX_CODE_CHARACTERS = 4096;
    private static final int MAX_KEPT_CHARACTERS = 500;

    private final MultiMap query;

    CallbackParameters(MultiMap query) {
        this.query = query;
    }

    /**
     * What the redirect says, once it is known whose it is.
     *
     * @param error a code of RFC 6749, {@code error} for any that is none; null: there is none
     * @param code null: there is none
     * @param issuer RFC 9207; null: not told
     * @param kept what the entry wants to be kept, such as {@code realmId}
     */
    record Said(@Nullable String error, @Nullable Secret code, @Nullable String issuer, Map<String, String> kept) {
    }

    /** Everything that may be the state: what it is called is known only with it. */
    List<String> states(List<Provider> providers) {
        List<String> states = new ArrayList<>(query.getAll("state"));
        providers.stream().map(Provider::oauth2).filter(oauth -> oauth != null)
                .map(oauth -> oauth.renamed().redirected("state"))
                .distinct().filter(name -> !name.equals("state")).forEach(name -> states.addAll(query.getAll(name)));
        return states;
    }

    /** What it says to those who know the provider; empty where a parameter stands there twice (RFC 6749 section 3.1). */
    Optional<Said> said(@Nullable Provider provider) {
        ProviderOAuth oauth = provider == null ? null : provider.oauth2();
        Renamed renamed = oauth == null ? Renamed.NOTHING : oauth.renamed();
        List<String> names = List.of(renamed.redirected("state"), renamed.redirected("code"), renamed.redirected("error"),
                "iss");
        if (names.stream().anyMatch(name -> query.getAll(name).size() > 1)) {
            return Optional.empty();
        }
        String error = query.get(names.get(2));
        String code = query.get(names.get(1));
        boolean isCode = code != null && !code.isEmpty() && code.length() <= MAX_CODE_CHARACTERS
                && code.chars().allMatch(each -> each >= ' ' && each <= '~');
        Map<String, String> kept = new LinkedHashMap<>();
        if (oauth != null) {
            for (String name : oauth.callbackParameters()) {
                List<String> values = query.getAll(name);
                if (values.size() == 1 && values.get(0).length() <= MAX_KEPT_CHARACTERS
                        && values.get(0).chars().noneMatch(Character::isISOControl)) {
                    kept.put(name, values.get(0));
                }
            }
        }
        return Optional.of(new Said(error == null ? null : ERROR.matcher(error).matches() ? error : "error",
                isCode ? Secret.of(code) : null, query.get("iss"), kept));
    }
}
