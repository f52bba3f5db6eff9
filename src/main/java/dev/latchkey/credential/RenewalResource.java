package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.UUID;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Id;
import dev.latchkey.web.Languages;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /credentials/{id}/refresh}: a new token now, without waiting for its turn. */
@Path("/api/v1/credentials")
@Tag(name = "Credentials")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Cancellable(false)
class RenewalResource {

    private final OpenCredentials open;
    private final Providers providers;
    private final FreshTokens tokens;
    private final RenewalQueries queries;
    private final RenewalEpisodes episodes;
    private final TestAllowance allowance;
    private final InstantSource clock;
    private final SecurityIdentity identity;

    RenewalResource(OpenCredentials open, Providers providers, FreshTokens tokens, RenewalQueries queries,
            RenewalEpisodes episodes, TestAllowance allowance, InstantSource clock, SecurityIdentity identity) {
        this.open = open;
        this.providers = providers;
        this.tokens = tokens;
        this.queries = queries;
        this.episodes = episodes;
        this.allowance = allowance;
        this.clock = clock;
        this.identity = identity;
    }

    @POST
    @Path("/{id}/refresh")
    @PermissionsAllowed(Names.CREDENTIALS_WRITE)
    @Operation(operationId = "refreshCredential", summary = "Renew the token of an OAuth 2 credential now", description = "Joins a renewal that is under way. Takes as long as the provider's token endpoint takes and, where many are renewed at the same host, its turn; a minute at most (LATCHKEY_RENEWAL_LEASE). What is not done by then goes on, and the answer tells how it stands. 409 where nothing renews it, where it has to be connected again, and where its provider renews no token that is so young. 429 where your organization has asked for too many tests and renewals within a minute.")
    @APIResponse(responseCode = "200", description = "What came of it, a new token or none", content = @Content(schema = @Schema(implementation = RenewalResult.class)))
    public Uni<RestResponse<RenewalResult>> refresh(@PathParam("id") Id id, @Context HttpHeaders headers) {
        Caller caller = CredentialCallers.of(identity);
        UUID organization = caller.tenant().id();
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        return open.of(organization, id.value())
                .flatMap(stored -> shown(organization, id).invoke(before -> requireRenewable(stored, before))
                        .invoke(before -> allowance.take(organization))
                        .flatMap(before -> tokens.renewedNow(organization, id.value()).chain(() -> shown(organization, id))
                                .flatMap(after -> told(caller, id, before.pairVersion() != after.pairVersion(), after,
                                        locale))));
    }

    private Uni<RestResponse<RenewalResult>> told(Caller caller, Id id, boolean renewed, RenewalQueries.Shown after,
            Locale locale) {
        return episodes.asked(caller, id.value(), renewed)
                .map(done -> RestResponse.ResponseBuilder.ok(RenewalResult.of(after, renewed, locale))
                        .header(HttpHeaders.CONTENT_LANGUAGE, locale.getLanguage())
                        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE).build());
    }

    private Uni<RenewalQueries.Shown> shown(UUID organization, Id id) {
        return queries.shown(organization, id.value()).map(found -> found.orElseThrow(RenewalResource::nothingRenewsIt));
    }

    private void requireRenewable(OpenCredential stored, RenewalQueries.Shown shown) {
        Provider provider = provider(stored);
        if (!(stored.data() instanceof OAuth2 data) || TokenRequests.kind(data, provider) == null) {
            throw nothingRenewsIt();
        }
        if (shown.isOver()) {
            throw CredentialUses.unusable(ProbeReason.REAUTHORIZATION_REQUIRED);
        }
        Duration earliest = provider == null || provider.oauth2() == null ? null : provider.oauth2().renewal().earliest();
        Instant from = earliest == null ? Instant.MIN : shown.issuedAt().plus(earliest);
        if (from.isAfter(clock.instant())) {
            throw ProblemException.conflict("Its provider renews no token that is so young; this one can be renewed from "
                    + from + ".");
        }
    }

    private @Nullable Provider provider(OpenCredential stored) {
        String key = stored.provider();
        return key == null ? null : providers.find(key).orElse(null);
    }

    private static ProblemException nothingRenewsIt() {
        return ProblemException.conflict(
                "Nothing renews this credential: it is no OAuth 2, or there is no refresh token. Connect it, or enter one.");
    }
}
