package dev.latchkey.catalog;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Singleton;
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
import dev.latchkey.replica.InForce;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.BodyLimit;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.Languages;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpMethod;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * {@code /catalog}: the scopes that keys can be given, and the operations that demand them; one for the installation.
 * <p>
 * A replacement belongs to no organization, so it stands in no activity log but in the service's own.
 */
@Path("/api/v1/catalog")
@Tag(name = "Catalogue", description = "Scopes, and the API operations that demand them")
@jakarta.ws.rs.Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Cancellable(false)
public class CatalogResource {

    static final String PATH = "/api/v1/catalog";

    private static final Logger LOG = Logger.getLogger(CatalogResource.class);
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
    private final CatalogTable table;
    private final HeldGrants held;
    private final InForce inForce;
    private final SecurityIdentity identity;
    /** Of one thread: a document of megabytes is read with the help of ten times its size in memory. */
    private final WorkerExecutor reader;

    CatalogResource(Catalogs catalogs, CatalogTable table, HeldGrants held, InForce inForce, SecurityIdentity identity,
            Vertx vertx) {
        this.catalogs = catalogs;
        this.table = table;
        this.held = held;
        this.inForce = inForce;
        this.identity = identity;
        this.reader = vertx.createSharedWorkerExecutor("latchkey-catalogue", 1, 1, TimeUnit.MINUTES);
    }

    @jakarta.enterprise.inject.Produces
    @Singleton
    static BodyLimit documents() {
        return new BodyLimit(HttpMethod.PUT, PATH, DocumentText.MAX_BYTES);
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
            byte[] document) {
        Caller caller = Caller.of(identity);
        boolean isJson = isJson(headers.getHeaderString(HttpHeaders.CONTENT_TYPE));
        return onReader(() -> ApiDocument.read(document, isJson)).flatMap(read -> dryRun.equals("true")
                ? preview(read, ifMatch)
                : replace(caller, read, ifMatch));
    }

    @DELETE
    @PermissionsAllowed(Names.CATALOG_WRITE)
    @AnsweredInForce
    @Operation(operationId = "restoreCatalog", summary = "Go back to the catalogue built in; in force when answered")
    @APIResponse(responseCode = "200", description = "What keys hold that vanished by it", content = @Content(schema = @Schema(implementation = Replacement.class), examples = @ExampleObject(name = "a scope vanished", value = Replacement.EXAMPLE)))
    public Uni<RestResponse<Replacement>> restore(@HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return replace(Caller.of(identity), new ApiDocument.Read(CommerceGroups.read(), List.of()), null, ifMatch);
    }

    private Uni<RestResponse<Replacement>> preview(ApiDocument.Read read, @Nullable String ifMatch) {
        return catalogs.versioned().invoke(before -> EntityTags.requireMatch(ifMatch, before.version()))
                .flatMap(before -> onReader(() -> Catalog.withService(read.groups()))
                        .flatMap(after -> held.vanished(before.catalog(), after))
                        .map(vanished -> answer(Replacement.of(read, true, vanished), before.version())));
    }

    private Uni<RestResponse<Replacement>> replace(Caller caller, ApiDocument.Read read, @Nullable String ifMatch) {
        return onReader(() -> content(read))
                .flatMap(content -> replace(caller, read, content, ifMatch));
    }

    /** What is replaced by itself is waited for all the same: whoever replaced it first may not have come that far. */
    private Uni<RestResponse<Replacement>> replace(Caller caller, ApiDocument.Read read, @Nullable String content,
            @Nullable String ifMatch) {
        return inForce
                .everywhere(Scope.catalog(), table.replace(content, caller.id(), ifMatch)
                        .invoke(replaced -> log(caller, read, replaced)))
                .flatMap(replaced -> vanished(replaced)
                        .map(vanished -> answer(Replacement.of(read, false, vanished), replaced.after().version())));
    }

    private Uni<HeldGrants.Vanished> vanished(CatalogTable.Replaced replaced) {
        return !replaced.changed() ? Uni.createFrom().item(HeldGrants.Vanished.NOTHING)
                : onReader(() -> List.of(CatalogText.catalog(replaced.before().content()),
                        CatalogText.catalog(replaced.after().content())))
                        .flatMap(both -> held.vanished(both.get(0), both.get(1)));
    }

    private static String content(ApiDocument.Read read) {
        String content = CatalogText.write(read.groups());
        if (content.length() > DocumentText.MAX_BYTES) {
            throw ProblemException.invalid(Findings.field(""),
                    "makes too large a catalogue: operations demand too many scopes");
        }
        return content;
    }

    private static void log(Caller caller, ApiDocument.Read read, CatalogTable.Replaced replaced) {
        if (replaced.changed()) {
            LOG.infof("catalogue replaced: version=%d by=%s ip=%s builtIn=%s groups=%d scopes=%d methods=%d",
                    replaced.after().version(), caller.id(), caller.origin().ip(), replaced.after().content() == null,
                    read.groups().size(), read.scopes().size(), read.methods());
        }
    }

    private static RestResponse<Replacement> answer(Replacement replacement, long version) {
        return RestResponse.ResponseBuilder.ok(replacement).header(HttpHeaders.ETAG, EntityTags.of(version)).build();
    }

    /** Away from the event loop, which a large document would hold up for seconds; answers in the caller's context. */
    private <T> Uni<T> onReader(Callable<T> work) {
        return Uni.createFrom().completionStage(() -> reader.executeBlocking(work).toCompletionStage());
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
     */
    @Schema(name = "CatalogReplacement")
    public record Replacement(@Schema(examples = "12") int groups, @Schema(examples = "30") int scopes,
            @Schema(examples = "214") int methods, boolean dryRun, List<String> warnings, HeldGrants.Vanished vanished) {

        static final String EXAMPLE = """
                {"groups": 12, "scopes": 30, "methods": 214, "dryRun": false,
                "warnings": ["operations demand no scope: any valid key may call them, unless its methods keep it from that [1]: GET /v2/status"],
                "vanished": {"scopes": [{"name": "orders:refund", "keys": 17, "examples": [
                {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "ERP order sync", "organization": "acme"}]}],
                "methods": [], "complete": true}}""";

        static Replacement of(ApiDocument.Read read, boolean dryRun, HeldGrants.Vanished vanished) {
            return new Replacement(read.groups().size(), read.scopes().size(), read.methods(), dryRun, read.warnings(),
                    vanished);
        }
    }
}
