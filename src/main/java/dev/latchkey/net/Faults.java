package dev.latchkey.net;

import java.io.IOException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

import javax.net.ssl.SSLException;

import dev.latchkey.net.OutboundOutcome.Code;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.http.HttpClosedException;

/**
 * What the failures of the client mean. By their classes, never by their texts, which may hold what the other side has said.
 */
final class Faults {

    static final String DNS = "dns";
    static final String CONNECT = "connect";
    static final String TLS = "tls";
    private static final int DEEPEST = 12;

    private Faults() {
    }

    /**
     * Of a connection that was not made.
     *
     * @param step what was waited for, unless the fault says it
     */
    static OutboundException ofConnecting(Throwable fault, String step) {
        if (any(fault, SslHandshakeTimeoutException.class::isInstance)) {
            return new OutboundException(Code.TIMEOUT, TLS);
        }
        if (any(fault, cause -> cause instanceof ConnectTimeoutException || cause instanceof TimeoutException)) {
            return new OutboundException(Code.TIMEOUT, step);
        }
        return any(fault, SSLException.class::isInstance) ? new OutboundException(Code.TLS, ofTls(fault))
                : new OutboundException(Code.UNREACHABLE, null);
    }

    private static String ofTls(Throwable fault) {
        if (any(fault, CertificateExpiredException.class::isInstance)) {
            return "certificate-expired";
        }
        if (any(fault, CertificateNotYetValidException.class::isInstance)) {
            return "certificate-not-yet-valid";
        }
        if (any(fault, cause -> cause instanceof CertPathBuilderException || cause instanceof CertPathValidatorException)) {
            return "certificate-untrusted";
        }
        // The check of the host name throws this very class, the check of the chain one of its own.
        if (any(fault, cause -> cause.getClass() == CertificateException.class)) {
            return "certificate-name";
        }
        if (any(fault, CertificateException.class::isInstance)) {
            return "certificate-untrusted";
        }
        return any(fault, NotSslRecordException.class::isInstance) ? "no-tls" : "handshake";
    }

    /** Of an answer whose head did not come. */
    static String ofHead(Throwable fault) {
        if (any(fault, TooLongFrameException.class::isInstance)) {
            return "head-too-long";
        }
        return isClosed(fault) ? "closed" : "malformed";
    }

    /** Whether the other side, or someone on the way, has closed the connection. */
    static boolean isClosed(Throwable fault) {
        return any(fault, cause -> cause instanceof HttpClosedException || cause instanceof IOException);
    }

    private static boolean any(Throwable fault, Predicate<Throwable> is) {
        var depth = 0;
        for (Throwable cause = fault; cause != null && depth < DEEPEST; cause = cause.getCause()) {
            if (is.test(cause)) {
                return true;
            }
            depth++;
        }
        return false;
    }
}
