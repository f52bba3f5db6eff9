package dev.latchkey.credential;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.Provider.Check;
import dev.latchkey.credential.Provider.Sandbox;
import dev.latchkey.credential.Provider.Use;
import dev.latchkey.credential.Provider.Variable;
import dev.latchkey.net.Destination;
import org.jspecify.annotations.Nullable;

/** What has to go together in a provider's file. */
final class ProviderRules {

    /** What a credential of OAuth 2 brings along itself. */
    private static final Set<String> BROUGHT = Set.of(TextTemplate.CLIENT_ID, TextTemplate.CLIENT_SECRET,
            TextTemplate.ACCESS_TOKEN);

    private ProviderRules() {
    }

    /** @throws ProviderFault for the first thing that does not */
    static void check(Provider provider, YamlMap map) {
        checkTypes(provider, map);
        checkVariables(provider, map);
        checkAddresses(provider, map);
    }

    private static void checkTypes(Provider provider, YamlMap map) {
        if (provider.regions().isEmpty()) {
            throw map.fault("regions", "is required: countries, or global");
        }
        if (provider.uses().isEmpty()) {
            throw map.fault("types", "is required: at least one type of credential");
        }
        if (provider.uses().stream().map(Use::type).distinct().count() < provider.uses().size()) {
            throw map.fault("types", "must name each type once");
        }
        Use use = provider.use(CredentialType.OAUTH2).orElse(null);
        if ((use == null) != (provider.oauth2() == null)) {
            throw map.fault("oauth2", "belongs to the type oauth2: neither stands without the other");
        }
        if (use != null && provider.oauth2() != null) {
            checkOAuth(use, provider.oauth2(), map);
        }
    }

    /** What the entry does not say, the merchant has to be asked for. */
    private static void checkOAuth(Use use, ProviderOAuth oauth, YamlMap map) {
        if (oauth.tokenUrl() == null && !use.asks("tokenUrl")) {
            throw map.fault("oauth2", "needs a tokenUrl");
        }
        if (oauth.authorizeUrl() == null && !use.asks("authorizeUrl")
                && oauth.grants().contains(Grant.AUTHORIZATION_CODE)) {
            throw map.fault("oauth2", "needs an authorizeUrl for the grant authorization-code");
        }
        if (oauth.clientAuth() == null && !use.asks("clientAuth")) {
            throw map.fault("oauth2", "needs clientAuth: basic or post");
        }
    }

    private static void checkVariables(Provider provider, YamlMap map) {
        Set<String> names = new HashSet<>();
        for (Variable variable : provider.variables()) {
            if (BROUGHT.contains(variable.name())) {
                throw map.fault("variables", "can't have " + variable.name() + ", which is the one of OAuth 2");
            }
            if (!names.add(variable.name())) {
                throw map.fault("variables", "must name " + variable.name() + " once");
            }
        }
        Set<String> used = new HashSet<>();
        urls(provider).forEach((where, url) -> {
            used.addAll(url.places());
            refuseUnknown(map, where, url.places(), names);
        });
        texts(provider).forEach(text -> {
            used.addAll(text.template().places());
            refuseUnknown(map, text.where(),
                    text.template().places().stream().filter(place -> !text.brought().contains(place)).toList(), names);
        });
        names.stream().filter(name -> !used.contains(name)).findFirst().ifPresent(unused -> {
            throw map.fault("variables", "has " + unused + ", which is used nowhere");
        });
    }

    private static void refuseUnknown(YamlMap map, String where, List<String> places, Set<String> names) {
        places.stream().filter(place -> !names.contains(place)).findFirst().ifPresent(place -> {
            throw map.fault(where, "has a place {" + place + "}, which is no variable");
        });
    }

