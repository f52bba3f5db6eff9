package dev.latchkey.catalog;

import java.util.List;
import java.util.Locale;

import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.replica.AnsweredInForce;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.Languages;
import io.quarkus.arc.ClientProxy;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /catalog}: the scopes that keys can be given, and the operations that demand them; one for the installation. */
@Path("/api/v1/catalog")
@Tag(name = "Catalogue", description = "Scopes, and the API operations that demand them")
@jakarta.ws.rs.Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Cancellable(false)
public class CatalogResource {

    static final String PATH = "/api/v1/catalog";

    private static final String YAML_EXAMPLE = """
            openapi: 3.1.0
            info: {title: Shop, version: "2"}
            servers: [{url: "https://api.shop.example/v2"}]
            paths:
              /orders/{id}:
                get:
                  tags: [Orders]
                  summary: One order
                  security: [{oauth: ["orders:read"]}]
            components:
              securitySchemes:
                oauth:
                  type: oauth2
                  flows: {clientCredentials: {tokenUrl: "https://id.shop.example/token", scopes: {"orders:read": Read orders}}}
            """;
    private static final String JSON_EXAMPLE = """
            {"openapi": "3.1.0", "info": {"title": "Shop", "version": "2"}, "servers": [{"url": "https://api.shop.example/v2"}],
            "paths": {"/orders/{id}": {"get": {"tags": ["Orders"], "summary": "One order",
            "security": [{"oauth": ["orders:read"]}]}}},
            "components": {"securitySchemes": {"oauth": {"type": "oauth2", "flows": {"clientCredentials":
            {"tokenUrl": "https://id.shop.example/token", "scopes": {"orders:read": "Read orders"}}}}}}}""";

    private final Catalogs catalogs;
    private final CatalogReplacements replacements;
    private final CatalogDocuments documents;
    private final SecurityIdentity identity;

