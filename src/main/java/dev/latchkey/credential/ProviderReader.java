package dev.latchkey.credential;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

import dev.latchkey.credential.Provider.Category;
import dev.latchkey.credential.Provider.Check;
import dev.latchkey.credential.Provider.ErrorRule;
import dev.latchkey.credential.Provider.Field;
import dev.latchkey.credential.Provider.OwnHost;
import dev.latchkey.credential.Provider.Placement;
import dev.latchkey.credential.Provider.Placement.In;
import dev.latchkey.credential.Provider.Sandbox;
import dev.latchkey.credential.Provider.Use;
import dev.latchkey.credential.Provider.Variable;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Header;
import org.jspecify.annotations.Nullable;

/**
 * Reads one provider from its file: docs/providers.md describes the form. Field by field here, what goes together in
 * {@link ProviderRules}. Written out rather than bound by a mapper, so that a fault can be told by its line, and because a
 * mapper would need its reflection declared for native executables.
 */
final class ProviderReader {

    /** Of a file. */
    static final int MAX_BYTES = 256 * 1024;

    private static final Pattern KEY = Pattern.compile("[a-z0-9][a-z0-9-]{0,49}");
    private static final Pattern REGION = Pattern.compile("global|[A-Z]{2}");
    private static final Pattern VARIABLE = Pattern.compile("[a-z][A-Za-z0-9]{0,29}");
    private static final int MAX_VERSION = 1_000_000;
    private static final int LOWEST_STATUS = 200;
    private static final int HIGHEST_STATUS = 599;
    private static final Map<CredentialType, Set<String>> FIELDS = Map.of(
            CredentialType.API_KEY, Set.of("key", "secret", "placement", "name", "prefix"),
            CredentialType.BEARER, Set.of("token"),
            CredentialType.BASIC, Set.of("username", "password"),
            CredentialType.OAUTH2,
            Set.of("grant", "clientId", "clientSecret", "tokenUrl", "authorizeUrl", "revokeUrl", "scopes",
                    "clientAuth", "accessToken", "refreshToken", "expiresAt"));
    private static final Set<String> SECRET_FIELDS = Set.of("key", "secret", "token", "password", "clientSecret", "accessToken",
            "refreshToken");
    /** What an answer can mean; what concerns the way to it is nobody's to declare. */
    private static final Set<ProbeReason> MEANINGS = Set.of(ProbeReason.INVALID, ProbeReason.LIMITED, ProbeReason.RATE_LIMITED,
            ProbeReason.PROVIDER_ERROR, ProbeReason.MISCONFIGURED, ProbeReason.NOT_VERIFIABLE, ProbeReason.VALID);

    private ProviderReader() {
    }

    /** @throws ProviderFault with line, field and reason */
    static Provider read(byte[] file) {
        if (file.length > MAX_BYTES) {
            throw new ProviderFault(1, "", "is larger than " + MAX_BYTES / 1024 + " KiB");
        }
        return YamlMap.read("", YamlNode.read(file), ProviderReader::provider);
    }

    private static Provider provider(YamlMap map) {
        Provider provider = new Provider(map.requiredParsed("key", matching(KEY), "1 to 50 of a-z, 0-9 and -"),
                map.number("version", 1, MAX_VERSION), map.requiredText("name"),
                map.requiredChoice("category", Category.class),
                map.texts("regions", matching(REGION), "a country of two capital letters, or global"),
                map.requiredParsed("documentation", ProviderReader::link, "an https URL"),
                map.flag("confirmed", false), map.label("notes"), map.maps("variables", ProviderReader::variable),
                url(map, "baseUrl"), map.map("ownHost", ProviderReader::ownHost),
                hosts(map),
                map.maps("sandboxes", ProviderReader::sandbox), map.maps("types", ProviderReader::use),
                map.map("oauth2", ProviderOAuthReader::read), map.map("test", ProviderReader::check));
        ProviderRules.check(provider, map);
        return provider;
    }

    private static Variable variable(YamlMap map) {
        Pattern pattern = map.requiredParsed("pattern", ProviderReader::pattern, "a regular expression");
        if (map.flag("secret", false)) {
            throw map.fault("secret", "must be false: addresses get into logs; secrets are fields of a type");
        }
        Function<String, @Nullable String> fitting = matching(pattern);
        return new Variable(map.requiredParsed("name", matching(VARIABLE), "a name of letters and digits"),
                map.requiredLabel("label"), map.label("help"), pattern,
                map.requiredParsed("example", fitting, "a value that the pattern matches"),
                map.parsed("default", fitting, "a value that the pattern matches"));
    }

    private static List<HostPattern> hosts(YamlMap map) {
        return map.texts("hosts", HostPattern::parse,
                "a host in lower case, such as api.example.com, *.example.com or api.example.com:8443");
    }

    private static OwnHost ownHost(YamlMap map) {
        return new OwnHost(map.requiredLabel("label"),
                map.requiredParsed("example", ProviderReader::link, "an https URL"));
    }

    private static Sandbox sandbox(YamlMap map) {
        UrlTemplate base = url(map, "baseUrl");
        if (base == null) {
            throw map.fault("baseUrl", "is required");
        }
        return new Sandbox(map.requiredLabel("label"), base, hosts(map), url(map, "authorizeUrl"), url(map, "tokenUrl"),
                url(map, "testUrl"));
    }

