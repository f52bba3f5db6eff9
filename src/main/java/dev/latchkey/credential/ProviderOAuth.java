package dev.latchkey.credential;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import org.jspecify.annotations.Nullable;

/**
 * What is particular about the OAuth 2 of a service ({@link Provider}).
 *
 * @param grants that it knows
 * @param refreshUrl null: the token URL
 * @param metadataUrl of RFC 8414 or OpenID Connect
 * @param clientAuth null where the merchant says it
 * @param scopes to ask a person for unless the merchant says others
 * @param clientScopes to ask for by the client's own credentials unless the merchant says others: not all that a person may
 *        grant is the client's
 * @param scopeSeparator between them
 * @param redirectUri what stands for the address of the redirect, on the way there and when the code is presented; null:
 *        the address itself
 * @param authorizeParameters that go along to the authorize URL
 * @param tokenParameters that go along to the token URL, when a code or the client's own credentials are presented
 * @param refreshParameters that go along when a token is renewed; a {@code grant_type} among them stands for the usual one
 * @param renamed what is called otherwise here
 * @param tokenHeaders that go along to the token URL
 * @param callbackParameters that the redirect brings along and that are kept, such as {@code realmId}
 * @param answer of the token URL, and of the exchange where there is one
 * @param exchange null where the token of a code is the one to be kept
 */
public record ProviderOAuth(List<Grant> grants, @Nullable UrlTemplate authorizeUrl, @Nullable UrlTemplate tokenUrl,
        @Nullable UrlTemplate refreshUrl, @Nullable UrlTemplate revokeUrl, @Nullable UrlTemplate metadataUrl,
        @Nullable ClientAuth clientAuth, Pkce pkce, List<String> scopes, List<String> clientScopes, String scopeSeparator,
        @Nullable TextTemplate redirectUri, Map<String, TextTemplate> authorizeParameters,
        Map<String, TextTemplate> tokenParameters,
        Map<String, TextTemplate> refreshParameters, Renamed renamed, Map<String, TextTemplate> tokenHeaders,
        BodyFormat body, List<String> callbackParameters, TokenAnswer answer, @Nullable Exchange exchange,
        Renewal renewal, @Nullable Account account) {

    /**
     * What vendors call otherwise than RFC 6749 and RFC 7636, by the standard names: at each place on its own, since who calls
     * the code otherwise in the redirect may want it by its own name at the token URL.
     *
     * @param authorize parameters of the authorize URL
     * @param redirect parameters that the redirect brings along
     * @param token parameters of the token URL and of its like
     */
    public record Renamed(Map<String, String> authorize, Map<String, String> redirect, Map<String, String> token) {

        /** Everything by its own name. */
        static final Renamed NOTHING = new Renamed(Map.of(), Map.of(), Map.of());

        /** What a parameter is called at the authorize URL. */
        public String authorizing(String parameter) {
            return authorize.getOrDefault(parameter, parameter);
        }

        /** What a parameter of the redirect is called. */
        public String redirected(String parameter) {
            return redirect.getOrDefault(parameter, parameter);
        }

        /** What a parameter is called at the token URL. */
        public String presented(String parameter) {
            return token.getOrDefault(parameter, parameter);
        }
    }

    /**
     * That the token of a code lives for an hour or so, and is traded for one that lives longer.
     *
     * @param body what the request is written in
     * @param parameters of text and variables; {@code clientId}, {@code clientSecret} and {@code accessToken} among them
     */
    public record Exchange(UrlTemplate url, BodyFormat body, Map<String, TextTemplate> parameters) {
    }

    /** Whether RFC 7636 is spoken. */
    public enum Pkce {
        REQUIRED,
        SUPPORTED,
        NONE
    }

    /** What token requests are written in. */
    public enum BodyFormat {
        FORM,
        JSON,
        /** No body: the parameters stand in the query of a GET. */
        QUERY
    }

    /**
     * Where things stand in the answer of the token URL, as pointers of RFC 6901.
     *
     * @param expiryUnit of what stands at {@code expiryAt}
     * @param presetLifetime of an access token whose answer says none; null: it does not end
     */
    public record TokenAnswer(String accessTokenAt, String refreshTokenAt, String expiryAt, ExpiryUnit expiryUnit,
            @Nullable Duration presetLifetime) {
    }

    /** What an expiry is written in. */
    public enum ExpiryUnit {
        SECONDS,
        MILLISECONDS,
        EPOCH_SECONDS,
        EPOCH_MILLISECONDS,
        INSTANT
    }

    /**
     * How access tokens are renewed.
     *
     * @param by what is presented
     * @param body what the request is written in
     * @param rotation what becomes of a refresh token that was used
     * @param refreshTokenLifetime null: it does not end
     * @param earliest how old an access token has to be before it can be renewed; null: any age
     * @param consentAgain how often the merchant has to agree anew; null: never
     */
    public record Renewal(By by, BodyFormat body, Rotation rotation, @Nullable Duration refreshTokenLifetime,
            @Nullable Duration earliest,
            @Nullable Duration consentAgain) {

        /** What is presented to get the next access token. */
        public enum By {
            REFRESH_TOKEN,
            ACCESS_TOKEN,
            /** Nothing renews it: the merchant agrees anew. */
            NOTHING
        }

        /** What becomes of a refresh token that was used. */
        public enum Rotation {
            /** It stays. */
            NONE,
            /** It is dead, the answer brings its successor. */
            SINGLE_USE,
            /** The answer brings its successor, until whose first use it works too. */
            GRACE
        }
    }

    /**
     * Where it is told whose tokens they are, so that nobody connects another account by accident.
     *
     * @param from which answer
     * @param at a parameter of the callback, or a pointer of RFC 6901
     */
    public record Account(Source from, String at) {

        /** Which answer tells it. */
        public enum Source {
            CALLBACK,
            TOKEN,
            TEST
        }
    }
}
