package dev.latchkey.credential;

import java.util.Map;
import java.util.Set;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What people say of a credential; the body of a creation, and what a merge patch is applied to.
 *
 * @param name says the purpose
 * @param provider key of a known service; absent: another one. Fixed at creation
 * @param variables of the provider's addresses
 * @param baseUrl below which requests go; absent where the provider's entry has it
 * @param store id or key of the one store that it is for; absent: all
 * @param type how the service wants to be signed in to. Fixed at creation
 * @param data its fields, by type; secrets among them
 * @param test of its own; absent: that of the provider
 * @param skipTest default false; whether it is stored without having been tested
 */
@Schema(name = "CredentialForm")
record CredentialForm(
        @Schema(examples = "ERP stock") @NotBlank(message = "is required") @Size(max = 100) String name,
        @Schema(examples = "odoo", description = "Key of a known service, see GET /api/v1/providers; left out for any other") @Size(max = 63) @Nullable String provider,
        @Schema(examples = "{\"shop\": \"acme\"}", description = "What the provider's addresses are made of", maxProperties = 20) @Size(max = 20) Map<@NotBlank @Size(max = 63) String, @NotNull(message = "must not be null") @Size(max = Variables.MAX_CHARACTERS) String> variables,
        @Schema(examples = "https://erp.example/api", description = "Below which requests of the proxy and the test go; left out where the provider's entry has it") @Size(max = 2000) @Nullable String baseUrl,
        @Schema(examples = "madrid", description = "Id or key of the store that it is for; left out: all") @Size(max = 63) @Nullable String store,
        @NotNull(message = "is required") CredentialType type,
        @Schema(implementation = CredentialData.class, description = "The fields of its type. What the provider's entry says may be left out") @NotNull(message = "is required") ObjectNode data,
        @Valid @Nullable Test test,
        @Schema(defaultValue = "false", description = "Whether it is stored without having been tested") Boolean skipTest) {

    /** What a test sends depends on nothing else. */
    static final Set<String> MATERIAL = Set.of("variables", "baseUrl", "data", "test");

    /** What a body leaves out arrives as null and gets its default here. */
    CredentialForm {
        variables = variables == null ? Map.of() : variables;
        skipTest = skipTest == null ? Boolean.FALSE : skipTest;
    }

    /** The same with other fields. */
    CredentialForm with(ObjectNode otherData) {
        return new CredentialForm(name, provider, variables, baseUrl, store, type, otherData, test, skipTest);
    }

    /** The generated one would print the secrets. */
    @Override
    public String toString() {
        return "CredentialForm[name=" + name + ", type=" + type + ", data=***]";
    }

    /**
     * A test of its own.
     *
     * @param method default GET
     * @param url absolute, or a path below the base URL
     * @param expectStatus of a good answer; absent: any 2xx
     * @param bodyContains what a good answer contains; absent: anything
     */
    @Schema(name = "CredentialTest")
    record Test(@Schema(defaultValue = "GET") Method method,
            @Schema(examples = "/stock?limit=1", description = "Absolute, or a path below baseUrl") @NotBlank(message = "is required") @Size(max = 2000) String url,
            @Schema(examples = "200", minimum = "200", maximum = "599", description = "Left out: any 2xx") @Min(value = 200, message = "must be from 200 to 599") @Max(value = 599, message = "must be from 200 to 599") @Nullable Integer expectStatus,
            @Schema(examples = "\"items\"") @Size(min = 1, max = 200) @Nullable String bodyContains) {

        Test {
            method = method == null ? Method.GET : method;
        }

        ProbeTest probe() {
            return new ProbeTest(method == Method.HEAD, url, expectStatus, bodyContains);
        }

        /** What changes nothing. */
        @Schema(name = "CredentialTestMethod")
        enum Method {
            @JsonProperty("GET")
            GET,
            @JsonProperty("HEAD")
            HEAD
        }
    }

    /**
     * A credential that is tried out and not stored: as for a creation, but that nothing says what it is for.
     *
     * @param name may be said, and is not looked at
     */
    @Schema(name = "CredentialDraft")
    record Draft(@Schema(examples = "ERP stock") @Size(max = 100) @Nullable String name,
            @Schema(examples = "odoo") @Size(max = 63) @Nullable String provider,
            @Schema(examples = "{\"shop\": \"acme\"}", maxProperties = 20) @Size(max = 20) Map<@NotBlank @Size(max = 63) String, @NotNull(message = "must not be null") @Size(max = Variables.MAX_CHARACTERS) String> variables,
            @Schema(examples = "https://erp.example/api") @Size(max = 2000) @Nullable String baseUrl,
            @Schema(examples = "madrid") @Size(max = 63) @Nullable String store,
            @NotNull(message = "is required") CredentialType type,
            @Schema(implementation = CredentialData.class, description = "The fields of its type. What the provider's entry says may be left out") @NotNull(message = "is required") ObjectNode data,
            @Valid @Nullable Test test, Boolean skipTest) {

        CredentialForm form() {
            return new CredentialForm("", provider, variables, baseUrl, store, type, data, test, skipTest);
        }

        /** The generated one would print the secrets. */
        @Override
        public String toString() {
            return "Draft[type=" + type + ", data=***]";
        }
    }
}
