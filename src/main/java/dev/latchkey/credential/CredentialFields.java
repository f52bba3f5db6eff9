package dev.latchkey.credential;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.credential.CredentialData.ApiKey;
import dev.latchkey.credential.CredentialData.Basic;
import dev.latchkey.credential.CredentialData.Bearer;
import dev.latchkey.credential.CredentialData.CustomHeaders;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.Provider.Placement;
import dev.latchkey.crypto.Secret;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.StrictReader;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The fields of credentials as JSON: read from requests, parted into what may be shown and what is sealed, and put together
 * again. What is secret is decided here and nowhere else.
 *
 * <p>
 * <b>Invariant:</b> what is sealed stays sealed. Whether a user name or a client's id is a secret depends on what stands beside
 * it and on the provider's entry, and both may change; who changes them may never have seen it. So the names of what
 * <em>is</em> sealed stand with the credential, and one of them is judged anew only when a patch says that very field.
 */
@Singleton
@RegisterForReflection(targets = { ApiKey.class, Bearer.class, Basic.class, CustomHeaders.class, OAuth2.class })
class CredentialFields {

    private static final String DATA = "data";
    private static final String HEADERS = "headers";
    private static final String HEADER = HEADERS + ".";
    private static final String USERNAME = "username";
    private static final String CLIENT_ID = "clientId";
    /** What a provider's entry may call a secret though its type does not. */
    static final Set<String> MAY_BE_SECRET = Set.of(USERNAME, CLIENT_ID);
    /** A shorter password is none: services that take a key as the user name want something, or nothing, behind it. */
    private static final int SHORTEST_PASSWORD = 4;

    private final ObjectMapper json;
    private final StrictReader reader;

    CredentialFields(ObjectMapper json, StrictReader reader) {
        this.json = json;
        this.reader = reader;
    }

    /**
     * Reads what a request says. What a provider's entry decides, it need not say.
     *
     * @throws ProblemException 422, naming each bad field, below {@code data}
     */
    CredentialData read(CredentialType type, ObjectNode data, @Nullable Provider provider) {
        CredentialData read;
        try {
            read = reader.read(completed(type, data, provider), recordOf(type));
        } catch (ProblemException bad) {
            throw ProblemException.invalid(bad.errors().isEmpty() ? List.of(new FieldError(DATA, "must be an object"))
                    : bad.errors().stream().map(error -> new FieldError(DATA + "." + error.field(), error.message()))
                            .toList());
        }
        List<FieldError> errors = new ArrayList<>(CredentialRules.errors(read));
        if (read instanceof OAuth2 oauth && oauth.clientSecret() == null && provider != null
                && provider.use(type).filter(Provider.Use::presentsClientSecret).isPresent()) {
            errors.add(
                    new FieldError(DATA + ".clientSecret", "is required: " + provider.name() + " wants it on every request"));
        }
        if (!errors.isEmpty()) {
            throw ProblemException.invalid(errors);
        }
        return read;
    }

    private static ObjectNode completed(CredentialType type, ObjectNode data, @Nullable Provider provider) {
        ObjectNode complete = data.deepCopy();
        Placement placement = provider == null ? null
                : provider.use(type).map(Provider.Use::placement).orElse(null);
        if (type == CredentialType.API_KEY && placement != null) {
            boolean inQuery = placement.in() == Placement.In.QUERY;
            putIfAbsent(complete, "placement", inQuery ? "query" : "header");
            putIfAbsent(complete, "name", placement.in() == Placement.In.BASIC ? "Authorization" : placement.name());
        }
        return complete;
    }

    private static void putIfAbsent(ObjectNode node, String field, String value) {
        if (!node.hasNonNull(field)) {
            node.put(field, value);
        }
    }

    /**
     * What is sealed, by the names that rows and the API have for it.
     *
     * @param others names that are sealed beside what is always; those that it does not have are passed over
     */
    static Map<String, Secret> sealed(CredentialData data, Set<String> others) {
        Map<String, Secret> sealed = secrets(data);
        if (data instanceof Basic basic && others.contains(USERNAME)) {
            sealed.put(USERNAME, basic.username());
        } else if (data instanceof OAuth2 oauth && others.contains(CLIENT_ID)) {
            sealed.put(CLIENT_ID, Secret.of(oauth.clientId()));
        }
        return sealed;
    }

    /** What a provider's entry calls a secret. */
    static Set<String> secretNames(@Nullable Provider provider, CredentialType type) {
        return provider == null ? Set.of()
                : provider.use(type).stream().flatMap(use -> use.fields().stream()).filter(Provider.Field::secret)
                        .map(Provider.Field::name).collect(Collectors.toSet());
    }

