package dev.latchkey.credential;

import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.Provider.Account;
import dev.latchkey.credential.Provider.BodyFormat;
import dev.latchkey.credential.Provider.ExpiryUnit;
import dev.latchkey.credential.Provider.OAuth;
import dev.latchkey.credential.Provider.Pkce;
import dev.latchkey.credential.Provider.Renewal;
import dev.latchkey.credential.Provider.TokenAnswer;
import dev.latchkey.net.Header;

/** The part of a provider's file that tells what is particular about its OAuth 2. */
final class ProviderOAuthReader {

    /** RFC 6749 and RFC 7636: what can be called otherwise, {@code code} as a parameter of the redirect, too. */
    private static final Set<String> STANDARD = Set.of("client_id", "client_secret", "redirect_uri", "response_type", "scope",
            "state", "code", "grant_type", "refresh_token", "access_token", "code_challenge", "code_challenge_method",
            "code_verifier");
    /** As standard answers have it. */
    private static final TokenAnswer STANDARD_ANSWER = new TokenAnswer("/access_token", "/refresh_token", "/expires_in",
            ExpiryUnit.SECONDS, null);

    private ProviderOAuthReader() {
    }

    static OAuth read(YamlMap map) {
        Map<String, String> renamed = map.entries("renamed", text -> text.matches("[A-Za-z0-9_.-]{1,50}") ? text : null,
                "a name of letters, digits, _, . and -");
        renamed.keySet().forEach(name -> {
            if (!STANDARD.contains(name)) {
                throw map.fault("renamed", "can't rename " + name + ", which is no parameter of OAuth 2");
            }
        });
        Map<String, TextTemplate> headers = map.entries("tokenHeaders", TextTemplate::parse, "text, with variables in braces");
        headers.forEach((name, value) -> {
            if (!Header.isName(name) || Header.isReserved(name) || !Header.isValue(value.text())) {
                throw map.fault("tokenHeaders", "can't hold " + name);
            }
        });
        BodyFormat body = map.choiceOr("body", BodyFormat.FORM);
        TokenAnswer answer = map.map("answer", ProviderOAuthReader::answer);
        List<Grant> grants = map.choices("grants", Grant.class);
        if (grants.isEmpty()) {
            throw map.fault("grants",
                    "is required: which of authorization-code, client-credentials and refresh-token it knows");
        }
        return new OAuth(grants, ProviderReader.url(map, "authorizeUrl"), ProviderReader.url(map, "tokenUrl"),
                ProviderReader.url(map, "refreshUrl"), ProviderReader.url(map, "revokeUrl"),
                ProviderReader.url(map, "metadataUrl"), map.choice("clientAuth", ClientAuth.class),
                map.requiredChoice("pkce", Pkce.class), map.texts("scopes", text -> text.isBlank() ? null : text, "a scope"),
                map.textOr("scopeSeparator", " "),
                map.entries("authorizeParameters", TextTemplate::parse, "text, with variables in braces"),
                map.entries("tokenParameters", TextTemplate::parse, "text, with variables in braces"),
                map.entries("refreshParameters", TextTemplate::parse, "text, with variables in braces"), renamed, headers,
                body, map.texts("callbackParameters", text -> text, "text"),
                answer == null ? STANDARD_ANSWER : answer, renewal(map, body),
                map.map("account", ProviderOAuthReader::account));
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
