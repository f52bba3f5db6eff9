package dev.latchkey.tenant;

import java.net.URI;
import java.time.Instant;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.replica.AnsweredInForce;
import dev.latchkey.replica.InForce;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
import dev.latchkey.web.MergePatch;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * {@code /stores}: the shops of an organization. Not cancellable: a caller who hangs up must not part a commit from what
 * follows it.
 */
@Path("/api/v1/stores")
@Tag(name = "Stores", description = "The shops of an organization; keys can be limited to some of them")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
public class StoreResource {

    private final Stores stores;
    private final Cursors cursors;
    private final MergePatch patches;
    private final Idempotency idempotency;
    private final InForce inForce;
    private final SecurityIdentity identity;

    StoreResource(Stores stores, Cursors cursors, MergePatch patches, Idempotency idempotency, InForce inForce,
            SecurityIdentity identity) {
        this.stores = stores;
        this.cursors = cursors;
        this.patches = patches;
        this.idempotency = idempotency;
        this.inForce = inForce;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.STORES_READ)
    @WithSession
    @Operation(operationId = "listStores", summary = "List stores, newest first")
    public Uni<Page<View>> list(@QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor) {
        UUID organization = organization();
        Cursors.Scope scope = cursors.scope("stores", organization);
        UUID after = scope.decode(cursor);
        return (after == null ? Store.<Store> find("organizationId = ?1 order by id desc", organization)
                : Store.<Store> find("organizationId = ?1 and id < ?2 order by id desc", organization, after))
                .range(0, limit.items()).list().map(rows -> Page.of(rows, limit, store -> store.id, View::of, scope));
    }

    @POST
    @Idempotent
    @PermissionsAllowed(Names.STORES_WRITE)
    @Operation(operationId = "createStore", summary = "Create a store")
    @RequestBody(content = @Content(schema = @Schema(implementation = Edit.class), examples = @ExampleObject(name = "a shop", value = "{\"key\": \"madrid\", \"name\": \"Madrid flagship\", \"url\": \"https://madrid.example\", \"platform\": \"shopify\"}")))
    @APIResponse(responseCode = "201", description = "The store, with its address in Location", content = @Content(schema = @Schema(implementation = View.class)))
    public Uni<RestResponse<Object>> create(@NotNull @Valid Edit wanted) {
        Caller writer = writer();
        return idempotency.once(() -> stores.create(writer, wanted), store -> store.id)
                .flatMap(done -> done.answer(store -> Uni.createFrom().item(RestResponse.ResponseBuilder
                        .<View> created(URI.create("/api/v1/stores/" + store.id))
                        .header(HttpHeaders.ETAG, EntityTags.of(store.version)).entity(View.of(store)).build())));
    }

    @GET
    @Path("/{id}")
    @PermissionsAllowed(Names.STORES_READ)
    @WithSession
    @Operation(operationId = "getStore", summary = "One store, by id or key")
    @APIResponse(responseCode = "200", description = "The store, with its ETag", content = @Content(schema = @Schema(implementation = View.class)))
    public Uni<RestResponse<View>> get(@PathParam("id") String idOrKey) {
        return Store.find(organization(), idOrKey).onItem().ifNull().failWith(ProblemException::notFound)
                .map(StoreResource::answer);
    }

    @PATCH
    @Path("/{id}")
    @Consumes({ MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON })
    @PermissionsAllowed(Names.STORES_WRITE)
    @AnsweredInForce
    @Operation(operationId = "editStore", summary = "Edit a store (JSON merge patch)")
    @RequestBody(content = @Content(mediaType = MergePatch.MEDIA_TYPE, schema = @Schema(implementation = Edit.class), examples = @ExampleObject(name = "rename", value = "{\"name\": \"Madrid Centro\"}")))
    @APIResponse(responseCode = "200", description = "The store as it stands now", content = @Content(schema = @Schema(implementation = View.class)))
    public Uni<RestResponse<View>> edit(@PathParam("id") String idOrKey,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @NotNull ObjectNode patch) {
        return inForce(
                stores.edit(writer(), idOrKey, ifMatch, current -> patches.apply(current, patch, Edit.class)))
                .map(StoreResource::answer);
    }

    @DELETE
    @Path("/{id}")
    @PermissionsAllowed(Names.STORES_WRITE)
    @AnsweredInForce
    @Operation(operationId = "deleteStore", summary = "Delete a store that no key names")
    @APIResponse(responseCode = "204", description = "Gone")
    public Uni<Void> delete(@PathParam("id") String idOrKey, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return inForce(stores.delete(writer(), idOrKey, ifMatch));
    }

    private <T> Uni<T> inForce(Uni<T> change) {
        return inForce.everywhere(Scope.organization(organization()), change);
    }

    /** A key that reaches some stores could rename another one to one of them, and reach it. */
    private Caller writer() {
        Caller caller = Caller.of(identity);
        if (!caller.reachesAllStores()) {
            throw new ProblemException(ProblemCode.STORE_FORBIDDEN, "A key that is limited to stores cannot change stores.");
        }
        return caller;
    }

    private UUID organization() {
        return Caller.of(identity).tenant().id();
    }

    private static RestResponse<View> answer(Store store) {
        return RestResponse.ResponseBuilder.ok(View.of(store)).header(HttpHeaders.ETAG, EntityTags.of(store.version)).build();
    }

    /**
     * What a person can set.
     *
     * @param key a short name for addresses and gateways, unique in the organization
     * @param name what people call it
     * @param url where shoppers find it
     * @param platform what runs it, such as {@code shopify}
     */
    @Schema(name = "StoreEdit")
    public record Edit(
            @Schema(examples = "madrid") @NotNull(message = "is required") @Size(max = 63) @Pattern(regexp = "[a-z0-9][a-z0-9_-]{0,62}", message = "must be 1 to 63 of a-z, 0-9, _ and -, starting with a letter or digit") @Pattern(regexp = "(?![0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$).*", message = "must not look like an id") String key,
            @Schema(examples = "Madrid flagship") @NotBlank @Size(max = 100) String name,
            @Schema(examples = "https://madrid.example") @Size(max = 500) @Pattern(regexp = "https?://[^\\s/?#@]+(/\\S*)?", message = "must be an http or https address") @Nullable String url,
            @Schema(examples = "shopify") @Size(min = 1, max = 50) @Nullable String platform) {

        static Edit of(Store store) {
            return new Edit(store.key, store.name, store.url, store.platform);
        }
    }

    /** A store as the API shows it. */
    @Schema(name = "Store", examples = """
            {"id": "01890a5d-ac96-7c3e-a1f0-2b6d9e8c7a54", "key": "madrid", "name": "Madrid flagship",
            "url": "https://madrid.example", "platform": "shopify", "createdAt": "2026-11-22T09:30:00Z",
            "updatedAt": "2026-11-22T09:30:00Z"}""")
    public record View(UUID id, String key, String name, @Nullable String url, @Nullable String platform, Instant createdAt,
            Instant updatedAt) {

        static View of(Store store) {
            return new View(store.id, store.key, store.name, store.url, store.platform, store.createdAt, store.updatedAt);
        }
    }
}
