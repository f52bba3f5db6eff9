package dev.latchkey.testing;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Imports of any length into a process: rows are made as they are sent, answers read as they come. */
public final class Importing {

    private static final String CONSONANTS = "bcdfghjklmnprstvwxyz";
    private static final String VOWELS = "aeiou";

    private Importing() {
    }

    /** A token by its number: the same in each run, and of no use to anybody. */
    public static String token(String prefix, int number) {
        return prefix + Foreign.sha256(prefix + number).substring(0, 32);
    }

    /** A row as people have them: each with words of its own, a description, three scopes, an expiry. */
    public static String row(String prefix, int number) {
        return "{\"hash\":\"" + Foreign.sha256(token(prefix, number)) + "\",\"prefix\":\"" + prefix + "\",\"name\":\""
                + name(number) + "\",\"description\":\"" + description(number)
                + "\",\"scopes\":[\"orders:read\",\"orders:write\",\"products:read\"],\"access\":{\"type\":\"all\"},"
                + "\"expiresAt\":\"" + expiresAt(number) + "\"}";
    }

    /** Three words and a number, the same for a number each time. */
    public static String name(int number) {
        return words(new Random(number), 3) + " " + number;
    }

    /** Some 60 characters. */
    public static String description(int number) {
        String words = words(new Random(~number), 11);
        return words.substring(0, Math.min(60, words.length())).strip();
    }

    /** Some day of the ten years from 2040. */
    public static String expiresAt(int number) {
        return LocalDate.of(2040, 1, 1).plusDays(number % 3_650) + "T12:00:00Z";
    }

    /**
     * Of syllables of two or three letters, so that texts hold some 8,000 different sequences of three characters, as those of
     * people do. Few of them would be found and stored together, and make an index of texts look cheap.
     */
    private static String words(Random random, int count) {
        StringBuilder text = new StringBuilder();
        for (int word = 0; word < count; word++) {
            text.append(word == 0 ? "" : " ");
            for (int syllable = 1 + random.nextInt(3); syllable > 0; syllable--) {
                text.append(CONSONANTS.charAt(random.nextInt(CONSONANTS.length())))
                        .append(VOWELS.charAt(random.nextInt(VOWELS.length())));
                if (random.nextBoolean()) {
                    text.append(CONSONANTS.charAt(random.nextInt(CONSONANTS.length())));
                }
            }
        }
        return text.toString();
    }

    /**
     * Sends rows and reads their answers meanwhile. By a connection of its own, since the JDK's client reads nothing before it
     * has sent everything, and comes to a halt when the answers fill all buffers between.
     *
     * @param count of rows
     * @param answers gets each line of the answer
     */
    public static void send(String baseUrl, String bearer, int count, IntFunction<String> row, Consumer<String> answers)
            throws IOException, InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(baseUrl).getPort())) {
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
            out.write(("POST /api/v1/keys/import HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: "
                    + Foreign.NDJSON + "\r\nAuthorization: Bearer " + bearer + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            Thread sending = new Thread(() -> {
                try {
                    for (int number = 0; number < count; number++) {
                        chunk(out, row.apply(number) + "\n");
                    }
                    out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                } catch (IOException gone) {
                    // Told by what is missing in the answer.
                }
            }, "import-rows");
            sending.start();
            InputStream in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
            String status = line(in);
            if (!status.contains(" 200 ")) {
                throw new AssertionError(status);
            }
            while (!line(in).isEmpty()) {
                // Headers.
            }
            new BufferedReader(new InputStreamReader(new Chunks(in), StandardCharsets.UTF_8)).lines().forEach(answers);
            socket.close();
            sending.join();
        }
    }

    private static void chunk(OutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** Up to CR LF. */
    private static String line(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection was closed after " + text.length() + " characters of a line");
            }
            if (next != '\r') {
                text.append((char) next);
            }
        }
        return text.toString();
    }

    /** What the chunks of a body hold. */
    private static final class Chunks extends InputStream {

        private final InputStream in;
        private int left;
        private boolean begun;
        private boolean ended;

        Chunks(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (!ended && left == 0) {
                if (begun) {
                    line(in);
                }
                begun = true;
                left = Integer.parseInt(line(in), 16);
                ended = left == 0;
            }
            if (ended) {
                return -1;
            }
            int read = in.read(into, offset, Math.min(length, left));
            if (read < 0) {
                throw new EOFException("the connection was closed in the middle of a chunk");
            }
            left -= read;
            return read;
        }
    }
}
