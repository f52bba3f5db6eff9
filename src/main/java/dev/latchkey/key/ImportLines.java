package dev.latchkey.key;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Divides a file into its lines as it comes, and holds no more of it than one piece and one line. Lines end with LF, CR before
 * it is white space to JSON; the last one needs no end. Not thread safe.
 */
final class ImportLines {

    /** Of a row; with everything in it that a creation takes it has some 70 KiB. */
    static final int MAX_BYTES = 128 * 1024;
    private static final byte[] BYTE_ORDER_MARK = { (byte) 0xEF, (byte) 0xBB, (byte) 0xBF };

    private final ByteArrayOutputStream begun = new ByteArrayOutputStream(1024);
    private Buffer piece = Buffer.buffer();
    private int position;
    private boolean tooLong;
    private boolean ended;
    private long number;

    /**
     * One that is not blank.
     *
     * @param number from 1, blank ones counted, as an editor shows it
     * @param text null where it is too long, or not UTF-8
     * @param bytes that it took
     */
    record Line(long number, @Nullable String text, int bytes, boolean tooLong) {

        /** It holds the hash of a token, and whatever else somebody wrote. */
        @Override
        public String toString() {
            return "Line[number=" + number + "]";
        }
    }

    /** To be called when {@link #next} has nothing left. */
    void add(Buffer next) {
        piece = next;
        position = 0;
    }

    /** No piece comes any more. */
    void end() {
        ended = true;
    }

    /** The next line that is not blank; null when more is needed, or nothing is left. */
    @Nullable
    Line next() {
        while (true) {
            int end = endOfLine();
            append(position, end < 0 ? piece.length() : end);
            position = end < 0 ? piece.length() : end + 1;
            boolean last = end < 0 && ended && (begun.size() > 0 || tooLong);
            if (end < 0 && !last) {
                return null;
            }
            Line line = line();
            if (line != null) {
                return line;
            }
        }
    }

    private int endOfLine() {
        for (int i = position; i < piece.length(); i++) {
            if (piece.getByte(i) == '\n') {
                return i;
            }
        }
        return -1;
    }

    private void append(int from, int to) {
        if (begun.size() + to - from > MAX_BYTES) {
            tooLong = true;
            begun.reset();
        }
        if (!tooLong) {
            begun.writeBytes(piece.getBytes(from, to));
        }
    }

    /** The line that has come to its end; null for a blank one. */
    private @Nullable Line line() {
        number++;
        boolean overlong = tooLong;
        byte[] bytes = begun.toByteArray();
        begun.reset();
        tooLong = false;
        if (overlong) {
            return new Line(number, null, MAX_BYTES, true);
        }
        String text = text(bytes);
        return text != null && text.isBlank() ? null : new Line(number, text, bytes.length, false);
    }

    private @Nullable String text(byte[] bytes) {
        int begin = number == 1 && bytes.length >= 3 && ByteBuffer.wrap(bytes, 0, 3).equals(ByteBuffer.wrap(BYTE_ORDER_MARK))
                ? BYTE_ORDER_MARK.length
                : 0;
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, begin, bytes.length - begin)).toString();
        } catch (CharacterCodingException otherwise) {
            return null;
        }
    }
}
