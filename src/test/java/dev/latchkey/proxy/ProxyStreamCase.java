package dev.latchkey.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKeys;
import io.restassured.RestAssured;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;

/** What tests of streams begin with: an organization with a key, and a caller who speaks HTTP byte by byte. */
@NullUnmarked
abstract class ProxyStreamCase {

    @Inject
    DataSource database;
    @Inject
    DataKeys dataKeys;

    ProxyScene scene;

    @BeforeEach
    void anOrganizationWithAKey() {
        scene = new ProxyScene(database, dataKeys);
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(15_000);
        return socket;
    }

    String head(String method, String credential, String... headers) {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return method + " " + ProxyScene.path(credential, "/x") + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: "
                + scene.key.key() + "\r\n" + more + "\r\n";
    }

    static String headOf(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("ended within its head: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Until the connection ends, in whichever way. */
    static String rest(InputStream in) throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        try {
            in.transferTo(rest);
        } catch (SocketException reset) {
            // Is an end, too.
        }
        return rest.toString(StandardCharsets.US_ASCII);
    }

    /** The next chunk; empty at the end. */
    static String chunk(InputStream in) throws IOException {
        StringBuilder size = new StringBuilder();
        while (size.indexOf("\r\n") < 0) {
            size.append((char) in.read());
        }
        byte[] piece = in.readNBytes(Integer.parseInt(size.toString().strip(), 16));
        in.readNBytes(2);
        return new String(piece, StandardCharsets.US_ASCII);
    }
}
