package dev.latchkey.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** Imports of any length into a process: rows are made as they are sent, answers read as they come. */
public final class Importing {

    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Importing() {
    }

    /** A token by its number: the same in each run, and of no use to anybody. */
    public static String token(String prefix, int number) {
        return prefix + Foreign.sha256(prefix + number).substring(0, 32);
    }

    /** A row with a name of 20 characters and three scopes. */
    public static String row(String prefix, int number) {
        return "{\"hash\":\"" + Foreign.sha256(token(prefix, number)) + "\",\"prefix\":\"" + prefix
                + "\",\"name\":\"ERP order sync "
                + String.format("%05d", number % 100_000)
                + "\",\"scopes\":[\"orders:read\",\"orders:write\",\"products:read\"],\"access\":{\"type\":\"all\"}}";
    }

    /**
     * Sends rows and reads their answers.
     *
     * @param count of rows
     * @param answers gets each line of the answer
     */
    public static void send(String baseUrl, String bearer, int count, IntFunction<String> row, Consumer<String> answers)
            throws IOException, InterruptedException {
        HttpResponse<Stream<String>> response = HTTP.send(
                HttpRequest.newBuilder(URI.create(baseUrl + "/api/v1/keys/import")).header("Content-Type", Foreign.NDJSON)
                        .header("Authorization", "Bearer " + bearer)
                        .POST(BodyPublishers.ofInputStream(() -> new Rows(count, row))).build(),
                HttpResponse.BodyHandlers.ofLines());
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body().toList());
        }
        response.body().forEach(answers);
    }

    /** Made as they are read. */
    private static final class Rows extends InputStream {

        private final int count;
        private final IntFunction<String> row;
        private byte[] line = new byte[0];
        private int position;
        private int made;

        Rows(int count, IntFunction<String> row) {
            this.count = count;
            this.row = row;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            int filled = 0;
            while (filled < length) {
                if (position == line.length) {
                    if (made == count) {
                        break;
                    }
                    line = (row.apply(made++) + "\n").getBytes(StandardCharsets.UTF_8);
                    position = 0;
                }
                int part = Math.min(length - filled, line.length - position);
                System.arraycopy(line, position, into, offset + filled, part);
                position += part;
                filled += part;
            }
            return filled == 0 && length > 0 ? -1 : filled;
        }
    }
}
