package dev.latchkey.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/** HTTP/1.1 written by hand, for what clients correct or refuse to send: odd paths, repeated headers, other programs' forms. */
public final class RawHttp {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String END_OF_HEAD = "\r\n\r\n";

    private final int port;

    private RawHttp(int port) {
        this.port = port;
    }

    /** To a server on this machine. */
    public static RawHttp to(int port) {
        return new RawHttp(port);
    }

    /** An answer; its body is empty where there is none. */
    public record Answer(int status, List<String> headerLines, String body) {

        /** The value of a header that is sent once; null where it is not sent. */
        public @Nullable String header(String name) {
            List<String> values = headers(name);
            if (values.size() > 1) {
                throw new AssertionError(name + " is sent " + values.size() + " times: " + values);
            }
            return values.isEmpty() ? null : values.get(0);
        }

        public List<String> headers(String name) {
            String start = name + ":";
            return headerLines.stream().filter(line -> line.regionMatches(true, 0, start, 0, start.length()))
                    .map(line -> line.substring(start.length()).strip()).toList();
        }
    }

    /**
     * Asks without a body.
     *
     * @param headers whole lines, such as {@code "X-Store: madrid"}; a Host line unless one is among them
     */
    public Answer ask(String method, String target, String... headers) {
        List<String> lines = List.of(headers);
        boolean hasHost = lines.stream().anyMatch(line -> line.regionMatches(true, 0, "host:", 0, 5));
        return send(String.join("\n", Stream.of(Stream.of(method + " " + target + " HTTP/1.1"),
                hasHost ? Stream.<String> empty() : Stream.of("Host: api.example"), lines.stream()).flatMap(part -> part)
                .toList()));
    }

    /** Sends a head, its lines divided by {@code \n}, and nothing else. */
    public Answer send(String head) {
        return send(head, new byte[0]);
    }

    /** Sends a head and a body as they are. */
    public Answer send(String head, byte[] body) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) PATIENCE.toMillis());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write((head.strip().replace("\n", "\r\n") + END_OF_HEAD)
                    .getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            return read(socket.getInputStream(), head.startsWith("HEAD "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Answer read(InputStream in, boolean isHead) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (!read.toString(StandardCharsets.ISO_8859_1).endsWith(END_OF_HEAD)) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection ended within the head: " + read.toString(StandardCharsets.ISO_8859_1));
            }
            read.write(next);
        }
        List<String> lines = read.toString(StandardCharsets.ISO_8859_1).lines().filter(line -> !line.isEmpty()).toList();
        if (lines.get(0).startsWith("HTTP/1.1 100")) {
            return read(in, isHead);
        }
        Answer head = new Answer(Integer.parseInt(lines.get(0).split(" ", 3)[1]), lines.subList(1, lines.size()), "");
        String length = head.header("Content-Length");
        if (isHead || head.status() == 204 || head.status() == 304) {
            return head;
        }
        byte[] body = length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
        return new Answer(head.status(), head.headerLines(), new String(body, StandardCharsets.UTF_8));
    }
}
