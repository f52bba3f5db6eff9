package dev.latchkey.fuzz;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/** One connection that sends whatever it is told, which no client library does, and is kept while the server keeps it. */
final class Wire implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 15_000;

    private final int port;
    private @Nullable Socket socket;
    private @Nullable InputStream in;

    Wire(int port) {
        this.port = port;
    }

    /** @param headers whole lines */
    record Answer(int status, List<String> headers, String body) {

        String header(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream().filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start)).findFirst()
                    .map(line -> line.substring(start.length()).strip()).orElse("");
        }
    }

    /** Sends a head and a body as they are; once more on a new connection where a kept one has been closed meanwhile. */
    Answer send(String head, byte[] body, boolean isHead) throws IOException {
        boolean kept = socket != null;
        try {
            return exchange(head, body, isHead);
        } catch (IOException e) {
            close();
            if (!kept) {
                throw e;
            }
            return exchange(head, body, isHead);
        }
    }

    private Answer exchange(String head, byte[] body, boolean isHead) throws IOException {
        Socket open = socket;
        if (open == null) {
            open = new Socket();
            open.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            open.setSoTimeout(PATIENCE_MILLIS);
            open.setTcpNoDelay(true);
            socket = open;
            in = new BufferedInputStream(open.getInputStream());
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(body);
        IOException unsent = null;
        try {
            open.getOutputStream().write(bytes.toByteArray());
            open.getOutputStream().flush();
        } catch (IOException refusedMidway) {
            unsent = refusedMidway; // The refusal may stand in the buffer already.
        }
        try {
            Answer answer = read(isHead);
            if (unsent != null || answer.header("Connection").equalsIgnoreCase("close")) {
                close();
            }
            return answer;
        } catch (IOException e) {
            throw unsent == null ? e : unsent;
        }
    }

    private Answer read(boolean isHead) throws IOException {
        String status = line();
        while (status.startsWith("HTTP/1.1 100")) {
            line();
            status = line();
        }
        List<String> headers = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            headers.add(line);
        }
        Answer head = new Answer(Integer.parseInt(status.split(" ", 3)[1]), headers, "");
        if (isHead || head.status() == 204 || head.status() == 304) {
            return head;
        }
        return new Answer(head.status(), headers, new String(body(head), StandardCharsets.UTF_8));
    }

    private byte[] body(Answer head) throws IOException {
        InputStream from = java.util.Objects.requireNonNull(in);
        if (head.header("Transfer-Encoding").equalsIgnoreCase("chunked")) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int length = Integer.parseInt(line(), 16); length > 0; length = Integer.parseInt(line(), 16)) {
                all.writeBytes(from.readNBytes(length));
                line();
            }
            line();
            return all.toByteArray();
        }
        String length = head.header("Content-Length");
        if (length.isEmpty()) {
            byte[] rest = from.readAllBytes();
            close();
            return rest;
        }
        return from.readNBytes(Integer.parseInt(length));
    }

    private String line() throws IOException {
        InputStream from = java.util.Objects.requireNonNull(in);
        StringBuilder line = new StringBuilder();
        for (int next = from.read(); next != '\n'; next = from.read()) {
            if (next < 0) {
                throw new IOException("the connection ended within the head: " + line);
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
            socket = null;
            in = null;
        }
    }
}
