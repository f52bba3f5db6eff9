package dev.latchkey.credential;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Destination;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * What a credential presents, and where: the parts of a form that have to fit each other and the provider's entry.
 *
 * @param provider null: a service that is not known
 * @param baseUrl as it was said; null where the entry has it
 * @param test of its own; null: that of the entry
 * @param secrets those of its fields that are sealed, by name
 * @param places every place that a secret of it is sent to
 */
record CredentialMaterial(@Nullable Provider provider, Variables variables, @Nullable String baseUrl, CredentialData data,
        Map<String, Secret> secrets, @Nullable ProbeTest test, List<Place> places) {

    /**
     * @param field that says it; where the provider's entry does, one that leads there
     * @param to the address
     */
    record Place(String field, Destination to) {
    }

    /**
     * @param provider null: the form names none, or one whose entry has gone
     * @param sealed names of fields that are sealed whatever the entry says
     * @throws ProblemException 422 for what does not fit
     */
    static CredentialMaterial of(@Nullable Provider provider, CredentialForm form, Set<String> sealed,
            CredentialFields fields) {
        requireTaken(provider, form.type());
        CredentialForm.Test test = form.test();
        CredentialData data = fields.read(form.type(), form.data(), provider);
        Set<String> names = new HashSet<>(sealed);
        names.addAll(CredentialFields.secretNames(provider, form.type()));
        // Of an entry that has gone nobody knows what its variables are; they are kept for when it comes back.
        Variables variables = provider == null && form.provider() != null ? new Variables(form.variables())
                : Variables.of(provider, form.variables());
        return of(provider, variables, form.baseUrl(), data, CredentialFields.sealed(data, names),
                test == null ? null : test.probe());
    }

    /** As it was stored. The provider's entry may have changed since: what does not fit any more is a problem as well. */
    static CredentialMaterial of(@Nullable Provider provider, OpenCredential stored) {
        Variables variables = provider == null ? Variables.none() : Variables.of(provider, stored.variables());
        return of(provider, variables, stored.baseUrl(), stored.data(), stored.secrets(), stored.test());
    }

    private static CredentialMaterial of(@Nullable Provider provider, Variables variables, @Nullable String baseUrl,
            CredentialData data, Map<String, Secret> secrets, @Nullable ProbeTest test) {
        Addresses addresses = Addresses.of(provider, variables, baseUrl);
        List<Place> places = new ArrayList<>();
        if (test != null) {
            places.add(new Place("test.url", addresses.of("test.url", test.url())));
        }
        Provider.Check check = provider == null ? null : provider.test(data.type());
        Destination asked = check == null ? null : addresses.at(check.at());
        if (asked != null) {
            places.add(new Place("variables", asked));
        }
        if (data instanceof OAuth2 oauth) {
            addOAuth(places, addresses, oauth);
        }
        if (addresses.base() != null) {
            places.add(new Place("baseUrl", addresses.of("baseUrl", addresses.base())));
        }
        return new CredentialMaterial(provider, variables, baseUrl, data, Map.copyOf(secrets), test, List.copyOf(places));
    }

    private static void addOAuth(List<Place> places, Addresses addresses, OAuth2 oauth) {
        place(addresses, "data.tokenUrl", oauth.tokenUrl(), addresses.tokenUrl()).ifPresentOrElse(places::add, () -> {
            throw ProblemException.invalid("data.tokenUrl", "is required");
        });
        // Nothing secret goes there: the person does.
        if (oauth.grant() == Grant.AUTHORIZATION_CODE
                && place(addresses, "data.authorizeUrl", oauth.authorizeUrl(), addresses.authorizeUrl()).isEmpty()) {
            throw ProblemException.invalid("data.authorizeUrl", "is required with grant authorization_code");
        }
        place(addresses, "data.revokeUrl", oauth.revokeUrl(), addresses.revokeUrl()).ifPresent(places::add);
        place(addresses, "variables", null, addresses.refreshUrl()).ifPresent(places::add);
    }

    private static Optional<Place> place(Addresses addresses, String field, @Nullable String said, @Nullable String known) {
        String url = said == null ? known : said;
        return url == null ? Optional.empty() : Optional.of(new Place(field, addresses.of(field, url)));
    }

    private static void requireTaken(@Nullable Provider provider, CredentialType type) {
        if (provider != null && provider.use(type).isEmpty()) {
            throw ProblemException.invalid("type", "is none that " + provider.name() + " takes, which are "
                    + provider.uses().stream().map(use -> use.type().text()).sorted().collect(Collectors.joining(", ")));
        }
    }

    ProbeSubject subject(Locale locale) {
        return new ProbeSubject(provider, variables, baseUrl, data, test, locale);
    }

    /** Scheme, host and port of each place. */
    Set<String> origins() {
        return places.stream().map(place -> place.to().origin()).collect(Collectors.toSet());
    }

    /** The first place that lies at an origin like that. */
    Optional<Place> placeAt(Predicate<String> origin) {
        return places.stream().filter(place -> origin.test(place.to().origin())).findFirst();
    }

    /** Where tokens are given back; empty where that cannot be done. */
    Optional<Destination> revocation() {
        if (!(data instanceof OAuth2 oauth)) {
            return Optional.empty();
        }
        Addresses addresses = Addresses.of(provider, variables, baseUrl);
        return place(addresses, "data.revokeUrl", oauth.revokeUrl(), addresses.revokeUrl()).map(Place::to);
    }
}
