package dev.latchkey.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Set;

import io.smallrye.jwt.build.Jwt;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The identity provider of a Latchkey that has no other: a key pair in the data directory, and tokens signed with it.
 *
 * <p>
 * RSA with 2048 bits, since RS256 is what MicroProfile JWT verifies without being told. The private key is made
 * once, so that tokens stay good over restarts; the public one is derived from it at each start.
 */
public final class LocalIssuer {

    /** The {@code iss} of its tokens. */
    public static final String NAME = "latchkey-local";

    static final String TOKEN_FILE = "admin.token";

    private static final String DIRECTORY = "issuer";
    private static final String PRIVATE_KEY = DIRECTORY + "/private.pem";
    private static final String PUBLIC_KEY = DIRECTORY + "/public.pem";
    /** Who starts Latchkey on his own machine. */
    static final String OWNER = "owner@localhost";
    private static final Duration OWNER_TOKEN_LIFETIME = Duration.ofDays(90);
    private static final int RSA_BITS = 2048;
    private static final int PEM_LINE = 64;

    private final Path directory;
    private final PrivateKey privateKey;
    private final InstantSource time;

    private LocalIssuer(Path directory, PrivateKey privateKey, InstantSource time) {
        this.directory = directory;
        this.privateKey = privateKey;
        this.time = time;
    }

    /** Reads the key pair of that directory, making it where there is none. */
    public static LocalIssuer in(DataDirectory data, SecureRandom random, InstantSource time) {
        data.directory(DIRECTORY);
        if (!Files.exists(data.resolve(PRIVATE_KEY))) {
            data.writePrivate(PRIVATE_KEY, pem("PRIVATE KEY", generate(random).getEncoded()));
        }
        LocalIssuer issuer = in(data.path(), time);
        // From the private one each time: it cannot be missing, nor of another pair.
        data.writePrivate(PUBLIC_KEY, pem("PUBLIC KEY", issuer.publicKey().getEncoded()));
        return issuer;
    }

    /** Reads the key pair that another process, or the start of this one, made in that data directory. */
    public static LocalIssuer in(Path dataDirectory, InstantSource time) {
        Path directory = dataDirectory.toAbsolutePath();
        return new LocalIssuer(directory, privateKey(directory.resolve(PRIVATE_KEY)), time);
    }

    private static PrivateKey generate(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(RSA_BITS, random);
            return generator.generateKeyPair().getPrivate();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has RSA", e);
        }
    }

    private PublicKey publicKey() {
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) privateKey;
        try {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has RSA", e);
        }
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(PEM_LINE, new byte[] { '\n' }).encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }

    private static PrivateKey privateKey(Path file) {
        try {
            String base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
            return KeyFactory.getInstance("RSA")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new StartRefused("The private key of the local issuer, " + file + ", cannot be read: restore it, or move the"
                    + " directory " + file.getParent() + " away to have a new one made (tokens of the old one end).", e);
        }
    }

    /** Where the public key is, as {@code mp.jwt.verify.publickey.location} wants it. */
    public String publicKeyLocation() {
        return directory.resolve(PUBLIC_KEY).toUri().toString();
    }

    /**
     * Writes a token of the owner of the organization {@code default}, who may also do what the platform may, to
     * {@code admin.token}; it is good for 90 days.
     *
     * @return the file
     */
    Path writeOwnerToken(DataDirectory data) {
        data.writePrivate(TOKEN_FILE, mint(OWNER, "default", Set.of("owner", "platform"), OWNER_TOKEN_LIFETIME));
        return data.resolve(TOKEN_FILE);
    }

    /**
     * Signs any token that its verifiers are to believe.
     *
     * @param subject {@code sub} and {@code upn}
     * @param org the organization's key; null for a token that names none, as a platform's may
     * @param groups the roles in it
     * @param lifetime from now; negative for a token that has expired
     * @return a signed JWT
     */
    public String mint(String subject, @Nullable String org, Set<String> groups, Duration lifetime) {
        Instant now = time.instant();
        Instant issued = lifetime.isNegative() ? now.plus(lifetime.multipliedBy(2)) : now;
        JwtClaimsBuilder token = Jwt.issuer(NAME).subject(subject).upn(subject).groups(groups).issuedAt(issued)
                .expiresAt(now.plus(lifetime));
        return (org == null ? token : token.claim("org", org)).sign(privateKey);
    }
}