    private static Use use(YamlMap map) {
        CredentialType type = map.requiredChoice("type", CredentialType.class);
        Use use = new Use(type, map.requiredLabel("label"), map.maps("fields", field -> field(type, field)),
                map.map("placement", ProviderReader::placement), headers(map, "headers"),
                map.map("test", ProviderReader::check));
        // Headers may be the merchant's own; whatever else there is has a name.
        if (use.fields().isEmpty() && type != CredentialType.CUSTOM_HEADERS) {
            throw map.fault("fields", "is required: what a person has to fill in");
        }
        if (use.placement() == null && type == CredentialType.API_KEY && !(use.asks("placement") && use.asks("name"))) {
            throw map.fault("placement", "is required: where the key goes, unless the fields ask for placement and name");
        }
        if (use.placement() != null && (type == CredentialType.BASIC || type == CredentialType.CUSTOM_HEADERS)) {
            throw map.fault("placement", "has no meaning here: the type says where it goes");
        }
        return use;
    }

    private static Field field(CredentialType type, YamlMap map) {
        Set<String> known = FIELDS.get(type);
        String name = known == null
                ? map.requiredParsed("name", text -> Header.isName(text) && !Header.isReserved(text) ? text : null,
                        "the name of a header")
                : map.requiredParsed("name", text -> known.contains(text) ? text : null,
                        "one of " + String.join(", ", known.stream().sorted().toList()));
        boolean secret = map.flag("secret", known == null || SECRET_FIELDS.contains(name));
        if (!secret && SECRET_FIELDS.contains(name)) {
            throw map.fault("secret", "must be true: it is sealed whatever an entry says");
        }
        if (secret && known != null && !SECRET_FIELDS.contains(name) && !CredentialFields.MAY_BE_SECRET.contains(name)) {
            throw map.fault("secret", "must be false: it is shown");
        }
        return new Field(name, map.requiredLabel("label"), map.label("help"), secret, map.flag("required", true),
                map.text("example"));
    }

    private static Placement placement(YamlMap map) {
        In in = map.requiredChoice("in", In.class);
        Function<String, @Nullable String> name = text -> in != In.HEADER || Header.isName(text) && !Header.isReserved(text)
                ? text
                : null;
        return new Placement(in, in == In.BASIC ? "Authorization" : map.requiredParsed("name", name, "the name of a header"),
                map.textOr("prefix", ""), map.parsed("secretName", name, "the name of a header"));
    }

    static Check check(YamlMap map) {
        String method = map.textOr("method", "GET");
        if (!Set.of("GET", "HEAD", "POST").contains(method)) {
            throw map.fault("method", "must be GET, HEAD or, where the vendor reads by it, POST");
        }
        UrlTemplate at = url(map, "at");
        if (at == null) {
            throw map.fault("at", "is required: a path below the base URL, or a URL");
        }
        List<Integer> expect = map.texts("expect", text -> YamlMap.numberIn(text, LOWEST_STATUS, HIGHEST_STATUS), "a status");
        Map<String, ProbeReason> statuses = map.entries("meanings", ProviderReader::meaning, "one of " + meanings());
        for (String status : statuses.keySet()) {
            if (YamlMap.numberIn(status, LOWEST_STATUS, HIGHEST_STATUS) == null) {
                throw map.fault("meanings", "must name statuses, and " + status + " is none");
            }
        }
        Check check = new Check(method, at, map.text("body"), map.textOr("contentType", "application/json"),
                expect.isEmpty() ? List.of(LOWEST_STATUS) : expect, map.text("contains"),
                statuses.entrySet().stream().collect(Collectors
                        .toUnmodifiableMap(status -> Integer.valueOf(status.getKey()), Map.Entry::getValue)),
                map.map("error", ProviderReader::error), map.label("cost"), map.text("scope"));
        if (!Header.isValue(check.contentType())) {
            throw map.fault("contentType", "must be a media type");
        }
        if (check.body() != null && !method.equals("POST")) {
            throw map.fault("body", "is for POST");
        }
        if (method.equals("HEAD") && (check.contains() != null || check.error() != null)) {
            throw map.fault("method", "must be GET where the body is looked at");
        }
        return check;
    }

    private static ErrorRule error(YamlMap map) {
        return new ErrorRule(map.requiredParsed("pointer", ProviderReader::pointer, "a JSON pointer, such as /error/code"),
                map.texts("none", text -> text, "text"),
                map.entries("meanings", ProviderReader::meaning, "one of " + meanings()));
    }

    private static @Nullable ProbeReason meaning(String text) {
        return ProbeReason.of(text).filter(MEANINGS::contains).orElse(null);
    }

    private static String meanings() {
        return String.join(", ", MEANINGS.stream().map(ProbeReason::text).sorted().toList());
    }

    static Map<String, TextTemplate> headers(YamlMap map, String field) {
        Map<String, TextTemplate> headers = texts(map, field);
        headers.forEach((name, value) -> {
            if (!Header.isName(name) || Header.isReserved(name) || !Header.isValue(value.text())) {
                throw map.fault(field, "can't hold " + name);
            }
        });
        return headers;
    }

    static Map<String, TextTemplate> texts(YamlMap map, String field) {
        return map.entries(field, TextTemplate::parse, "text, with variables in braces");
    }

    static @Nullable UrlTemplate url(YamlMap map, String name) {
        return map.parsed(name, UrlTemplate::parse, "a URL, or a path that begins with /, with variables in braces");
    }

    static @Nullable String pointer(String text) {
        return text.matches("(/([^~/]|~[01])*)+") ? text : null;
    }

    static Function<String, @Nullable String> matching(Pattern pattern) {
        return text -> pattern.matcher(text).matches() ? text : null;
    }

    /** For people to read, hence with a fragment if there is one. */
    private static @Nullable String link(String text) {
        Destination there = Destination.parse(text.split("#", 2)[0]).orNull();
        return there != null && there.secure() ? text : null;
    }

    private static @Nullable Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException none) {
            return null;
        }
    }
}
