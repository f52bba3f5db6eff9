package dev.latchkey.credential;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import dev.latchkey.catalog.Text;
import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.Provider.Category;
import dev.latchkey.credential.Provider.Check;
import dev.latchkey.credential.Provider.Placement;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A provider in one language, as the API shows it: what a form needs to be drawn, and what a person needs to know.
 */
@Schema(name = "Provider", examples = ProviderView.EXAMPLE)
record ProviderView(@Schema(examples = "klaviyo") String key, @Schema(examples = "1") int version, String name,
        Category category,
        @Schema(description = "ISO 3166 codes, or `global`") List<String> regions, String documentation,
        @Schema(description = "Whether the entry was tried against the vendor; otherwise it stands on public documentation") boolean confirmed,
        @Nullable String notes, List<VariableView> variables,
        @Schema(description = "With variables in braces; null where the merchant says it") @Nullable String baseUrl,
        @Nullable OwnHostView ownHost,
        @Schema(description = "Hosts to which the credentials may be sent; empty: any") List<String> hosts,
        List<SandboxView> sandboxes, List<UseView> types, @Nullable OAuthView oauth2) {

    static final String EXAMPLE = """
            {"key": "shippo", "version": 1, "name": "Shippo", "category": "shipping", "regions": ["global"],
            "documentation": "https://docs.goshippo.com/docs/guides_general/authentication/", "confirmed": false,
            "notes": "Test tokens begin with shippo_test_, those that buy labels with shippo_live_.", "variables": [],
            "baseUrl": "https://api.goshippo.com", "ownHost": null, "hosts": ["api.goshippo.com"], "sandboxes": [],
            "types": [{"type": "api_key", "label": "API token",
            "fields": [{"name": "key", "label": "API token", "help": null, "secret": true, "required": true,
            "example": "shippo_live_…"}],
            "placement": {"in": "header", "name": "Authorization", "prefix": "ShippoToken"}, "headers": {},
            "test": {"by": "request", "method": "GET", "url": "/parcel-templates?page=1&results=1", "expect": [200],
            "cost": null, "scope": null}}], "oauth2": null}""";

    static ProviderView of(Provider provider, Locale locale) {
        return new ProviderView(provider.key(), provider.version(), provider.name(), provider.category(),
                provider.regions(), provider.documentation(), provider.confirmed(), in(provider.notes(), locale),
                provider.variables().stream()
                        .map(variable -> new VariableView(variable.name(), variable.label().in(locale),
                                in(variable.help(), locale), variable.pattern().pattern(), false, variable.example(),
                                variable.preset()))
                        .toList(),
                text(provider.baseUrl()),
                provider.ownHost() == null ? null
                        : new OwnHostView(provider.ownHost().label().in(locale), provider.ownHost().example()),
                provider.hosts().stream().map(HostPattern::toString).toList(),
                provider.sandboxes().stream()
                        .map(sandbox -> new SandboxView(sandbox.label().in(locale), sandbox.baseUrl().text(),
                                text(sandbox.authorizeUrl()), text(sandbox.tokenUrl())))
                        .toList(),
                provider.uses().stream().map(use -> UseView.of(provider, use, locale)).toList(),
                provider.oauth2() == null ? null : OAuthView.of(provider.oauth2()));
    }

    private static @Nullable String in(@Nullable Text text, Locale locale) {
        return text == null ? null : text.in(locale);
    }

    private static @Nullable String text(@Nullable UrlTemplate url) {
        return url == null ? null : url.text();
    }

    private static @Nullable String text(@Nullable Duration duration) {
        return duration == null ? null : duration.toString();
    }

    /** A value that addresses are made of. */
    @Schema(name = "ProviderVariable")
    record VariableView(String name, String label, @Nullable String help,
            @Schema(description = "A regular expression that the whole value matches") String pattern,
            @Schema(description = "Always false: addresses get into logs") boolean secret, String example,
            @Schema(description = "What it is unless said; null: it has to be said") @Nullable String preset) {
    }

    /** That each merchant has a host of his own. */
    @Schema(name = "ProviderOwnHost", description = "Present where the merchant has to say his own baseUrl")
    record OwnHostView(String label, String example) {
    }

    /** Hosts for trying things out. */
    @Schema(name = "ProviderSandbox", description = "Chosen by sending its baseUrl; what is null is as in the entry itself")
    record SandboxView(String label, String baseUrl, @Nullable String authorizeUrl, @Nullable String tokenUrl) {
    }

    /** How credentials of one type are asked for and sent. */
    @Schema(name = "ProviderType")
    record UseView(CredentialType type, String label, List<FieldView> fields,
            @Schema(description = "Null where the type, or the credential's data, says it") @Nullable PlacementView placement,
            @Schema(description = "Sent with each request") Map<String, String> headers, TestView test) {

        static UseView of(Provider provider, Provider.Use use, Locale locale) {
            Placement placement = use.placement();
            return new UseView(use.type(), use.label().in(locale),
                    use.fields().stream().map(field -> new FieldView(field.name(), field.label().in(locale),
                            in(field.help(), locale), field.secret(), field.required(), field.example())).toList(),
                    placement == null ? null
                            : new PlacementView(placement.in().name().toLowerCase(Locale.ROOT), placement.name(),
                                    placement.prefix().isEmpty() ? null : placement.prefix()),
                    texts(use.headers()), TestView.of(provider, use, locale));
        }
    }

    private static Map<String, String> texts(Map<String, TextTemplate> templates) {
        return templates.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().text()));
    }

    /** A field of the credential's data. */
    @Schema(name = "ProviderField")
    record FieldView(String name, String label, @Nullable String help, boolean secret, boolean required,
            @Nullable String example) {
    }

    /** Where a key or token goes. */
    @Schema(name = "ProviderPlacement")
    record PlacementView(@Schema(enumeration = {
            "header", "query", "basic" }) String in, String name,
            @Nullable String prefix) {
    }

    /** How a credential is tested. */
    @Schema(name = "ProviderTest")
    record TestView(
            @Schema(enumeration = {
                    "request", "token",
                    "nothing" }, description = "`request`: by the one that is told here. `token`: a token is asked for and forgotten. `nothing`: by a test of your own alone") String by,
            @Nullable String method, @Schema(description = "Below baseUrl where it is a path") @Nullable String url,
            @Nullable List<Integer> expect,
            @Schema(description = "What it costs; null: nothing") @Nullable String cost,
            @Schema(description = "What the credential has to be allowed for it") @Nullable String scope) {

        static TestView of(Provider provider, Provider.Use use, Locale locale) {
            Check check = provider.test(use.type());
            if (check != null) {
                return new TestView("request", check.method(), check.at().text(), check.expect(), in(check.cost(), locale),
                        check.scope());
            }
            boolean byToken = use.type() == CredentialType.OAUTH2 && provider.oauth2() != null
                    && provider.oauth2().grants().contains(Grant.CLIENT_CREDENTIALS);
            return new TestView(byToken ? "token" : "nothing", null, null, null, null, null);
        }
    }

    /** What is particular about its OAuth 2. */
    @Schema(name = "ProviderOAuth2")
    record OAuthView(List<Grant> grants, @Nullable String authorizeUrl, @Nullable String tokenUrl,
            @Nullable String refreshUrl, @Nullable String revokeUrl, @Nullable String metadataUrl,
            @Nullable ClientAuth clientAuth, @Schema(enumeration = {
                    "required", "supported", "none" }) String pkce,
            List<String> scopes, String scopeSeparator,
            @Schema(description = "ISO 8601; what an access token lives unless its answer says it") @Nullable String accessTokenLifetime,
            @Schema(description = "ISO 8601; null: it does not end") @Nullable String refreshTokenLifetime,
            @Schema(enumeration = { "refresh_token", "access_token",
                    "nothing" }, description = "What is presented for the next access token; `nothing`: the merchant connects again") String renewedBy,
            @Schema(enumeration = { "none", "single_use",
                    "grace" }, description = "What becomes of a refresh token that was used") String rotation,
            @Schema(description = "ISO 8601; how often the merchant has to agree anew; null: never") @Nullable String consentAgain) {

        static OAuthView of(ProviderOAuth oauth) {
            return new OAuthView(oauth.grants(), text(oauth.authorizeUrl()), text(oauth.tokenUrl()), text(oauth.refreshUrl()),
                    text(oauth.revokeUrl()), text(oauth.metadataUrl()), oauth.clientAuth(), lower(oauth.pkce()), oauth.scopes(),
                    oauth.scopeSeparator(), text(oauth.answer().presetLifetime()),
                    text(oauth.renewal().refreshTokenLifetime()), lower(oauth.renewal().by()),
                    lower(oauth.renewal().rotation()), text(oauth.renewal().consentAgain()));
        }

        private static String lower(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a list shows of it. */
    @Schema(name = "ProviderItem")
    record Item(@Schema(examples = "shippo") String key, @Schema(examples = "Shippo") String name,
            Category category, List<String> regions, boolean confirmed,
            List<CredentialType> types) {

        static Item of(Provider provider) {
            return new Item(provider.key(), provider.name(), provider.category(), provider.regions(), provider.confirmed(),
                    provider.uses().stream().map(Provider.Use::type).toList());
        }
    }
}
