package dev.latchkey.credential;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.catalog.Text;
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
        List<Sandbox> sandboxes, List<Use> uses, @Nullable ProviderOAuth oauth2, @Nullable Check test) {

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
}
