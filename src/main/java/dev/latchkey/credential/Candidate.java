package dev.latchkey.credential;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.credential.Authorizations.Taken;
import dev.latchkey.credential.CallbackParameters.Said;
import dev.latchkey.credential.ConnectResult.Code;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.ProviderOAuth.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * New tokens that were given for a credential, and have not taken the place of any yet.
 *
 * @param before the credential as it stands
 * @param answer of the token endpoint
 * @param issued when they were asked for, by the database's clock
 */
record Candidate(Connectable before, Taken taken, Said said, Granted granted, JsonNode answer, Instant issued) {

    /** The same for a credential that has changed meanwhile. */
    Candidate to(Connectable now) {
        return new Candidate(now, taken, said, granted, answer, issued);
    }

    /**
     * Whether a refresh token that stands may belong to the same grant as new tokens that come without one. A code's answer is
     * a grant of its own, unless the provider is known to give its one refresh token when a person agrees for the first time
     * only, as Google does; and what was refused stays so.
     */
    boolean mayKeep() {
        Provider provider = before.material().provider();
        return granted.refreshToken() == null && before.lives() && provider != null && provider.oauth2() != null
                && provider.oauth2().renewal().rotation() == Renewal.Rotation.NONE;
    }

    /** The data as they would be. */
    OAuth2 data(boolean keeps) {
        return NewPair.in(before.data(), granted, keeps);
    }

    /** The credential as it would be. */
    CredentialMaterial wanted(boolean keeps) {
        return NewPair.in(before.material(), before.data(), granted, keeps);
    }

    ProbeSubject subject(boolean keeps, Locale locale) {
        return wanted(keeps).subject(locale);
    }

    /** What was granted: what is not told is what was asked for (RFC 6749 section 5.1). */
    List<String> scopes() {
        return granted.scopes().isEmpty() ? taken.scopes() : granted.scopes();
    }

    /** Of what is not stored. */
    ConnectResult refused(Code code, @Nullable String detail) {
        return ConnectResult.of(code, before.stored().name(), detail, taken.returnTo());
    }

    /** The generated one would print the answer. */
    @Override
    public String toString() {
        return "Candidate[" + before + "]";
    }
}