    /** What is sealed of it whatever else there is. */
    private static Map<String, Secret> secrets(CredentialData data) {
        Map<String, Secret> secrets = new LinkedHashMap<>();
        if (data instanceof ApiKey key) {
            secrets.put("key", key.key());
            put(secrets, "secret", key.secret());
        } else if (data instanceof Bearer bearer) {
            secrets.put("token", bearer.token());
        } else if (data instanceof Basic basic) {
            secrets.put("password", basic.password());
            if (isKey(basic)) {
                secrets.put(USERNAME, basic.username());
            }
        } else if (data instanceof CustomHeaders custom) {
            custom.headers().forEach((name, value) -> secrets.put(HEADER + name, value));
        } else if (data instanceof OAuth2 oauth) {
            put(secrets, "clientSecret", oauth.clientSecret());
            put(secrets, "accessToken", oauth.accessToken());
            put(secrets, "refreshToken", oauth.refreshToken());
        }
        return secrets;
    }

    /** The names that secrets of a type may have, in the order in which they are shown; those of headers are the owner's. */
    static List<String> secretNames(CredentialType type) {
        return switch (type) {
            case API_KEY -> List.of("key", "secret");
            case BEARER -> List.of("token");
            case BASIC -> List.of("password");
            case CUSTOM_HEADERS -> List.of();
            case OAUTH2 -> List.of("clientSecret", "accessToken", "refreshToken");
        };
    }

    /**
     * What may be shown.
     *
     * @param sealed the names of what may not
     */
    ObjectNode open(CredentialData data, Set<String> sealed) {
        ObjectNode open = json.valueToTree(data);
        open.remove(List.of("type", HEADERS, USERNAME));
        open.remove(secretNames(data.type()));
        if (data instanceof Basic basic) {
            open.put(USERNAME, basic.username().reveal());
        }
        open.remove(sealed);
        Set<String> absent = open.properties().stream().filter(field -> field.getValue().isNull()).map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        return open.remove(absent);
    }

    /** What a request would say to have it as it is. */
    ObjectNode whole(ObjectNode open, Map<String, Secret> secrets) {
        ObjectNode whole = open.deepCopy();
        secrets.forEach((name, secret) -> {
            if (name.startsWith(HEADER)) {
                whole.withObjectProperty(HEADERS).put(name.substring(HEADER.length()), secret.reveal());
            } else {
                whole.put(name, secret.reveal());
            }
        });
        return whole;
    }

    /** Puts together what was parted; empty where that makes no credential of the type. */
    Optional<CredentialData> join(CredentialType type, ObjectNode open, Map<String, Secret> secrets) {
        try {
            return Optional.<CredentialData> of(json.treeToValue(whole(open, secrets), recordOf(type)))
                    .filter(CredentialFields::isWhole);
        } catch (JsonProcessingException broken) {
            return Optional.empty();
        }
    }

    /** Whether it has what no credential of its type lacks: rows may have been lost. */
    private static boolean isWhole(CredentialData data) {
        return data instanceof ApiKey key ? key.key() != null && key.name() != null
                : data instanceof Bearer bearer ? bearer.token() != null
                        : data instanceof Basic basic ? basic.username() != null && basic.password() != null
                                : data instanceof CustomHeaders custom ? custom.headers() != null
                                        : data instanceof OAuth2 oauth && oauth.grant() != null && oauth.clientId() != null;
    }

    /** What stands in a column. */
    ObjectNode tree(JsonObject stored) {
        try {
            return (ObjectNode) json.readTree(stored.encode());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("PostgreSQL keeps JSON as JSON", impossible);
        }
    }

    /** What may be shown, and of each secret that it is set, and since when. */
    ObjectNode shown(CredentialType type, ObjectNode open, Map<String, String> since) {
        ObjectNode shown = open.deepCopy();
        for (String name : secretNames(type)) {
            shown.set(name, told(since.get(name)));
        }
        List<String> others = new ArrayList<>(since.keySet());
        others.removeAll(secretNames(type));
        for (String name : others) {
            if (name.startsWith(HEADER)) {
                shown.withObjectProperty(HEADERS).set(name.substring(HEADER.length()), told(since.get(name)));
            } else {
                shown.set(name, told(since.get(name)));
            }
        }
        return shown;
    }

    private static JsonNode told(@Nullable String since) {
        ObjectNode told = JsonNodeFactory.instance.objectNode().put("set", since != null);
        return since == null ? told : told.put("updatedAt", since);
    }

    /** Whether a patch of the data says a secret anew. */
    static boolean says(@Nullable JsonNode patch, String secret) {
        if (patch == null) {
            return false;
        }
        return secret.startsWith(HEADER) ? patch.path(HEADERS).hasNonNull(secret.substring(HEADER.length()))
                : patch.hasNonNull(secret);
    }

    private static boolean isKey(Basic basic) {
        return basic.password().reveal().length() < SHORTEST_PASSWORD;
    }

    private static void put(Map<String, Secret> secrets, String name, @Nullable Secret secret) {
        if (secret != null) {
            secrets.put(name, secret);
        }
    }

    private static Class<? extends CredentialData> recordOf(CredentialType type) {
        return switch (type) {
            case API_KEY -> ApiKey.class;
            case BEARER -> Bearer.class;
            case BASIC -> Basic.class;
            case CUSTOM_HEADERS -> CustomHeaders.class;
            case OAUTH2 -> OAuth2.class;
        };
    }
}
