package dev.latchkey.credential;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.crypto.Secret;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What signs a request in: one record for each {@link CredentialType}. */
@Schema(name = "CredentialData", oneOf = { CredentialData.ApiKey.class, CredentialData.Bearer.class,
        CredentialData.Basic.class, CredentialData.CustomHeaders.class, CredentialData.OAuth2.class })
public sealed interface CredentialData {

    CredentialType type();

    /**
     * A key in a header or in the query.
     *
     * @param key goes there
     * @param secret for services that give a second half; empty for all others
     * @param placement header or query
     * @param name of the header or parameter
     * @param prefix what stands before the key, with a blank between them; absent: nothing
     */
    @Schema(name = "ApiKeyData")
    record ApiKey(@NotNull(message = "is required") Secret key, @Nullable Secret secret,
            @NotNull(message = "is required") Placement placement,
            @Schema(examples = "X-Api-Key") @NotBlank(message = "is required") @Size(max = 100) String name,
            @Schema(examples = "ShippoToken") @Size(max = 50) @Nullable String prefix) implements CredentialData {

        @Override
        public CredentialType type() {
            return CredentialType.API_KEY;
        }
    }

    /** A token in {@code Authorization: Bearer}. */
    @Schema(name = "BearerData")
    record Bearer(@NotNull(message = "is required") Secret token) implements CredentialData {

        @Override
        public CredentialType type() {
            return CredentialType.BEARER;
        }
    }

    /**
     * RFC 7617.
     *
     * @param username without a colon; it is the secret where the password is next to nothing
     * @param password may be empty
     */
    @Schema(name = "BasicData")
    record Basic(@NotNull(message = "is required") Secret username,
            @NotNull(message = "is required") Secret password) implements CredentialData {

        @Override
        public CredentialType type() {
            return CredentialType.BASIC;
        }
    }

    /** Headers as they are, 1 to 20 of them. */
    @Schema(name = "CustomHeadersData")
    record CustomHeaders(
            @NotNull(message = "is required") @Size(min = 1, max = 20, message = "must have 1 to 20 headers") Map<@NotBlank @Size(max = 100) String, @NotNull(message = "must not be null") Secret> headers)
            implements
                CredentialData {

        @Override
        public CredentialType type() {
            return CredentialType.CUSTOM_HEADERS;
        }
    }

    /**
     * RFC 6749.
     *
     * @param grant how a token is come by
     * @param clientId of the application that was registered with the service
     * @param clientSecret absent for public clients
     * @param tokenUrl absent where the provider's entry has it
     * @param authorizeUrl the same, of grant {@code authorization_code}
     * @param revokeUrl where a token is given back, RFC 7009
     * @param scopes to ask for
     * @param accessToken that is known already
     * @param refreshToken the same
     * @param expiresAt when the access token ends
     * @param clientAuth how the client signs in at the token endpoint; default basic
     * @param pkce default true
     * @param issuer of the authorization server, RFC 8414: what it publishes takes the place of addresses that are left out,
     *        and
     *        who else sends people back is refused (RFC 9207)
     */
    @Schema(name = "OAuth2Data")
    record OAuth2(@NotNull(message = "is required") Grant grant,
            @NotBlank(message = "is required") @Size(max = 500) String clientId, @Nullable Secret clientSecret,
            @Size(max = 2000) @Nullable String tokenUrl, @Size(max = 2000) @Nullable String authorizeUrl,
            @Size(max = 2000) @Nullable String revokeUrl,
            @Size(max = 100) List<@NotBlank @Size(max = 200) String> scopes, @Nullable Secret accessToken,
            @Nullable Secret refreshToken, @Nullable Instant expiresAt, ClientAuth clientAuth, Boolean pkce,
            @Schema(examples = "https://id.example/realms/shop", description = "What the authorization server publishes about itself takes the place of tokenUrl, authorizeUrl and revokeUrl where they are left out") @Size(max = 2000) @Nullable String issuer)
            implements
                CredentialData {

        /** What a body leaves out arrives as null and gets its default here. */
        public OAuth2 {
            scopes = scopes == null ? List.of() : List.copyOf(scopes);
            clientAuth = clientAuth == null ? ClientAuth.BASIC : clientAuth;
            pkce = pkce == null ? Boolean.TRUE : pkce;
        }

        @Override
        public CredentialType type() {
            return CredentialType.OAUTH2;
        }
    }

    /** Where a key goes. */
    @Schema(name = "KeyPlacement")
    enum Placement {
        @JsonProperty("header")
        HEADER,
        @JsonProperty("query")
        QUERY
    }

    /** How a token is come by. */
    @Schema(name = "OAuth2Grant")
    enum Grant {
        @JsonProperty("authorization_code")
        AUTHORIZATION_CODE,
        @JsonProperty("client_credentials")
        CLIENT_CREDENTIALS,
        @JsonProperty("refresh_token")
        REFRESH_TOKEN
    }

    /** How a client signs in at the token endpoint, RFC 6749 section 2.3.1. */
    @Schema(name = "OAuth2ClientAuth")
    enum ClientAuth {
        @JsonProperty("basic")
        BASIC,
        @JsonProperty("post")
        POST
    }
}
