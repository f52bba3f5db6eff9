package dev.latchkey.credential;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.credential.CredentialMaterial.Place;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.net.Outbound;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * What comes before a credential is stored: its parts fit, its addresses may be called, its test is not red. Outside of
 * transactions, since others are waited for.
 */
@Singleton
class CredentialChecks {

    private final Providers providers;
    private final CredentialFields fields;
    private final Probes probes;
    private final TestAllowance allowance;
    private final RetestTable hosts;
    private final Outbound outbound;
    private final InstantSource clock;

    CredentialChecks(Providers providers, CredentialFields fields, Probes probes, TestAllowance allowance, RetestTable hosts,
            Outbound outbound, InstantSource clock) {
        this.providers = providers;
        this.fields = fields;
        this.probes = probes;
        this.allowance = allowance;
        this.hosts = hosts;
        this.outbound = outbound;
        this.clock = clock;
    }

    /** @throws ProblemException 422 for what does not fit */
    CredentialMaterial material(CredentialForm form) {
        String provider = form.provider();
        return CredentialMaterial.of(provider == null ? null : providers.get(provider), form, Set.of(), fields);
    }

    /**
     * Of a stored one, as it is to be. Where its provider's entry has gone, what is said has to do. What was sealed stays so,
     * unless the patch says it anew and the entry is there to say what it is.
     *
     * @param said the {@code data} of the patch; null: none
     * @throws ProblemException 422 for what does not fit
     */
    CredentialMaterial material(CredentialForm wanted, OpenCredential stored, @Nullable JsonNode said) {
        Provider provider = entry(stored);
        boolean isGone = provider == null && stored.provider() != null;
        Set<String> sealed = stored.secrets().keySet().stream()
                .filter(name -> isGone || !CredentialFields.says(said, name)).collect(Collectors.toSet());
        return CredentialMaterial.of(provider, wanted, sealed, fields);
    }

    /**
     * Of a stored one. Where its provider's entry has gone, what was stored has to do.
     *
     * @throws ProblemException 422 for what does not fit any more
     */
    CredentialMaterial material(OpenCredential stored) {
        return CredentialMaterial.of(entry(stored), stored);
    }

    private @Nullable Provider entry(OpenCredential stored) {
        String provider = stored.provider();
        return provider == null ? null : providers.find(provider).orElse(null);
    }

    /**
     * Tests it, and stores nothing but that a host wants to be left alone.
     *
     * @throws ProblemException 429 where the organization asks for too many tests
     */
    Uni<ProbeResult> test(UUID organization, CredentialMaterial material, Locale locale) {
        allowance.take(organization);
        return asked(material, locale);
    }

    private Uni<ProbeResult> asked(CredentialMaterial material, Locale locale) {
        ProbeSubject subject = material.subject(locale);
        return probes.test(subject).call(result -> result.reason() == ProbeReason.RATE_LIMITED
                ? hosts.rest(Probes.host(subject))
                : Uni.createFrom().voidItem());
    }

    /**
     * What a test of a stored credential has shown.
     *
     * @param host that such a test asks; null: it could not be said
     * @param begun when it was begun
     */
    record Shown(ProbeResult result, @Nullable String host, Instant begun) {

        Outcome outcome() {
            return Outcome.of(result);
        }
    }

    /** Tests a stored one. Where it does not fit its provider's entry any more, that is what the test shows. */
    Uni<Shown> test(OpenCredential stored, Locale locale) {
        Instant begun = clock.instant().truncatedTo(ChronoUnit.MICROS);
        CredentialMaterial material;
        try {
            material = material(stored);
        } catch (ProblemException doesNotFit) {
            ProbeReason reason = ProbeReason.MISCONFIGURED;
            return Uni.createFrom().item(new Shown(new ProbeResult(reason.status(), reason, doesNotFit.detail(), null, 0,
                    begun, reason.nextStep(locale), false), null, begun));
        }
        return asked(material, locale).map(result -> new Shown(result, Probes.host(material.subject(locale)), begun));
    }

    /**
     * Whether it may be stored.
     *
     * @param key seals its secrets
     * @throws ProblemException 422 with the test's result when that is red, 422 for an address that may not be called, 429
     *         where the organization asks for too many tests
     */
    Uni<Credentials.Tried> beforeStoring(UUID organization, CredentialMaterial material, boolean skipTest,
            DataKey key, Locale locale) {
        Uni<Outcome> outcome = skipTest ? Uni.createFrom().item(Outcome.untested(material.data()))
                : test(organization, material, locale).invoke(CredentialChecks::refuseRed).map(Outcome::of);
        return outcome.call(tested -> refuseBlocked(material.places()))
                .map(tested -> new Credentials.Tried(material, tested, Probes.host(material.subject(locale)), key));
    }

    private static void refuseRed(ProbeResult result) {
        if (result.status() == CredentialStatus.RED) {
            throw new ProblemException(ProblemCode.TEST_FAILED, result.detail() + " " + result.nextStep())
                    .telling("test", result);
        }
    }

    private Uni<Void> refuseBlocked(List<Place> places) {
        return Multi.createFrom().iterable(places).onItem()
                .transformToUniAndConcatenate(place -> outbound.refusal(place.to()).invoke(refusal -> refusal.ifPresent(why -> {
                    throw ProblemException.invalid(place.field(), why.message());
                }))).collect().last().replaceWithVoid();
    }

    /**
     * Who may edit a credential, and never saw its secrets, must not learn them by having them sent to himself: to be sent to
     * another host (scheme, host, port) than before, all that is sealed is to be said anew. So is everything where what stands
     * does not fit its provider's entry any more, and nobody can say where it was sent.
     *
     * @param said the {@code data} of the patch; null: none
     * @throws ProblemException 422, naming each secret that is not said
     */
    void requireSecretsFor(OpenCredential stored, CredentialMaterial wanted, @Nullable JsonNode said) {
        Set<String> origins = origins(stored);
        Place elsewhere = wanted.placeAt(origin -> !origins.contains(origin)).orElse(null);
        if (elsewhere == null) {
            return;
        }
        List<FieldError> unsaid = wanted.secrets().keySet().stream().sorted()
                .filter(secret -> !CredentialFields.says(said, secret))
                .map(secret -> new FieldError("data." + secret,
                        "has to be entered again, since " + elsewhere.field() + " leads to another host than before"))
                .toList();
        if (!unsaid.isEmpty()) {
            throw ProblemException.invalid(unsaid);
        }
    }

    private Set<String> origins(OpenCredential stored) {
        try {
            return material(stored).origins();
        } catch (ProblemException doesNotFit) {
            return Set.of();
        }
    }

    /** What a patch is applied to: everything as it stands, secrets included. */
    CredentialForm form(OpenCredential stored) {
        ProbeTest test = stored.test();
        return new CredentialForm(stored.name(), stored.provider(), Map.copyOf(stored.variables()), stored.baseUrl(),
                stored.store() == null ? null : stored.store().toString(), stored.data().type(),
                fields.whole(fields.open(stored.data(), stored.secrets().keySet()), stored.secrets()),
                test == null ? null
                        : new CredentialForm.Test(
                                test.head() ? CredentialForm.Test.Method.HEAD : CredentialForm.Test.Method.GET, test.url(),
                                test.expectStatus(), test.bodyContains()),
                false);
    }
}
