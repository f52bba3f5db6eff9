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
 * misread. Layout, in base64url: 16 bytes id, 12 bytes of tag; where an item is one of several of the same row, 16 bytes id, 1
 * byte place, 11 bytes of tag.
 */
@Singleton
public final class Cursors {

    /** The length of every cursor. */
    static final int CHARACTERS = 38;

    private static final int ID_BYTES = 16;
    private static final int TAG_BYTES = 12;
    private static final int PLACE_BYTES = 1;

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

    /**
     * Where a page ends whose rows have several items.
     *
     * @param id of the row
     * @param shown how many of its items come before; 0 to 127
     */
    public record Place(UUID id, int shown) {
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
            ByteBuffer said = said(decoded(cursor), ID_BYTES);
            return new UUID(said.getLong(), said.getLong());
        }

        /** Of a list whose rows have several items; such a list has no other cursors. */
        public String encode(Place last) {
            byte[] place = ByteBuffer.allocate(ID_BYTES + PLACE_BYTES).put(bytes(last.id())).put((byte) last.shown()).array();
            return Base64.getUrlEncoder().withoutPadding()
                    .encodeToString(ByteBuffer.allocate(ID_BYTES + TAG_BYTES).put(place).put(tag(place)).array());
        }

        /**
         * @return the place behind which the page begins; null for the first page
         * @throws ProblemException 400 for a cursor that is not of this list
         */
        public @Nullable Place decodePlace(@Nullable String cursor) {
            if (cursor == null) {
                return null;
            }
            ByteBuffer said = said(decoded(cursor), ID_BYTES + PLACE_BYTES);
            return new Place(new UUID(said.getLong(), said.getLong()), said.get());
        }

        private byte[] decoded(String cursor) {
            try {
                return Base64.getUrlDecoder().decode(cursor);
            } catch (IllegalArgumentException notBase64) {
                return new byte[0];
            }
        }

        /** The first bytes, when the rest is their tag. */
        private ByteBuffer said(byte[] bytes, int length) {
            if (bytes.length == ID_BYTES + TAG_BYTES) {
                byte[] said = Arrays.copyOf(bytes, length);
                if (MessageDigest.isEqual(tag(said), Arrays.copyOfRange(bytes, length, bytes.length))) {
                    return ByteBuffer.wrap(said);
                }
            }
            throw new ProblemException(ProblemCode.INVALID_CURSOR,
                    "The cursor is not one of this list with these filters; leave it out to begin anew.");
        }

        /** As many bytes as what is said leaves over. */
        private byte[] tag(byte[] said) {
            byte[] scope = name.getBytes(StandardCharsets.UTF_8);
            return Arrays.copyOf(
                    peppers.tag("cursor", ByteBuffer.allocate(said.length + scope.length).put(said).put(scope).array()),
                    ID_BYTES + TAG_BYTES - said.length);
        }

        private byte[] bytes(UUID id) {
            return ByteBuffer.allocate(ID_BYTES).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits())
                    .array();
        }
    }
}
