package dev.latchkey.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Peppers;
import org.jspecify.annotations.Nullable;

/**
 * Cursors: the id of the last row of a page, and a tag that binds it to its list, its organization and its filters. A list
 * is ordered by id, so pages stay stable while rows come and go, and a cursor of another list is refused rather than
 * misread. Layout, in base64url: 16 bytes id, 12 bytes of tag.
 */
@Singleton
public final class Cursors {

    /** The length of every cursor. */
    static final int CHARACTERS = 38;

    private static final int ID_BYTES = 16;
    private static final int TAG_BYTES = 12;

    private final Peppers peppers;

    Cursors(Peppers peppers) {
        this.peppers = peppers;
    }

    /**
     * @param list the list's name
     * @param organization whose list it is
     * @param filters every filter of the request, in a fixed order
     */
    public Scope scope(String list, UUID organization, @Nullable Object... filters) {
        StringBuilder name = new StringBuilder(list).append('|').append(organization);
        for (Object filter : filters) {
            // With its length, so that no two sets of filters read the same.
            String text = String.valueOf(filter);
            name.append('|').append(filter == null ? -1 : text.length()).append(':').append(text);
        }
        return new Scope(name.toString());
    }

    /** One list as one caller sees it. */
    public final class Scope {

        private final String name;

        private Scope(String name) {
            this.name = name;
        }

        String encode(UUID last) {
            byte[] id = bytes(last);
            return Base64.getUrlEncoder().withoutPadding()
                    .encodeToString(ByteBuffer.allocate(ID_BYTES + TAG_BYTES).put(id).put(tag(id)).array());
        }

        /**
         * @return the id after which the page begins; null for the first page
         * @throws ProblemException 400 for a cursor that is not of this list
         */
        public @Nullable UUID decode(@Nullable String cursor) {
            if (cursor == null) {
                return null;
            }
            byte[] bytes;
            try {
                bytes = Base64.getUrlDecoder().decode(cursor);
            } catch (IllegalArgumentException notBase64) {
                bytes = new byte[0];
            }
            if (bytes.length == ID_BYTES + TAG_BYTES) {
                byte[] id = Arrays.copyOf(bytes, ID_BYTES);
                if (MessageDigest.isEqual(tag(id), Arrays.copyOfRange(bytes, ID_BYTES, bytes.length))) {
                    ByteBuffer buffer = ByteBuffer.wrap(id);
                    return new UUID(buffer.getLong(), buffer.getLong());
                }
            }
            throw new ProblemException(ProblemCode.INVALID_CURSOR,
                    "The cursor is not one of this list with these filters; leave it out to begin anew.");
        }

        private byte[] tag(byte[] id) {
            byte[] scope = name.getBytes(StandardCharsets.UTF_8);
            return Arrays.copyOf(
                    peppers.tag("cursor", ByteBuffer.allocate(ID_BYTES + scope.length).put(id).put(scope).array()), TAG_BYTES);
        }

        private byte[] bytes(UUID id) {
            return ByteBuffer.allocate(ID_BYTES).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits())
                    .array();
        }
    }
}
