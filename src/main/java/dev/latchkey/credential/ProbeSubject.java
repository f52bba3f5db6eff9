package dev.latchkey.credential;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * A credential to be tested, stored or not.
 *
 * @param provider null where the merchant describes the service himself
 * @param variables as {@link Variables#of} read them for that provider
 * @param baseUrl as the merchant gives it; null where the provider's entry has it
 * @param data with its secrets
 * @param test of the merchant's own, before that of the provider; null for none
 * @param locale that the result is told in
 */
public record ProbeSubject(@Nullable Provider provider, Variables variables, @Nullable String baseUrl, CredentialData data,
        @Nullable ProbeTest test, Locale locale) {
}
