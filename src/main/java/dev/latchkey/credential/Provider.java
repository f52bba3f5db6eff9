package dev.latchkey.credential;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.catalog.Text;
import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.net.Destination;
import dev.latchkey.web.Choice;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A service that merchants connect: what it needs to be told, how it wants to be asked, and how it is tested. Read from YAML by
 * {@link ProviderReader}, see docs/providers.md.
 *
 * @param key its name in the API, such as {@code mercado-libre}
 * @param version of the entry, from 1
 * @param name as people know it
 * @param regions ISO 3166 codes, or {@code global}
 * @param documentation where the vendor says how to sign in
 * @param confirmed whether the entry was tried against the vendor; otherwise it stands on public documentation
 * @param notes what a person should know; null for nothing
 * @param variables that its addresses and headers are made of
 * @param baseUrl null where each merchant has a host of his own
 * @param ownHost present where he has to say which
 * @param hosts that may be asked with its credentials, as {@code api.example.com} or {@code *.example.com}; none: any
 * @param sandboxes for trying things out, if there are any
 * @param uses one for each type of credential that it takes
 * @param oauth2 present when one of them is OAuth 2
 * @param test of all types that have none of their own; null where there is no request that costs nothing
 */
public record Provider(String key, int version, String name, Category category, List<String> regions, String documentation,
        boolean confirmed, @Nullable Text notes, List<Variable> variables, @Nullable UrlTemplate baseUrl,
        @Nullable OwnHost ownHost, List<HostPattern> hosts,
        List<Sandbox> sandboxes, List<Use> uses, @Nullable OAuth oauth2, @Nullable Check test) {

    public Provider {
        requireNonNull(key, "key");
        regions = List.copyOf(regions);
        variables = List.copyOf(variables);
        hosts = List.copyOf(hosts);
        sandboxes = List.copyOf(sandboxes);
        uses = List.copyOf(uses);
    }

    /** How it takes credentials of that type; empty when it takes none. */
    public Optional<Use> use(CredentialType type) {
        return uses.stream().filter(use -> use.type() == type).findFirst();
    }

    /** Whether its credentials may be sent there. */
    public boolean admits(Destination there) {
        return hosts.isEmpty() || hosts.stream().anyMatch(pattern -> pattern.matches(there));
    }

    /** What the test of that type is; null where there is none. */
    @Nullable
    Check test(CredentialType type) {
        return use(type).map(Use::test).orElse(test);
    }

    /** What it is for. */
    @Schema(name = "ProviderCategory")
    public enum Category {
        @JsonProperty("stores")
        STORES,
        @JsonProperty("marketplaces")
        MARKETPLACES,
        @JsonProperty("payments")
        PAYMENTS,
        @JsonProperty("shipping")
        SHIPPING,
        @JsonProperty("social")
        SOCIAL,
        @JsonProperty("advertising")
        ADVERTISING,
        @JsonProperty("marketing")
        MARKETING,
        @JsonProperty("analytics")
        ANALYTICS,
        @JsonProperty("accounting")
        ACCOUNTING,
        @JsonProperty("erp")
        ERP,
        @JsonProperty("generic")
        GENERIC;

        /** As the contract has it. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Called by Jakarta REST. */
        public static Category fromString(String text) {
            return Choice.of(Category.class, "category", text);
        }
    }

    /**
     * A value that addresses and headers are made of; never a secret, since addresses get into logs.
     *
     * @param name as it stands between braces
     * @param help where a person finds it; null where the label says it
     * @param pattern of the whole value
     * @param preset what it is unless said; null: it has to be said
     */
    public record Variable(String name, Text label, @Nullable Text help, Pattern pattern, String example,
            @Nullable String preset) {
    }

    /**
     * That each merchant has a host of his own, which is the credential's base URL.
     *
     * @param label what it is
     */
    public record OwnHost(Text label, String example) {
    }

    /**
     * Hosts for trying things out; what is null is as in the entry itself. Chosen by a credential's base URL.
     *
     * @param hosts other ones than that of the base URL, at which a credential's base URL is this sandbox, too
     * @param testUrl in place of a test that stands at a whole URL
     */
    public record Sandbox(Text label, UrlTemplate baseUrl, List<HostPattern> hosts, @Nullable UrlTemplate authorizeUrl,
            @Nullable UrlTemplate tokenUrl, @Nullable UrlTemplate testUrl) {
    }

    /**
     * How credentials of one type are asked for and sent.
     *
     * @param label which of the vendor's own things it is
     * @param fields of the credential's data that a person fills in
     * @param placement null where the type itself says it
     * @param headers that go with each request, of text and variables; {@code clientId} and {@code clientSecret} are those of
     *        OAuth 2
     * @param test null: that of the entry
     */
    public record Use(CredentialType type, Text label, List<Field> fields, @Nullable Placement placement,
            Map<String, TextTemplate> headers, @Nullable Check test) {

        /** Whether a person fills that field in. */
        boolean asks(String field) {
            return fields.stream().anyMatch(each -> each.name().equals(field));
        }

        /** Whether the vendor wants the client's secret on every request, and not of its token URL alone. */
        boolean presentsClientSecret() {
            return headers.values().stream().anyMatch(value -> value.places().contains(TextTemplate.CLIENT_SECRET));
        }
    }

    /**
     * A field to fill in.
     *
     * @param name in the credential's data
     * @param label what the vendor calls it
     * @param help where to find it; null where the label says it
     * @param secret whether it is sealed and never shown again
     * @param example shortened, for secrets; null for none
     */
    public record Field(String name, Text label, @Nullable Text help, boolean secret, boolean required,
            @Nullable String example) {
    }

    /**
     * Where a key or token goes.
     *
     * @param name of the header or parameter
     * @param prefix what stands before it, with the blank that may follow; empty for nothing
     * @param secretName the header or parameter of a second half; null: there is none, or it is the password of basic
     */
    public record Placement(In in, String name, String prefix, @Nullable String secretName) {

        /** The part of the request. */
        public enum In {
            HEADER,
            QUERY,
            /** As the user name of {@code Authorization: Basic}, with the second half, if any, as the password. */
            BASIC
        }
    }

    /**
     * A request that tells whether a credential works, and changes nothing.
     *
     * @param method GET, HEAD, or POST where the vendor reads by POST
     * @param at a path below the base URL, or a whole URL
     * @param body of POST; null for none
     * @param contentType of the body
     * @param expect statuses of a good answer
     * @param contains what the body of a good answer contains; null for anything
     * @param meanings of other statuses, before the usual ones
     * @param error how the vendor tells an error in the body; null where the status says it
     * @param cost what it costs the merchant, for people; null for nothing
     * @param scope that it needs; null for none
     */
    public record Check(String method, UrlTemplate at, @Nullable String body, String contentType, List<Integer> expect,
            @Nullable String contains, Map<Integer, ProbeReason> meanings, @Nullable ErrorRule error, @Nullable Text cost,
            @Nullable String scope) {
    }

    /**
     * How a vendor tells an error in a body, often of a 200.
     *
     * @param pointer RFC 6901, to the error's code
     * @param none values that mean that there is none; that the pointer leads nowhere means it always
     * @param meanings of other values, of all that begin like one ({@code Expired*}), and of numbers ({@code 200-299}); what is
     *        not there is what the status says, and of a good status misconfigured
     */
    public record ErrorRule(String pointer, List<String> none, Map<String, ProbeReason> meanings) {

        private static final Pattern RANGE = Pattern.compile("([0-9]{1,9})-([0-9]{1,9})");
        private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

        /** What the code means; null where nobody says. One that is named comes before those that fit. */
        @Nullable
        ProbeReason meaning(String code) {
            ProbeReason named = meanings.get(code);
            return named != null ? named
                    : meanings.entrySet().stream().filter(meaning -> fits(meaning.getKey(), code)).map(Map.Entry::getValue)
                            .findFirst().orElse(null);
        }

        private static boolean fits(String key, String code) {
            if (key.endsWith("*")) {
                return code.startsWith(key.substring(0, key.length() - 1));
            }
            Matcher range = RANGE.matcher(key);
            return range.matches() && NUMBER.matcher(code).matches()
                    && Integer.parseInt(range.group(1)) <= Integer.parseInt(code)
                    && Integer.parseInt(code) <= Integer.parseInt(range.group(2));
        }
    }

    /**
     * What is particular about its OAuth 2.
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
    public record OAuth(List<Grant> grants, @Nullable UrlTemplate authorizeUrl, @Nullable UrlTemplate tokenUrl,
            @Nullable UrlTemplate refreshUrl, @Nullable UrlTemplate revokeUrl, @Nullable UrlTemplate metadataUrl,
            @Nullable ClientAuth clientAuth, Pkce pkce, List<String> scopes, List<String> clientScopes, String scopeSeparator,
            @Nullable TextTemplate redirectUri, Map<String, TextTemplate> authorizeParameters,
            Map<String, TextTemplate> tokenParameters,
            Map<String, TextTemplate> refreshParameters, Renamed renamed, Map<String, TextTemplate> tokenHeaders,
            BodyFormat body, List<String> callbackParameters, TokenAnswer answer, @Nullable Exchange exchange,
            Renewal renewal, @Nullable Account account) {
    }

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
