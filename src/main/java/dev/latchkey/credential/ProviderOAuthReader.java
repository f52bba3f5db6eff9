package dev.latchkey.credential;

import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.ProviderOAuth.Account;
import dev.latchkey.credential.ProviderOAuth.BodyFormat;
import dev.latchkey.credential.ProviderOAuth.Exchange;
import dev.latchkey.credential.ProviderOAuth.ExpiryUnit;
import dev.latchkey.credential.ProviderOAuth.Pkce;
import dev.latchkey.credential.ProviderOAuth.Renamed;
import dev.latchkey.credential.ProviderOAuth.Renewal;
import dev.latchkey.credential.ProviderOAuth.TokenAnswer;

/** The part of a provider's file that tells what is particular about its OAuth 2. */
final class ProviderOAuthReader {

    /** RFC 6749 and RFC 7636: what can be called otherwise, and where. */
    private static final Set<String> AUTHORIZE = Set.of("client_id", "redirect_uri", "response_type", "scope", "state",
            "code_challenge", "code_challenge_method");
    private static final Set<String> REDIRECT = Set.of("code", "state", "error", "error_description");
    private static final Set<String> TOKEN = Set.of("client_id", "client_secret", "redirect_uri", "scope", "code", "grant_type",
            "refresh_token", "access_token", "code_verifier");
    /** As standard answers have it. */
    private static final TokenAnswer STANDARD_ANSWER = new TokenAnswer("/access_token", "/refresh_token", "/expires_in",
            ExpiryUnit.SECONDS, null);

    private ProviderOAuthReader() {
    }

    static ProviderOAuth read(YamlMap map) {
        BodyFormat body = map.choiceOr("body", BodyFormat.FORM);
        TokenAnswer answer = map.map("answer", ProviderOAuthReader::answer);
        List<Grant> grants = map.choices("grants", Grant.class);
        if (grants.isEmpty()) {
            throw map.fault("grants",
                    "is required: which of authorization-code, client-credentials and refresh-token it knows");
        }
        Renamed renamed = map.map("renamed", ProviderOAuthReader::renamed);
        return new ProviderOAuth(grants, ProviderReader.url(map, "authorizeUrl"), ProviderReader.url(map, "tokenUrl"),
                ProviderReader.url(map, "refreshUrl"), ProviderReader.url(map, "revokeUrl"),
                ProviderReader.url(map, "metadataUrl"), map.choice("clientAuth", ClientAuth.class),
                map.requiredChoice("pkce", Pkce.class), scopes(map, "scopes"),
                scopes(map, "clientScopes"), map.textOr("scopeSeparator", " "),
                map.parsed("redirectUri", TextTemplate::parse, "text, with variables in braces"),
                ProviderReader.texts(map, "authorizeParameters"), ProviderReader.texts(map, "tokenParameters"),
                ProviderReader.texts(map, "refreshParameters"), renamed == null ? Renamed.NOTHING : renamed,
                ProviderReader.headers(map, "tokenHeaders"), body, map.texts("callbackParameters", text -> text, "text"),
                answer == null ? STANDARD_ANSWER : answer, map.map("exchange", ProviderOAuthReader::exchange),
                renewal(map, body), map.map("account", ProviderOAuthReader::account));
    }

    private static List<String> scopes(YamlMap map, String name) {
        return map.texts(name, text -> text.isBlank() ? null : text, "a scope");
    }

    private static Renamed renamed(YamlMap map) {
        return new Renamed(renamed(map, "authorize", AUTHORIZE), renamed(map, "redirect", REDIRECT),
                renamed(map, "token", TOKEN));
    }

    private static Map<String, String> renamed(YamlMap map, String place, Set<String> known) {
        Map<String, String> renamed = map.entries(place, text -> text.matches("[A-Za-z0-9_.-]{1,50}") ? text : null,
                "a name of letters, digits, _, . and -");
        renamed.keySet().stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw map.fault(place, "can't rename " + name + ", which is no parameter of OAuth 2 there");
        });
        return renamed;
    }

    private static Exchange exchange(YamlMap map) {
        UrlTemplate url = ProviderReader.url(map, "url");
        if (url == null) {
            throw map.fault("url", "is required");
        }
        return new Exchange(url, map.choiceOr("body", BodyFormat.FORM), ProviderReader.texts(map, "parameters"));
    }

    private static TokenAnswer answer(YamlMap map) {
        return new TokenAnswer(pointer(map, "accessToken", STANDARD_ANSWER.accessTokenAt()),
                pointer(map, "refreshToken", STANDARD_ANSWER.refreshTokenAt()),
                pointer(map, "expiry", STANDARD_ANSWER.expiryAt()), map.choiceOr("expiryUnit", ExpiryUnit.SECONDS),
                map.duration("presetLifetime"));
    }

    private static String pointer(YamlMap map, String name, String preset) {
        String pointer = map.parsed(name, ProviderReader::pointer, "a JSON pointer, such as /data/access_token");
        return pointer == null ? preset : pointer;
    }

    private static Renewal renewal(YamlMap map, BodyFormat body) {
        Renewal renewal = map.map("renewal",
                inner -> new Renewal(inner.choiceOr("by", Renewal.By.REFRESH_TOKEN), inner.choiceOr("body", body),
                        inner.choiceOr("rotation", Renewal.Rotation.NONE), inner.duration("refreshTokenLifetime"),
                        inner.duration("earliest"), inner.duration("consentAgain")));
        return renewal == null ? new Renewal(Renewal.By.REFRESH_TOKEN, body, Renewal.Rotation.NONE, null, null, null) : renewal;
    }

    private static Account account(YamlMap map) {
        Account.Source from = map.requiredChoice("from", Account.Source.class);
        return new Account(from, from == Account.Source.CALLBACK ? map.requiredText("at")
                : map.requiredParsed("at", ProviderReader::pointer, "a JSON pointer, such as /user_id"));
    }
}
