package dev.latchkey.tenant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.notification.NoticeKind;
import dev.latchkey.web.NearNames;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;

/**
 * What is decided about an organization; the body of a creation, and what a merge patch is applied to. What is left out or
 * null has its default.
 *
 * @param key the claim of its people's tokens; fixed at creation
 * @param name what people call it; the key by default
 * @param active false: suspended; switched by the platform alone
 * @param locale language of its notifications
 * @param keyPrefix how its new keys begin; those that there are keep theirs
 * @param defaults what its keys have unless they say otherwise
 * @param recoverableKeys whether keys may be made that people can be shown again
 * @param requireStore whether a store-limited key is refused where no store is told
 * @param unknownOperations what becomes of operations that the catalogue does not know
 * @param keyMaxAge from which age on the review names a key
 * @param notificationEmails who is told by e-mail
 * @param notifyByEmail kinds that are mailed; null: those that are by default, also of later versions
 * @param credentialTestInterval how often its credentials are tested; null: as the operator says
 */
@Schema(name = "OrganizationForm")
record OrganizationForm(
        @Schema(examples = "acme", description = "The claim of its people's tokens; fixed at creation") @NotNull(message = "is required") @Pattern(regexp = Tenants.KEY, message = Tenants.KEY_RULE) String key,
        @Schema(examples = "Acme Trading", description = "The key by default") @Size(max = 100) @Pattern(regexp = "(?!\\x20*$)[^\\x00-\\x1F\\x7F-\\x9F]*", message = "must not be blank or contain control characters") String name,
        @Schema(defaultValue = "true", description = "False: suspended, every key is INACTIVE. Switched by the platform alone") Boolean active,
        @Schema(defaultValue = "en") Language locale,
        @Schema(defaultValue = "lk", examples = "acme") @Pattern(regexp = "[a-z][a-z0-9_]{0,15}", message = "must be 1 to 16 of a-z, 0-9 and _, starting with a letter") String keyPrefix,
        Defaults defaults,
        @Schema(defaultValue = "true") Boolean recoverableKeys,
        @Schema(defaultValue = "false") Boolean requireStore,
        @Schema(defaultValue = "forbid") UnknownOperations unknownOperations,
        @Schema(defaultValue = DEFAULT_MAX_AGE, description = "Whole days, from P1D to P3650D") @Pattern(regexp = "P([1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|36[0-4][0-9]|3650)D", message = "must be a duration of whole days from P1D to P3650D, such as P90D") String keyMaxAge,
        @Schema(examples = "[\"it@acme.example\"]") @Size(max = 20) List<@NotNull @Size(max = 254) @Pattern(regexp = EMAIL, message = "must be an e-mail address such as it@acme.example") String> notificationEmails,
        @Schema(examples = "[\"organization.suspended\"]", description = "Kinds of notifications that are also mailed; null: those that are by default") @Size(max = 100) @Nullable List<@NotNull @Size(max = 100) String> notifyByEmail,
        @Schema(examples = "PT6H", type = SchemaType.STRING, format = "duration", description = "How often stored credentials are tested, from PT15M to P31D; null: as the operator has it, a day by default") @DurationMin(minutes = 15, message = INTERVAL) @DurationMax(days = 31, message = INTERVAL) @Nullable Duration credentialTestInterval) {

    private static final String DEFAULT_PREFIX = "lk";
    private static final String DEFAULT_MAX_AGE = "P90D";
    private static final String INTERVAL = "must be a duration from PT15M to P31D";

    /**
     * Dot-atoms of ASCII (RFC 5321 section 4.1.2 without quoted strings): nothing in it can end a header. The length stands
     * first, since the repeated groups behind it recurse.
     */
    private static final String EMAIL = "(?=.{3,254}$)(?=[^@]{1,64}@)[\\w!#$%&'*+/=?^`{|}~-]+(\\.[\\w!#$%&'*+/=?^`{|}~-]+)*"
            + "@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+";

    private static final String READ_ONLY = "is read-only";
    private static final Map<String, String> NOT_EDITABLE = Map.of("id", READ_ONLY, "state", READ_ONLY, "createdAt",
            READ_ONLY, "updatedAt", READ_ONLY, "deletion", READ_ONLY, "key",
            "is fixed at creation: tokens name the organization by it");
    private static final String BY_THE_PLATFORM = "is switched by the platform, with PATCH /api/v1/organizations/{id}";

    /** What a body leaves out arrives as null and gets its default here. */
    OrganizationForm {
        name = name == null ? key : name;
        active = active == null ? Boolean.TRUE : active;
        locale = locale == null ? Language.EN : locale;
        keyPrefix = keyPrefix == null ? DEFAULT_PREFIX : keyPrefix;
        defaults = defaults == null ? new Defaults(null) : defaults;
        recoverableKeys = recoverableKeys == null ? Boolean.TRUE : recoverableKeys;
        requireStore = requireStore == null ? Boolean.FALSE : requireStore;
        unknownOperations = unknownOperations == null ? UnknownOperations.FORBID : unknownOperations;
        keyMaxAge = keyMaxAge == null ? DEFAULT_MAX_AGE : keyMaxAge;
        notificationEmails = notificationEmails == null ? List.of() : notificationEmails;
    }

    static OrganizationForm of(Organization organization) {
        return new OrganizationForm(organization.key, organization.name, organization.active,
                Language.of(organization.locale), organization.keyPrefix,
                new Defaults(new Limit(organization.defaultLimit, Duration.ofSeconds(organization.defaultWindowSeconds))),
                organization.recoverableKeys, organization.requireStore,
                UnknownOperations.of(organization.unknownOperations), "P" + organization.keyMaxAgeDays + "D",
                Arrays.asList(organization.notificationEmails),
                organization.notifyByEmail == null ? null : Arrays.asList(organization.notifyByEmail),
                organization.credentialTestSeconds == null ? null : Duration.ofSeconds(organization.credentialTestSeconds));
    }

    /** @throws ProblemException 422, saying of each field of the patch that cannot be set why not */
    static void requireEditable(ObjectNode patch, boolean byPlatform) {
        List<FieldError> refused = new ArrayList<>();
        patch.fieldNames().forEachRemaining(field -> {
            String why = field.equals("active") && !byPlatform ? BY_THE_PLATFORM : NOT_EDITABLE.get(field);
            if (why != null) {
                refused.add(new FieldError(field, why));
            }
        });
        if (!refused.isEmpty()) {
            throw ProblemException.invalid(refused);
        }
    }

    /**
     * What stands already is not asked after: while replicas are replaced one by one, a newer one may have stored a kind that
     * this one does not know yet, and no other field could be changed here any more.
     *
     * @param stored the kinds that the organization has chosen before
     * @throws ProblemException 422, naming each kind that there is not, with those that were perhaps meant
     */
    void requireKnownKinds(@Nullable List<String> stored) {
        List<FieldError> unknown = new ArrayList<>();
        List<String> kinds = notifyByEmail == null ? List.of() : notifyByEmail;
        for (int i = 0; i < kinds.size(); i++) {
            if (!NoticeKind.names().contains(kinds.get(i)) && (stored == null || !stored.contains(kinds.get(i)))) {
                unknown.add(new FieldError("notifyByEmail[" + i + "]",
                        "is not a kind of notification" + NearNames.of(kinds.get(i), NoticeKind.names())));
            }
        }
        if (!unknown.isEmpty()) {
            throw ProblemException.invalid(unknown);
        }
    }

    void writeTo(Organization organization) {
        organization.name = name;
        organization.active = active;
        organization.locale = locale.column();
        organization.keyPrefix = keyPrefix;
        organization.defaultLimit = defaults.rateLimit().limit();
        organization.defaultWindowSeconds = (int) defaults.rateLimit().window().getSeconds();
        organization.recoverableKeys = recoverableKeys;
        organization.requireStore = requireStore;
        organization.unknownOperations = unknownOperations.column();
        organization.keyMaxAgeDays = Integer.parseInt(keyMaxAge.substring(1, keyMaxAge.length() - 1));
        organization.notificationEmails = notificationEmails.stream().distinct().toArray(String[]::new);
        organization.notifyByEmail = notifyByEmail == null ? null : notifyByEmail.stream().distinct().toArray(String[]::new);
        organization.credentialTestSeconds = credentialTestInterval == null ? null : (int) credentialTestInterval.toSeconds();
    }

    /** Whether a key could be judged otherwise after a change from the former settings. */
    boolean judgesUnlike(OrganizationForm former) {
        return !active.equals(former.active) || !defaults.equals(former.defaults) || !requireStore.equals(former.requireStore)
                || unknownOperations != former.unknownOperations;
    }

    /** What becomes of operations that the catalogue does not know. */
    @Schema(name = "OrganizationUnknownOperations")
    enum UnknownOperations {
        @JsonProperty("forbid")
        FORBID("forbid"),
        @JsonProperty("allow")
        ALLOW("allow");

        private final String column;

        UnknownOperations(String column) {
            this.column = column;
        }

        String column() {
            return column;
        }

        static UnknownOperations of(String column) {
            return column.equals(ALLOW.column) ? ALLOW : FORBID;
        }
    }

    /** @param rateLimit of keys that name none themselves */
    @Schema(name = "OrganizationDefaults")
    record Defaults(Limit rateLimit) {

        Defaults(@Nullable Limit rateLimit) {
            this.rateLimit = rateLimit == null ? Limit.DEFAULT : rateLimit;
        }
    }

    /**
     * Bounded like a key's own limit, which lives in a tier above.
     *
     * @param limit requests in a window
     * @param window whole seconds, aligned to the Unix epoch
     */
    @Schema(name = "OrganizationRateLimit", description = "Requests in a fixed window that is aligned to the Unix epoch")
    record Limit(@Schema(examples = "100", minimum = "1", maximum = "1000000000") int limit,
            @Schema(examples = "PT15M", type = SchemaType.STRING, format = "duration") Duration window) {

        private static final int MAX_LIMIT = 1_000_000_000;
        private static final Duration MAX_WINDOW = Duration.ofDays(31);
        static final Limit DEFAULT = new Limit(100, Duration.ofMinutes(15));

        Limit {
            if (limit < 1 || limit > MAX_LIMIT) {
                throw new IllegalArgumentException("must have a limit of 1 to " + MAX_LIMIT);
            }
            if (window == null || window.getNano() != 0 || window.getSeconds() < 1 || window.compareTo(MAX_WINDOW) > 0) {
                throw new IllegalArgumentException("must have a window of whole seconds, from PT1S to P31D");
            }
        }
    }
}