    CatalogResource(Catalogs catalogs, CatalogReplacements replacements, CatalogDocuments documents,
            SecurityIdentity identity) {
        this.catalogs = catalogs;
        this.replacements = replacements;
        this.documents = documents;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.CATALOG_READ)
    @Operation(operationId = "getCatalog", summary = "Scopes and API operations in groups, in English or Spanish by Accept-Language")
    @APIResponse(responseCode = "200", description = "The catalogue, with its ETag", content = @Content(schema = @Schema(implementation = View.class)))
    public Uni<RestResponse<View>> get(@Context HttpHeaders headers) {
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        return catalogs.versioned().map(found -> RestResponse.ResponseBuilder.ok(View.of(found.catalog(), locale))
                .header(HttpHeaders.CONTENT_LANGUAGE, locale.getLanguage())
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE)
                .header(HttpHeaders.CACHE_CONTROL, "private, no-cache")
                .header(HttpHeaders.ETAG, EntityTags.of(found.version()))
                .build());
    }

    @PUT
    @Consumes({ MediaType.APPLICATION_JSON, "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml",
            "application/openapi+json", "application/openapi+yaml", "application/vnd.oai.openapi+json",
            "application/vnd.oai.openapi+yaml", "application/vnd.oai.openapi" })
    @PermissionsAllowed(Names.CATALOG_WRITE)
    @AnsweredInForce
    @Operation(operationId = "replaceCatalog", summary = "Replace the catalogue by an OpenAPI 3.0 or 3.1 document; in force when answered")
    @RequestBody(required = true, content = {
            @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Object.class), examples = @ExampleObject(name = "one operation", value = JSON_EXAMPLE)),
            @Content(mediaType = "application/yaml", schema = @Schema(implementation = Object.class), examples = @ExampleObject(name = "one operation", value = YAML_EXAMPLE)) })
    @APIResponse(responseCode = "200", description = "What was read, and what keys hold that vanished by it", content = @Content(schema = @Schema(implementation = Replacement.class), examples = @ExampleObject(name = "a scope vanished", value = Replacement.EXAMPLE)))
    public Uni<RestResponse<Replacement>> replace(@Context HttpHeaders headers,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Parameter(description = "True: read the document and tell, but change nothing") @Schema(implementation = Boolean.class) @QueryParam("dryRun") @DefaultValue("false") @Pattern(regexp = "true|false", message = "must be true or false") String dryRun,
            @Context RoutingContext proxied) {
        boolean isJson = isJson(headers.getHeaderString(HttpHeaders.CONTENT_TYPE));
        boolean isDry = dryRun.equals("true");
        return documents.next(ClientProxy.unwrap(proxied)).flatMap(document -> replacements.read(document, isJson))
                .flatMap(read -> isDry ? replacements.preview(read, ifMatch) : replacements.replace(by(read, false), ifMatch))
                .map(outcome -> answer(outcome, isDry));
    }

    @DELETE
    @PermissionsAllowed(Names.CATALOG_WRITE)
    @AnsweredInForce
    @Operation(operationId = "restoreCatalog", summary = "Go back to the catalogue built in; in force when answered")
    @APIResponse(responseCode = "200", description = "What keys hold that vanished by it", content = @Content(schema = @Schema(implementation = Replacement.class), examples = @ExampleObject(name = "a scope vanished", value = Replacement.EXAMPLE)))
    public Uni<RestResponse<Replacement>> restore(@HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return replacements.replace(by(new ApiDocument.Read(CommerceGroups.read(), List.of()), true), ifMatch)
                .map(outcome -> answer(outcome, false));
    }

    private CatalogHistory.Replacing by(ApiDocument.Read read, boolean isReset) {
        return new CatalogHistory.Replacing(Caller.of(identity), Caller.homeOf(identity), read, isReset);
    }

    private static RestResponse<Replacement> answer(CatalogReplacements.Outcome outcome, boolean dryRun) {
        return RestResponse.ResponseBuilder.ok(Replacement.of(outcome, dryRun))
                .header(HttpHeaders.ETAG, EntityTags.of(outcome.version())).build();
    }

    private static boolean isJson(@Nullable String type) {
        String plain = type == null ? "" : type.toLowerCase(Locale.ROOT).replaceFirst(";.*", "").strip();
        return plain.equals(MediaType.APPLICATION_JSON) || plain.endsWith("+json");
    }

    /** The catalogue in one language. */
    @Schema(name = "Catalog")
    public record View(List<GroupView> groups) {
        static View of(Catalog catalog, Locale locale) {
            return new View(catalog.groups().stream()
                    .map(group -> new GroupView(group.name().in(locale),
                            group.description() == null ? null : group.description().in(locale),
                            group.scopes().stream().map(scope -> new ScopeView(scope.name(), scope.description().in(locale)))
                                    .toList(),
                            group.operations().stream()
                                    .map(operation -> new MethodView(operation.method(), operation.path(),
                                            operation.summary().in(locale), operation.scopes().stream().sorted().toList()))
                                    .toList()))
                    .toList());
        }
    }

    /** Scopes and methods that belong together. */
    @Schema(name = "CatalogGroup", examples = """
            {"name": "Orders", "description": "What was bought, its lines and its statuses",
            "scopes": [{"name": "orders:read", "description": "Read orders"}],
            "methods": [{"method": "GET", "path": "/api/v*/orders/**", "summary": "Read orders",
            "scopes": ["orders:read"]}]}""")
    public record GroupView(String name, @Nullable String description, List<ScopeView> scopes, List<MethodView> methods) {
    }

    /** A scope that a key can be given. */
    @Schema(name = "CatalogScope")
    public record ScopeView(@Schema(examples = "orders:read") String name, String description) {
    }

    /** An operation, and the scopes that it demands. */
    @Schema(name = "CatalogMethod")
    public record MethodView(@Schema(examples = "GET") String method, @Schema(examples = "/api/v*/orders/**") String path,
            String summary, List<String> scopes) {
    }

    /**
     * What became of a replacement. Counted is what the platform brought, without this service's own.
     *
     * @param dryRun whether nothing was changed
     * @param warnings sentences for a person
     * @param vanished what keys hold that is not in the catalogue any more
     * @param opened patterns by which keys do more than before
     * @param organizations how many have such keys
     */
    @Schema(name = "CatalogReplacement")
    public record Replacement(@Schema(examples = "12") int groups, @Schema(examples = "30") int scopes,
            @Schema(examples = "214") int methods, boolean dryRun, List<String> warnings, HeldGrants.Vanished vanished,
            @Schema(description = "Method patterns of keys that let them do without a scope what demanded one before, since the catalogue does not know it any more or demands none") List<HeldGrants.Held> opened,
            @Schema(examples = "3", description = "How many organizations have keys that are counted in `vanished` or `opened`; each has been notified, unless this is a dry run. Of more than 10,000, the first 10,000 are, and this says 10,001") int organizations) {

        static final String EXAMPLE = """
                {"groups": 12, "scopes": 30, "methods": 214, "dryRun": false,
                "warnings": ["operations demand no scope: any valid key may call them, unless its methods keep it from that [1]: GET /v2/status"],
                "vanished": {"scopes": [{"name": "orders:refund", "keys": 17, "examples": [
                {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "ERP order sync", "organization": "acme"}]}],
                "methods": [], "complete": true}, "opened": [], "organizations": 3}""";

        static Replacement of(CatalogReplacements.Outcome outcome, boolean dryRun) {
            ApiDocument.Read read = outcome.read();
            return new Replacement(read.groups().size(), read.scopes().size(), read.methods(), dryRun, read.warnings(),
                    outcome.effect().vanished(), outcome.effect().opened(), outcome.effect().organizations().size());
        }
    }
}
