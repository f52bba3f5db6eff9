package dev.latchkey.catalog;

import java.util.List;
import java.util.Locale;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Languages;
import io.quarkus.security.PermissionsAllowed;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** {@code /catalog}: the scopes that keys can be given, and the operations that demand them. */
@Path("/api/v1/catalog")
@Tag(name = "Catalogue", description = "Scopes, and the API operations that demand them")
@jakarta.ws.rs.Produces(MediaType.APPLICATION_JSON)
public class CatalogResource {

    private final Catalog catalog;

    CatalogResource(Catalog catalog) {
        this.catalog = catalog;
    }

    @Produces
    @Singleton
    static Catalog builtIn() {
        return Catalog.builtIn();
    }

    @GET
    @PermissionsAllowed(Names.CATALOG_READ)
    @org.eclipse.microprofile.openapi.annotations.Operation(operationId = "getCatalog", summary = "Scopes and API operations in groups, in English or Spanish by Accept-Language")
    public RestResponse<View> get(@Context HttpHeaders headers) {
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        return RestResponse.ResponseBuilder.ok(View.of(catalog, locale))
                .header(HttpHeaders.CONTENT_LANGUAGE, locale.getLanguage())
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE)
                .build();
    }

    /** The catalogue in one language. */
    @Schema(name = "Catalog")
    public record View(List<GroupView> groups) {
        static View of(Catalog catalog, Locale locale) {
            return new View(catalog.groups().stream()
                    .map(group -> new GroupView(group.name().in(locale),
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
            {"name": "Orders", "scopes": [{"name": "orders:read", "description": "Read orders"}],
            "methods": [{"method": "GET", "path": "/api/v*/orders/**", "summary": "Read orders",
            "scopes": ["orders:read"]}]}""")
    public record GroupView(String name, List<ScopeView> scopes, List<MethodView> methods) {
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
}
