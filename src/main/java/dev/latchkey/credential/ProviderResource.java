package dev.latchkey.credential;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.credential.Provider.Category;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.Languages;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** {@code /providers}: the services that are known, the same for every organization. */
@Path("/api/v1/providers")
@Tag(name = "Providers", description = "Services that merchants connect: what each needs to be told, and how it is tested")
@Produces(MediaType.APPLICATION_JSON)
class ProviderResource {

    private static final Pattern MARKS = Pattern.compile("\\p{M}+");

    private final Providers providers;
    private final Cursors cursors;
    private final SecurityIdentity identity;

    ProviderResource(Providers providers, Cursors cursors, SecurityIdentity identity) {
        this.providers = providers;
        this.cursors = cursors;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.CREDENTIALS_READ)
    @Operation(operationId = "listProviders", summary = "List the services that are known, by name")
    public Page<ProviderView.Item> list(
            @Parameter(description = "Part of the name or key, without regard to case and accents") @QueryParam("q") @Size(max = 100) @Nullable String q,
            @QueryParam("category") @Nullable Category category, @QueryParam("type") @Nullable CredentialType type,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor) {
        Cursors.Scope scope = cursors.scope("providers", Caller.of(identity).tenant().id(), q, category, type);
        UUID after = scope.decode(cursor);
        List<Provider> found = providers.all().stream().filter(provider -> category == null || provider.category() == category)
                .filter(provider -> type == null || provider.use(type).isPresent())
                .filter(provider -> q == null || isLike(provider, q)).toList();
        int from = after == null ? 0 : behind(found, after);
        return Page.of(found.subList(from, Math.min(found.size(), from + limit.rows())), limit, ProviderResource::id,
                ProviderView.Item::of, scope);
    }

    @GET
    @Path("/{key}")
    @PermissionsAllowed(Names.CREDENTIALS_READ)
    @Operation(operationId = "getProvider", summary = "One service: its variables, fields and test, in English or Spanish by Accept-Language")
    @APIResponse(responseCode = "200", description = "The service", content = @Content(schema = @Schema(implementation = ProviderView.class)))
    public RestResponse<ProviderView> get(
            @Parameter(example = "shippo") @PathParam("key") @Size(max = 50) String key, @Context HttpHeaders headers) {
        // The same for all of them, but who asks belongs to one.
        Caller.of(identity).tenant();
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        Provider provider = providers.find(key).orElseThrow(ProblemException::notFound);
        return RestResponse.ResponseBuilder.ok(ProviderView.of(provider, locale))
                .header(HttpHeaders.CONTENT_LANGUAGE, locale.getLanguage())
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE).build();
    }

    private static boolean isLike(Provider provider, String q) {
        String wanted = plain(q.strip());
        return plain(provider.name()).contains(wanted) || provider.key().contains(wanted);
    }

    /** Who looks for contifico finds Contífico. */
    private static String plain(String text) {
        return MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFD)).replaceAll("").toLowerCase(Locale.ROOT);
    }

    /** Cursors hold ids; the list itself is in memory, and ordered by name. */
    private static UUID id(Provider provider) {
        return UUID.nameUUIDFromBytes(provider.key().getBytes(StandardCharsets.UTF_8));
    }

    private static int behind(List<Provider> providers, UUID last) {
        for (int i = 0; i < providers.size(); i++) {
            if (id(providers.get(i)).equals(last)) {
                return i + 1;
            }
        }
        throw new ProblemException(ProblemCode.INVALID_CURSOR,
                "The cursor's provider is no longer in this list; leave it out to begin anew.");
    }
}
