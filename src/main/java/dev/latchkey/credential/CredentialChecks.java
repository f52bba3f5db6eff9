package dev.latchkey.credential;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.credential.CredentialMaterial.Place;
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
    private final Outbound outbound;
    private final InstantSource clock;

    CredentialChecks(Providers providers, CredentialFields fields, Probes probes, Outbound outbound, InstantSource clock) {
        this.providers = providers;
        this.fields = fields;
        this.probes = probes;
        this.outbound = outbound;
        this.clock = clock;
    }

    /** @throws ProblemException 422 for what does not fit */
    CredentialMaterial material(CredentialForm form) {
        String provider = form.provider();
        return CredentialMaterial.of(provider == null ? null : providers.get(provider), form, fields);
    }

    /**
     * Of a stored one. Where its provider's entry has gone, what was stored has to do.
     *
     * @throws ProblemException 422 for what does not fit any more
     */
    CredentialMaterial material(OpenCredential stored) {
        String provider = stored.provider();
        return CredentialMaterial.of(provider == null ? null : providers.find(provider).orElse(null), stored);
    }

    /** Tests it, and stores nothing. */
    Uni<ProbeResult> test(CredentialMaterial material, Locale locale) {
        return probes.test(material.subject(locale)).map(result -> Outcome.seenAhead(result, material.data(), locale));
    }

    /**
     * What a test of a stored credential has shown.
     *
     * @param host that it asked; null: it could not be said
     */
    record Shown(ProbeResult result, @Nullable String host) {
    }

    /** Tests a stored one. Where it does not fit its provider's entry any more, that is what the test shows. */
    Uni<Shown> test(OpenCredential stored, Locale locale) {
        CredentialMaterial material;
        try {
            material = material(stored);
        } catch (ProblemException doesNotFit) {
            ProbeReason reason = ProbeReason.MISCONFIGURED;
            return Uni.createFrom().item(new Shown(new ProbeResult(reason.status(), reason, doesNotFit.detail(), null, 0,
                    clock.instant().truncatedTo(ChronoUnit.MICROS), reason.nextStep(locale), false), null));
        }
        return test(material, locale).map(result -> new Shown(result, material.host()));
    }

    /** @throws ProblemException 422 with the test's result when that is red, 422 for an address that may not be called */
    Uni<Outcome> beforeStoring(CredentialMaterial material, boolean skipTest, Locale locale) {
        Uni<Outcome> outcome = skipTest ? Uni.createFrom().item(Outcome.untested(material.data()))
                : test(material, locale).invoke(CredentialChecks::refuseRed)
                        .map(result -> Outcome.of(result, material.data()));
        return outcome.call(tested -> refuseBlocked(material.places()));
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
     * another host (scheme, host, port) than before, all of them are to be said anew.
     *
     * @param saidAnew the {@code data} of the patch; null: none
     * @throws ProblemException 422, naming each secret that is not said
     */
    static void requireSecretsFor(CredentialMaterial before, CredentialMaterial wanted, @Nullable JsonNode saidAnew) {
        Place elsewhere = wanted.placeAt(origin -> !before.origins().contains(origin)).orElse(null);
        if (elsewhere == null) {
            return;
        }
        List<FieldError> unsaid = CredentialFields.secrets(wanted.data()).keySet().stream()
                .filter(secret -> !CredentialFields.says(saidAnew, secret))
                .map(secret -> new FieldError("data." + secret,
                        "has to be entered again, since " + elsewhere.field() + " leads to another host than before"))
                .toList();
        if (!unsaid.isEmpty()) {
            throw ProblemException.invalid(unsaid);
        }
    }

    /** What a patch is applied to: everything as it stands, secrets included. */
    CredentialForm form(OpenCredential stored) {
        ProbeTest test = stored.test();
        return new CredentialForm(stored.name(), stored.provider(), Map.copyOf(stored.variables()), stored.baseUrl(),
                stored.store() == null ? null : stored.store().toString(), stored.data().type(),
                fields.whole(fields.open(stored.data()), CredentialFields.secrets(stored.data())),
                test == null ? null
                        : new CredentialForm.Test(
                                test.head() ? CredentialForm.Test.Method.HEAD : CredentialForm.Test.Method.GET, test.url(),
                                test.expectStatus(), test.bodyContains()),
                false);
    }
}
