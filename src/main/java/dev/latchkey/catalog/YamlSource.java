package dev.latchkey.catalog;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The characters of a YAML document, as many at once as one token may have.
 * <p>
 * SnakeYAML copies what it holds of a token each time that it reads on, so that a token costs the square of its length: one of
 * 8 MiB takes half a minute. Hence whoever reads tokens says when he has one, and between two there may not be too much.
 */
final class YamlSource extends Reader {

    /** Of one token, with the comments before it. */
    static final int MOST_CHARACTERS = 256 * 1024;

    private static final char BYTE_ORDER_MARK = '\ufeff';

    private final Reader characters;
    private boolean begun;
    private int sinceToken;

    YamlSource(byte[] utf8) {
        this.characters = new InputStreamReader(new ByteArrayInputStream(utf8), StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT));
    }

    /** Thrown where a token is too long. */
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** A token has come to its end. */
    void tokenSeen() {
        sinceToken = 0;
    }

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
        if (sinceToken > MOST_CHARACTERS) {
            throw new TooLong();
        }
        int read = characters.read(buffer, offset, length);
        if (!begun && read > 0) {
            begun = true;
            if (buffer[offset] == BYTE_ORDER_MARK) {
                System.arraycopy(buffer, offset + 1, buffer, offset, read - 1);
                read = read == 1 ? read(buffer, offset, length) : read - 1;
            }
        }
        sinceToken += Math.max(0, read);
        return read;
    }

    @Override
    public void close() throws IOException {
        characters.close();
    }
}
