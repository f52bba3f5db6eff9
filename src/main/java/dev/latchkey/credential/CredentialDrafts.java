package dev.latchkey.credential;

import java.util.Locale;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
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
        boolean isNew = said != null && said.hasNonNull("refreshToken");
        return discovery.completed(organization, wanted, said).map(form -> {
            CredentialMaterial material = checks.material(form, stored, said);
            checks.requireSecretsFor(stored, material, said);
            return material;
        }).flatMap(material -> secrets.key(organization)
                .flatMap(key -> checks.beforeStoring(organization, material, wanted.skipTest(), key, locale)))
                .flatMap(tried -> wanted.skipTest() ? Uni.createFrom().item(tried) : tokens.of(tried, isNew, locale));
    }
}
