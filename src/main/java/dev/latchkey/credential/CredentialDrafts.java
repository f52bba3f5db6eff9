package dev.latchkey.credential;

import java.util.List;
import java.util.Locale;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.Secret;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** What becomes of a credential that somebody describes, until it may be stored. Outside of transactions: others are asked. */
@Singleton
class CredentialDrafts {

    private final Discovery discovery;
    private final CredentialChecks checks;
    private final CredentialQueries queries;
    private final CredentialSecrets secrets;
    private final FirstTokens tokens;

    CredentialDrafts(Discovery discovery, CredentialChecks checks, CredentialQueries queries, CredentialSecrets secrets,
            FirstTokens tokens) {
        this.discovery = discovery;
        this.checks = checks;
        this.queries = queries;
        this.secrets = secrets;
        this.tokens = tokens;
    }

    /**
     * @throws ProblemException 422 for what does not fit, or cannot be found out, 429 where the organization has others asked
     *         too
     *         often
     */
    Uni<CredentialMaterial> material(UUID organization, CredentialForm form) {
        return discovery.completed(organization, form).map(checks::material);
    }

    /**
     * Whether it may be stored; where it is OAuth 2, with its first tokens.
     *
     * @throws ProblemException 422, also for what fails its test or is given no tokens, 409 where there is no room, 429 where
     *         the
     *         organization asks for too many tests
     */
    Uni<Credentials.Tried> tried(UUID organization, CredentialForm form, Locale locale) {
        return material(organization, form).flatMap(material -> queries.requireRoom(organization, form.store())
                .flatMap(room -> secrets.key(organization))
                .flatMap(key -> checks.beforeStoring(organization, material, form.skipTest(), key, locale)))
                .flatMap(tried -> form.skipTest() ? Uni.createFrom().item(tried) : tokens.of(tried, true, locale));
    }

    /**
     * The same of a stored one that is edited. A refresh token that was there before is left to its renewals, which may be
     * presenting it now.
     *
     * @param wanted with the patch applied
     * @param said the {@code data} of the patch; null: none
     * @throws ProblemException as above
     */
    Uni<Credentials.Tried> tried(OpenCredential stored, CredentialForm wanted, @Nullable JsonNode said, Locale locale) {
        UUID organization = stored.organization();
        return material(stored, wanted, said).flatMap(material -> secrets.key(organization)
                .flatMap(key -> checks.beforeStoring(organization, material, wanted.skipTest(), key, locale)))
                .flatMap(tried -> wanted.skipTest() ? Uni.createFrom().item(tried)
                        : tokens.of(tried, saysRefreshToken(stored, said), locale));
    }

    /**
     * What a stored one would show once it is edited; nothing is stored, and no refresh token is spent.
     *
     * @param wanted with the patch applied
     * @param said the {@code data} of the patch; null: none
     * @throws ProblemException 422 for what does not fit, 429 where the organization asks for too many tests
     */
    Uni<ProbeResult> test(OpenCredential stored, CredentialForm wanted, @Nullable JsonNode said, Locale locale) {
        return material(stored, wanted, said).flatMap(material -> checks.test(stored.organization(), material, locale));
    }

    /**
     * What was tried, for a credential that somebody else has changed meanwhile: the tokens that it was given exist nowhere
     * else.
     *
     * @throws ProblemException 409 where they are not for what stands now
     */
    Uni<Credentials.Tried> again(OpenCredential now, CredentialForm wanted, @Nullable JsonNode said,
            Credentials.Tried tried) {
        return material(now, wanted, said).map(material -> {
            Granted granted = tried.granted();
            if (granted == null || !(material.data() instanceof OAuth2 data)
                    || !(tried.material().data() instanceof OAuth2 asked) || !data.clientId().equals(asked.clientId())
                    || !material.origins().equals(tried.material().origins())) {
                throw ProblemException
                        .conflict("Someone else has changed the client or an address meanwhile; look at it, and try again.");
            }
            return new Credentials.Tried(NewPair.in(material, data, granted, true), tried.outcome(), tried.host(), tried.key(),
                    granted, tried.presented());
        });
    }

    /** The store first: what is refused in the end must not have cost a refresh token. */
    private Uni<CredentialMaterial> material(OpenCredential stored, CredentialForm wanted, @Nullable JsonNode said) {
        UUID organization = stored.organization();
        return queries.storeId(organization, wanted.store())
                .flatMap(known -> discovery.completed(organization, ofOneGrant(stored, wanted, said), said)).map(form -> {
                    CredentialMaterial material = checks.material(form, stored, said);
                    checks.requireSecretsFor(stored, material, said);
                    return material;
                });
    }

    /** Beside a refresh token that is said alone, the access token that stands is of another grant. */
    private static CredentialForm ofOneGrant(OpenCredential stored, CredentialForm wanted, @Nullable JsonNode said) {
        if (said == null || !saysRefreshToken(stored, said) || said.hasNonNull("accessToken")) {
            return wanted;
        }
        ObjectNode data = wanted.data().deepCopy();
        data.remove(List.of("accessToken", "expiresAt"));
        return wanted.with(data);
    }

    /** One that stands already is its renewals' alone, whoever says it once more. */
    private static boolean saysRefreshToken(OpenCredential stored, @Nullable JsonNode said) {
        Secret stands = stored.data() instanceof OAuth2 data ? data.refreshToken() : null;
        return said != null && said.hasNonNull("refreshToken")
                && (stands == null || !stands.reveal().equals(said.path("refreshToken").asText()));
    }
}
