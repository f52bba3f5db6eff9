package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.vertx.core.net.KeyStoreOptions;

/** A certificate authority of the test's own, and what it signs, by the {@code keytool} of the JDK. */
public final class TestAuthority {

    /** Of key stores that live as long as a test, and keep nothing from anyone. */
    private static final String PASSWORD = "of-no-consequence";

    private final Path store;
    private final Path pem;

    private TestAuthority(Path directory) {
        this.store = directory.resolve("authority.p12");
        this.pem = directory.resolve("authority.pem");
    }

    /** A new one in an empty directory. */
    public static TestAuthority in(Path directory) {
        var authority = new TestAuthority(directory);
        authority.keytool("-genkeypair", "-alias", "authority", "-keyalg", "EC", "-dname", "CN=Authority of a test", "-ext",
                "bc:c");
        authority.keytool("-exportcert", "-rfc", "-alias", "authority", "-file", authority.pem.toString());
        return authority;
    }

    /** Its own certificate. */
    public Path pem() {
        return pem;
    }

    /**
     * A key pair and its certificate.
     *
     * @param alias the name that it has here
     * @param names subject alternative names, as {@code dns:shop.example,ip:127.0.0.1}
     * @param start as keytool takes it, such as {@code -10d}
     */
    public KeyStoreOptions sign(String alias, String names, String start, int days) {
        keytool("-genkeypair", "-alias", alias, "-keyalg", "EC", "-signer", "authority", "-dname", "CN=" + alias, "-ext",
                "san=" + names, "-startdate", start, "-validity", Integer.toString(days));
        return options(alias);
    }

    /** A certificate that nobody has signed but its owner. */
    public KeyStoreOptions selfSigned(String alias, String names) {
        keytool("-genkeypair", "-alias", alias, "-keyalg", "EC", "-dname", "CN=" + alias, "-ext", "san=" + names);
        return options(alias);
    }

    private KeyStoreOptions options(String alias) {
        return new KeyStoreOptions().setType("PKCS12").setPath(store.toString()).setPassword(PASSWORD).setAlias(alias);
    }

    private void keytool(String... arguments) {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD, "-storetype", "PKCS12"));
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IllegalStateException("keytool " + List.of(arguments) + ": " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
