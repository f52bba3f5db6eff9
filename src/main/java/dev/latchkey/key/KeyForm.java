package dev.latchkey.key;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.catalog.MethodPattern;
import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.net.Cidr;
import dev.latchkey.net.CidrSet;
import dev.latchkey.web.Choice;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import io.vertx.core.json.JsonObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What people decide about a key; the body of a creation, and what a merge patch is applied to.
 *
 * @param name says the purpose
 * @param description more of it
 * @param active default true
 * @param scopes of the catalogue
 * @param access all stores, or some
 * @param methods patterns of operations; absent: all that the scopes cover
 * @param expiresAt from then on the key is refused; absent: never
 * @param rateLimit absent: the organization's default; null: unlimited
 * @param ipAllowList networks or addresses; absent or empty: from anywhere
 * @param environment default live; fixed at creation, since it stands in the token
 * @param metadata the owner's own JSON object, told to verifiers
 * @param withSecret default false; whether it is valid with its secret only. Fixed at creation
 * @param recoverable default false; whether people may be shown it again. Fixed at creation
 */
@Schema(name = "KeyForm")
record KeyForm(
        @Schema(examples = "ERP order sync") @NotBlank(message = "is required") @Size(max = 100) String name,
        @Schema(examples = "Nightly export of order statuses") @Size(max = 1000) @Nullable String description,
        @Schema(defaultValue = "true") Boolean active,
        @Schema(examples = "[\"orders:read\"]") @NotNull(message = "is required") @Size(max = 200) List<@NotBlank @Size(max = 100) String> scopes,
        @NotNull(message = "is required") @Valid Access access,
        @Schema(nullable = true, examples = "[\"GET /api/v*/orders/statuses\"]", description = "Patterns of operations, of which one has to fit besides the scopes; with no scopes they are all that the key may do. Null or left out: all that the scopes cover") @Size(min = 1, max = 100, message = "must have 1 to 100 entries; leave it out for all that the scopes cover") @Nullable List<@NotNull(message = "must not be null") @Size(max = 256) String> methods,
        @Schema(examples = "2027-12-31T23:59:59Z") @Nullable Instant expiresAt,
        @Schema(implementation = RateLimit.class, nullable = true, description = "Null: unlimited. \"default\", or left out at creation: the organization's default") RateLimit.Setting rateLimit,
        @Schema(examples = "[\"203.0.113.0/24\"]") @Size(max = 100) List<@NotNull @Size(max = 50) String> ipAllowList,
        @Schema(defaultValue = "live") Environment environment,
        @Schema(examples = "{\"team\": \"logistics\"}", description = "At most 4,096 characters as JSON", maxProperties = 50) @Size(max = 50) Map<@Pattern(regexp = "[\\w.:/-]{1,64}", message = "must be 1 to 64 of letters, digits and _ . : / -") String, Object> metadata,
        @Schema(defaultValue = "false", description = "Whether a secret is made with it, without which it is never valid") Boolean withSecret,
        @Schema(defaultValue = "false", description = "Whether owners and admins may be shown it again; 422 where the organization's recoverableKeys is false") Boolean recoverable) {

    /** What people call a key: no verdict depends on it. */
    static final Set<String> NAMES = Set.of("name", "description");

    private static final int MAX_METADATA_CHARACTERS = 4096;

    /** What a body leaves out arrives as null and gets its default here. */
    KeyForm {
        active = active == null ? Boolean.TRUE : active;
        rateLimit = rateLimit == null ? RateLimit.Setting.OF_ORGANIZATION : rateLimit;
        ipAllowList = ipAllowList == null ? List.of() : ipAllowList;
        environment = environment == null ? Environment.LIVE : environment;
        metadata = metadata == null ? Map.of() : metadata;
        withSecret = withSecret == null ? Boolean.FALSE : withSecret;
        recoverable = recoverable == null ? Boolean.FALSE : recoverable;
    }

    /**
     * What is decided at creation stands with the material: a patch does not say it, not even as it is.
     *
     * @throws ProblemException 422, naming each field
     */
    static void requireEditable(ObjectNode patch) {
        List<FieldError> fixed = Stream.of("withSecret", "recoverable").filter(patch::has)
                .map(field -> new FieldError(field, "is fixed at creation")).toList();
        if (!fixed.isEmpty()) {
            throw ProblemException.invalid(fixed);
        }
    }

    /** All that a patch may change. */
    static KeyForm of(Key key) {
        Access access = key.allStores ? new Access(Access.Type.ALL, null)
                : new Access(Access.Type.STORES, key.storeIds.stream().map(UUID::toString).sorted().toList());
        return new KeyForm(key.name, key.description, key.active, List.of(key.scopes), access,
                key.methods == null ? null : Arrays.asList(key.methods), key.expiresAt,
                RateLimit.Setting.of(LimitSource.of(key.limitSource), RateLimit.of(key.rateLimit, key.rateWindowSeconds)),
                Arrays.asList(key.ipAllowList), Environment.of(key.environment), key.metadata.getMap(), false, false);
    }

    /**
     * Null: not limited.
     *
     * @throws ProblemException 422, naming each entry that is no pattern, and where it goes wrong
     */
    @Nullable
    MethodPatterns methodPatterns() {
        if (methods == null) {
            return null;
        }
        List<MethodPattern> patterns = new ArrayList<>();
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < methods.size(); i++) {
            MethodPattern.Parsed parsed = MethodPattern.parse(methods.get(i));
            if (parsed instanceof MethodPattern.Valid valid) {
                patterns.add(valid.pattern());
            } else if (parsed instanceof MethodPattern.Invalid invalid) {
                errors.add(new FieldError("methods[" + i + "]",
                        "is no pattern at position " + invalid.position() + " (from 0): " + invalid.message()));
            }
        }
        if (!errors.isEmpty()) {
            throw ProblemException.invalid(errors);
        }
        return new MethodPatterns(patterns);
    }

    /** @throws ProblemException 422, naming each entry that is not a network */
    CidrSet networks() {
        List<Cidr> networks = new ArrayList<>();
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < ipAllowList.size(); i++) {
            Cidr.Parsed parsed = Cidr.parse(ipAllowList.get(i));
            if (parsed instanceof Cidr.Valid valid) {
                networks.add(valid.cidr());
            } else if (parsed instanceof Cidr.Invalid invalid) {
                errors.add(new FieldError("ipAllowList[" + i + "]", invalid.message()));
            }
        }
        if (!errors.isEmpty()) {
            throw ProblemException.invalid(errors);
        }
        return new CidrSet(networks);
    }

    /** @throws ProblemException 422 when it is too long, or has numbers that would be kept as something else */
    JsonObject metadataJson() {
        if (!isFinite(metadata)) {
            throw ProblemException.invalid("metadata", "must have no number beyond 1.8e308");
        }
        JsonObject json = new JsonObject(metadata);
        if (json.encode().length() > MAX_METADATA_CHARACTERS) {
            throw ProblemException.invalid("metadata", "must be at most " + MAX_METADATA_CHARACTERS + " characters as JSON");
        }
        return json;
    }

    private static boolean isFinite(@Nullable Object value) {
        return value instanceof Map<?, ?> members ? members.values().stream().allMatch(KeyForm::isFinite)
                : value instanceof List<?> items ? items.stream().allMatch(KeyForm::isFinite)
                        : !(value instanceof Double number) || Double.isFinite(number);
    }

    /** Which credential set of the merchant a key belongs to; stands in the token, for people and secret scanners. */
    @Schema(name = "KeyEnvironment")
    enum Environment {
        @JsonProperty("live")
        LIVE("live"),
        @JsonProperty("test")
        TEST("test");

        private final String column;

        Environment(String column) {
            this.column = column;
        }

        String column() {
            return column;
        }

        static Environment of(String column) {
            return column.equals(TEST.column) ? TEST : LIVE;
        }
    }

    /**
     * @param type all stores or the listed ones
     * @param stores ids or keys, with type {@code stores} only
     */
    @Schema(name = "KeyAccess", examples = "{\"type\": \"stores\", \"stores\": [\"madrid\"]}")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Access(@NotNull(message = "is required") Type type,
            @Size(max = 500) @Nullable List<@NotBlank @Size(max = 63) String> stores) {

        Access {
            if (type == Type.ALL && stores != null && !stores.isEmpty()) {
                throw new IllegalArgumentException("of type 'all' must not list stores");
            }
            if (type == Type.STORES && (stores == null || stores.isEmpty())) {
                throw new IllegalArgumentException("of type 'stores' must list at least one store");
            }
        }

        List<String> storesOrNone() {
            return stores == null ? List.of() : stores;
        }

        /** How many stores a key reaches. */
        @Schema(name = "KeyAccessType")
        enum Type {
            @JsonProperty("all")
            ALL,
            @JsonProperty("stores")
            STORES;

            /** Called by Jakarta REST. */
            public static Type fromString(String text) {
                return Choice.of(Type.class, "access", text);
            }
        }
    }
}
