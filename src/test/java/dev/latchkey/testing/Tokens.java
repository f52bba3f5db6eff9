package dev.latchkey.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;

import dev.latchkey.boot.DataDirectory;
import dev.latchkey.boot.LocalIssuer;
import io.smallrye.jwt.build.Jwt;

/** JWTs that the application under test believes, or must not. */
public final class Tokens {

    /** Files rather than a field, since the class loaders of tests and application each have this class. */
    private static final Path DIRECTORY = Path.of("target", "test-issuer").toAbsolutePath();
    private static final Duration LIFETIME = Duration.ofHours(1);

    private Tokens() {
    }

    /** An owner of that organization. */
    public static String owner(String org) {
        return of(org, "owner@" + org + ".example", "owner");
    }

    /**
     * Anyone.
     *
     * @param org the organization's key
     * @param subject {@code sub} and {@code upn}
     * @param groups any of {@code owner}, {@code admin}, {@code developer}, {@code viewer}, {@code platform}
     */
    public static String of(String org, String subject, String... groups) {
        return planted(issuer().mint(subject, org, Set.of(groups), LIFETIME));
    }

    /** Good in all but that it names no organization. */
    public static String withoutOrganization(String subject, String... groups) {
        return planted(issuer().mint(subject, null, Set.of(groups), LIFETIME));
    }

    /** Good in all but its expiry, an hour ago. */
    public static String expired(String org, String subject, String... groups) {
        return issuer().mint(subject, org, Set.of(groups), LIFETIME.negated());
    }

    /** Says the same as {@link #of}, but is signed by a key that nobody trusts. */
    public static String foreign(String org, String subject, String... groups) {
        Instant now = InstantSource.system().instant();
        return Jwt.issuer(LocalIssuer.NAME).subject(subject).upn(subject).groups(Set.of(groups)).claim("org", org)
                .issuedAt(now).expiresAt(now.plus(LIFETIME)).sign(Foreign.KEY);
    }

    private static String planted(String token) {
        Planted.add(token);
        return token;
    }

    /** What {@code mp.jwt.verify.publickey.location} must be for these to be believed. */
    public static String publicKeyLocation() {
        return issuer().publicKeyLocation();
    }

    private static synchronized LocalIssuer issuer() {
        if (Files.exists(DIRECTORY.resolve("issuer/public.pem"))) {
            return LocalIssuer.in(DIRECTORY, InstantSource.system());
        }
        try (DataDirectory directory = DataDirectory.open(DIRECTORY)) {
            return LocalIssuer.in(directory, new SecureRandom(), InstantSource.system());
        }
    }

    /** Made once, and only where a test asks for it. */
    private static final class Foreign {

        static final PrivateKey KEY = generate();

        private static PrivateKey generate() {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(2048);
                return generator.generateKeyPair().getPrivate();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