    private static void checkAddresses(Provider provider, YamlMap map) {
        if (provider.baseUrl() != null && provider.ownHost() != null) {
            throw map.fault("ownHost", "is for entries without a baseUrl");
        }
        if (provider.baseUrl() != null && provider.hosts().isEmpty()) {
            throw map.fault("hosts", "is required: the hosts to which credentials may be sent");
        }
        if (provider.ownHost() != null && !provider.hosts().isEmpty()) {
            throw map.fault("hosts", "is for entries with a baseUrl: an own host is any");
        }
        Map<String, String> examples = new HashMap<>();
        provider.variables().forEach(variable -> examples.put(variable.name(), variable.example()));
        boolean hasBase = provider.baseUrl() != null || provider.ownHost() != null;
        urls(provider).forEach((where, url) -> {
            boolean isTest = where.endsWith("test");
            if (url.isPath() && !(isTest && hasBase)) {
                throw map.fault(where, isTest ? "is a path, and there is no baseUrl that it could stand below"
                        : "has a path where a URL is needed");
            }
            String filled = url.fill(examples);
            Destination there = filled == null || url.isPath() ? null : Destination.parse(filled).orNull();
            if (filled == null || !url.isPath() && there == null) {
                throw map.fault(where, "is no URL with the examples of the variables in it: " + url);
            }
            if (there != null && !provider.admits(there)) {
                throw map.fault(where, "leads to " + shown(there) + ", which is none of the hosts");
            }
        });
        if (!provider.hosts().isEmpty()) {
            provider.sandboxes().stream().flatMap(sandbox -> sandbox.hosts().stream())
                    .filter(pattern -> !provider.hosts().contains(pattern)).findFirst().ifPresent(other -> {
                        throw map.fault("sandboxes", "has " + other + ", which is none of the hosts");
                    });
        }
    }

    /** With the scheme where that is what keeps it out. */
    private static String shown(Destination there) {
        return there.secure() ? there.authority() : there.origin();
    }

    /** By the field of the file in which they stand; the tests' end in {@code test}. */
    private static Map<String, UrlTemplate> urls(Provider provider) {
        Map<String, UrlTemplate> urls = new LinkedHashMap<>();
        put(urls, "baseUrl", provider.baseUrl());
        ProviderOAuth oauth = provider.oauth2();
        if (oauth != null) {
            put(urls, "oauth2.authorizeUrl", oauth.authorizeUrl());
            put(urls, "oauth2.tokenUrl", oauth.tokenUrl());
            put(urls, "oauth2.refreshUrl", oauth.refreshUrl());
            put(urls, "oauth2.revokeUrl", oauth.revokeUrl());
            put(urls, "oauth2.metadataUrl", oauth.metadataUrl());
            put(urls, "oauth2.exchange.url", oauth.exchange() == null ? null : oauth.exchange().url());
        }
        int number = 0;
        for (Sandbox sandbox : provider.sandboxes()) {
            String where = "sandboxes[" + number++ + "].";
            put(urls, where + "baseUrl", sandbox.baseUrl());
            put(urls, where + "authorizeUrl", sandbox.authorizeUrl());
            put(urls, where + "tokenUrl", sandbox.tokenUrl());
            put(urls, where + "testUrl", sandbox.testUrl());
        }
        number = 0;
        for (Use use : provider.uses()) {
            put(urls, "types[" + number++ + "].test", at(use.test()));
        }
        put(urls, "test", at(provider.test()));
        return urls;
    }

    private static @Nullable UrlTemplate at(@Nullable Check check) {
        return check == null ? null : check.at();
    }

    private static void put(Map<String, UrlTemplate> urls, String where, @Nullable UrlTemplate url) {
        if (url != null) {
            urls.put(where, url);
        }
    }

    /**
     * @param where it stands in the file
     * @param brought what may stand in it besides variables
     */
    private record Text(String where, TextTemplate template, Set<String> brought) {

        static Stream<Text> all(String where, Map<String, TextTemplate> templates, Set<String> brought) {
            return templates.values().stream().map(template -> new Text(where, template, brought));
        }
    }

    private static List<Text> texts(Provider provider) {
        List<Text> texts = new ArrayList<>();
        int number = 0;
        for (Use use : provider.uses()) {
            // Nothing would fill it for the other types, and the header would be left out.
            Text.all("types[" + number++ + "].headers", use.headers(), use.type() == CredentialType.OAUTH2
                    ? Set.of(TextTemplate.CLIENT_ID, TextTemplate.CLIENT_SECRET)
                    : Set.of()).forEach(texts::add);
        }
        ProviderOAuth oauth = provider.oauth2();
        if (oauth != null) {
            Stream.of(oauth.authorizeParameters(), oauth.tokenParameters(), oauth.refreshParameters(), oauth.tokenHeaders())
                    .flatMap(each -> Text.all("oauth2", each, Set.of(TextTemplate.CLIENT_ID))).forEach(texts::add);
            if (oauth.redirectUri() != null) {
                texts.add(new Text("oauth2.redirectUri", oauth.redirectUri(), Set.of()));
            }
            if (oauth.exchange() != null) {
                Text.all("oauth2.exchange", oauth.exchange().parameters(), BROUGHT).forEach(texts::add);
            }
        }
        return texts;
    }
}
