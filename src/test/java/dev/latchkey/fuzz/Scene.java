package dev.latchkey.fuzz;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Foreign;
import dev.latchkey.testing.KeyBuilder;
import dev.latchkey.testing.Planted;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.Tokens;

/**
 * An organization that nobody minds being ruined: its callers, and the ids that have been seen in answers. Made anew every few
 * hundred requests, since requests delete stores, revoke keys and may end the organization itself.
 */
final class Scene {

    private static final List<String> SCOPES = List.of("orders:read", "orders:write", "keys:read", "keys:write", "keys:verify",
            "keys:verify-any", "stores:read", "stores:write");
    private static final int MAX_IDS = 30;

    /** @param header a whole line; empty for a caller who says nothing */
    record Caller(String name, String header, String secret) {
    }

    private final List<Caller> callers = new ArrayList<>();
    private final Caller owner;
    private final Map<String, List<String>> ids = new HashMap<>();
    private final List<String> keys = new ArrayList<>();
    private final String organization;
    private final Caller integration;

    /** @param provider where a credential of it leads */
    Scene(String provider) {
        Api api = Api.ofNewOrganization();
        organization = api.organization();
        integration = integration(api, provider);
        api.createStore("madrid");
        // Leaves notifications to read.
        api.setActive(false);
        api.setActive(true);
        String all = api.aKey().scopes(SCOPES.toArray(String[]::new)).unlimited().create().key();
        String narrow = api.aKey().scopes("orders:read").stores("madrid").create().key();
        keys.add(all);
        keys.add(narrow);
        owner = bearer("owner", Tokens.of(organization, "ana", "owner"));
        for (int weight = 0; weight < 20; weight++) {
            callers.add(owner);
            callers.add(bearer("owner and platform", Tokens.of(organization, "pia", "owner", "platform")));
        }
        for (String role : List.of("admin", "developer", "viewer", "platform", "nothing")) {
            callers.add(bearer(role, Tokens.of(organization, role, role)));
        }
        for (int weight = 0; weight < 3; weight++) {
            callers.add(new Caller("key", "X-API-Key: " + all, all));
        }
        callers.add(bearer("narrow key", narrow));
        KeyBuilder.Created pair = api.aKey().scopes("keys:verify", "keys:write").withSecret().recoverable().create();
        callers.add(new Caller("pair", "X-API-Key: " + pair.key() + "\r\nX-API-Secret: " + pair.secret(), pair.secret()));
        callers.add(new Caller("half of a pair", "X-API-Key: " + pair.key(), pair.key()));
        keys.add(pair.key());
        callers.add(bearer("by methods alone",
                api.aKey().with("scopes", List.of()).methods("* /api/v1/keys/**").create().key()));
        Foreign imported = Foreign.key(Foreign.aPrefix());
        Foreign.imported(api, imported.line());
        callers.add(new Caller("imported key", "X-API-Key: " + imported.token(), imported.token()));
        keys.add(imported.token());
        SignedIn session = SignedIn.withToken(Tokens.of(organization, "sue", "owner", "platform"));
        for (int weight = 0; weight < 4; weight++) {
            callers.add(session(session, session.csrf()));
        }
        callers.add(session(session, "none"));
        callers.add(new Caller("nobody", "", ""));
        callers.add(bearer("platform of none", Tokens.withoutOrganization("root", "platform")));
        callers.add(bearer("expired", Tokens.expired(organization, "ana", "owner")));
        callers.add(bearer("foreign", Tokens.foreign(organization, "ana", "owner")));
        callers.add(bearer("cut off", owner.secret().substring(0, owner.secret().length() - 9)));
        callers.add(new Caller("broken key", "X-API-Key: " + all + "x", all));
        callers.add(new Caller("two keys", "X-API-Key: " + all + "\r\nX-API-Key: " + narrow, all));
        callers.add(new Caller("basic", "Authorization: Basic bGs6bGs=", ""));
        callers.add(new Caller("odd", "Authorization: Bearer \u00e9\u00ff", ""));
    }

    /** A key that may use a credential. */
    private Caller integration(Api api, String provider) {
        KeyBuilder.Created key = api.aKey().scopes("credentials:use").unlimited().create();
        String credential = api.aCredential().with("baseUrl", provider).create();
        api.asOwner().body(Map.of("name", "ERP", "keyIds", List.of(key.id()), "credentialIds", List.of(credential)))
                .post("/api/v1/integrations").then().statusCode(201);
        ids.put("/api/v1/proxy", new ArrayList<>(List.of(credential)));
        ids.put("/api/v1/credentials", new ArrayList<>(List.of(credential)));
        return new Caller("integration", "X-API-Key: " + key.key(), key.key());
    }

    private static Caller bearer(String name, String token) {
        return new Caller(name, "Authorization: Bearer " + token, token);
    }

    private static Caller session(SignedIn session, String csrf) {
        return new Caller("session", "Cookie: latchkey=" + session.cookie() + "\r\nX-CSRF-Token: " + csrf, session.cookie());
    }

    /** Mostly one who may, where only keys of integrations may. */
    Caller caller(Draw draw, Contract.Operation operation) {
        boolean isForKeys = operation.id().startsWith("proxy") || operation.id().equals("leaseCredential");
        return isForKeys && draw.chance(0.6) ? integration : draw.oneOf(callers);
    }

    String organization() {
        return organization;
    }

    String key(Draw draw) {
        return draw.oneOf(keys);
    }

    /** Ids seen below that path; empty where none was. */
    List<String> ids(String root) {
        return ids.getOrDefault(root, List.of());
    }

    /** Notes the ids of an answer. Of the installation's organizations only its own: the others are not its to ruin. */
    void learn(String root, JsonNode answer) {
        JsonNode items = answer.path("items");
        for (JsonNode item : items.isArray() ? items : List.of(answer)) {
            boolean own = !root.endsWith("/organizations") || item.path("key").asText().equals(organization);
            if (own && item.path("id").isTextual()) {
                List<String> known = ids.computeIfAbsent(root, unseen -> new ArrayList<>());
                if (known.size() >= MAX_IDS) {
                    known.remove(0);
                }
                known.add(item.path("id").asText());
            }
        }
        String secret = answer.path("secret").asText();
        if (secret.contains("_secret_") || secret.startsWith("whsec_")) {
            Planted.add(secret);
        }
        if (answer.path("key").asText().contains("_live_") && keys.size() < MAX_IDS) {
            keys.add(answer.path("key").asText());
            Planted.add(answer.path("key").asText());
        }
    }
}
