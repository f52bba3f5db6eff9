package dev.latchkey.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Collection;

import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

import org.jspecify.annotations.Nullable;

/** The certificate authorities that are believed: those of the Java runtime, and the operator's own besides. */
final class TrustedRoots {

    private TrustedRoots() {
    }

    /**
     * Reads the file at once: a start blocks for it, and fails where it is no good.
     *
     * @throws IOException when the file cannot be read
     * @throws GeneralSecurityException when it holds no certificates
     */
    static TrustManagerFactory with(Path file) throws IOException, GeneralSecurityException {
        Collection<? extends Certificate> own;
        try (var in = Files.newInputStream(file)) {
            own = CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
        if (own.isEmpty()) {
            throw new GeneralSecurityException("no certificate in it");
        }
        var all = KeyStore.getInstance(KeyStore.getDefaultType());
        all.load(null, null);
        var number = 0;
        for (var authority : ofTheRuntime().getAcceptedIssuers()) {
            all.setCertificateEntry("runtime-" + number++, authority);
        }
        for (var authority : own) {
            all.setCertificateEntry("own-" + number++, authority);
        }
        return factory(all);
    }

    /** The Java runtime's alone. Reads its file, which takes some hundred milliseconds: not on an event loop. */
    static TrustManagerFactory ofTheRuntimeAlone() throws GeneralSecurityException {
        return factory(null);
    }

    private static X509TrustManager ofTheRuntime() throws GeneralSecurityException {
        return Arrays.stream(factory(null).getTrustManagers()).filter(X509TrustManager.class::isInstance)
                .map(X509TrustManager.class::cast).findFirst().orElseThrow();
    }

    private static TrustManagerFactory factory(@Nullable KeyStore authorities) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        return factory;
    }
}
