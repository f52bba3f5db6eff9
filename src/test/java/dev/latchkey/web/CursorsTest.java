package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;

import dev.latchkey.crypto.KeyRing;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.testing.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CursorsTest {

    private static final UUID ORGANIZATION = UUID.randomUUID();
    private static final UUID LAST = UUID.randomUUID();

    private final Cursors cursors = new Cursors(
            new Peppers(KeyRing.parse("LATCHKEY_PEPPER", TestDatabase.randomKey("p1", new SecureRandom()))));

    @Test
    void aCursorLeadsBackToItsRow() {
        assertThat(scope("active", null).decode(scope("active", null).encode(LAST))).isEqualTo(LAST);
        assertThat(scope("active", null).decode(null)).as("the first page").isNull();
    }

    @Test
    void aCursorFitsItsOwnListOrganizationAndFiltersOnly() {
        String cursor = scope("a", null).encode(LAST);

        assertRefused(scope("b", null), cursor);
        assertRefused(scope(null, "a"), cursor);
        assertRefused(scope("a", "null"), cursor);
        assertRefused(scope("a", ""), cursor);
        assertRefused(cursors.scope("keys", ORGANIZATION), cursor);
        assertRefused(cursors.scope("stores", ORGANIZATION, "a", null), cursor);
        assertRefused(cursors.scope("keys", UUID.randomUUID(), "a", null), cursor);
    }

    @Test
    void filtersThatReadAlikeAreTwo() {
        assertRefused(scope("a", "b, c"), scope("a, b", "c").encode(LAST));
        assertRefused(scope("a|1:b", "c"), scope("a", "b|1:c").encode(LAST));
    }

    @Test
    void aCursorThatWasTouchedIsRefused() {
        String cursor = scope("a", null).encode(LAST);
        byte[] bytes = Base64.getUrlDecoder().decode(cursor);
        for (int i = 0; i < bytes.length; i++) {
            byte[] flipped = bytes.clone();
            flipped[i] ^= 1;
            assertRefused(scope("a", null), text(flipped));
            assertRefused(scope("a", null), text(Arrays.copyOf(bytes, i)));
        }
        assertRefused(scope("a", null), text(Arrays.copyOf(bytes, bytes.length + 1)));
        for (String garbage : new String[] { "", " ", "x", "null", "%00", LAST.toString(), "é".repeat(38), "=".repeat(38) }) {
            assertRefused(scope("a", null), garbage);
        }
    }

    @Test
    void aCursorAmongTheItemsOfARowLeadsBackToItsPlaceAndNowhereElse() {
        for (int shown : new int[] { 0, 1, 127 }) {
            Cursors.Place place = new Cursors.Place(LAST, shown);
            String cursor = scope("a").encode(place);
            assertThat(cursor).hasSize(Cursors.CHARACTERS);
            assertThat(scope("a").decodePlace(cursor)).isEqualTo(place);
            assertThatThrownBy(() -> scope("b").decodePlace(cursor)).isInstanceOf(ProblemException.class);
            assertRefused(scope("a"), cursor);

            byte[] bytes = Base64.getUrlDecoder().decode(cursor);
            for (int i = 0; i < bytes.length; i++) {
                byte[] flipped = bytes.clone();
                flipped[i] ^= 1;
                assertThatThrownBy(() -> scope("a").decodePlace(text(flipped))).isInstanceOf(ProblemException.class);
            }
        }
        String ofRows = scope("a").encode(LAST);
        assertThatThrownBy(() -> scope("a").decodePlace(ofRows)).isInstanceOf(ProblemException.class);
        assertThat(scope("a").decodePlace(null)).as("the first page").isNull();
    }

    private Cursors.Scope scope(@Nullable String... filters) {
        return cursors.scope("keys", ORGANIZATION, (Object[]) filters);
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static void assertRefused(Cursors.Scope scope, String cursor) {
        assertThatThrownBy(() -> scope.decode(cursor)).as(cursor).isInstanceOfSatisfying(ProblemException.class,
                refusal -> assertThat(refusal.code()).isEqualTo(ProblemCode.INVALID_CURSOR));
    }
}
