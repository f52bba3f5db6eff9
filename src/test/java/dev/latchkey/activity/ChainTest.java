package dev.latchkey.activity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

import dev.latchkey.crypto.KeyRing;
import dev.latchkey.crypto.Peppers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChainTest {

    private static final byte[] P1 = Base64.getDecoder().decode("9kVR/NbweCPLh5cc+5FEZCXaGChrOrHvk14MvXpp9oo=");
    private static final byte[] P2 = Base64.getDecoder().decode("OUbKZP942TymEJCkN8u2s9LKDUiPX5zPMFlgg2iydpM=");
    private final Chain chain = chain("p1:" + base64(P1));

    @Test
    void sealsAndLinksAreTheDocumentedOnes() throws Exception {
        ActivityEntry entry = entry();
        chain.seal(entry);
        Head head = chain.link(Head.beginning(), 1, entry);

        byte[] encoded = encodedAsDocumented(entry);
        assertThat(entry.sealKeyId).isEqualTo("p1");
        assertThat(entry.seal).isEqualTo(hmac(P1, "latchkey/activity-entry/", encoded));
        var message = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(message)) {
            out.write(new byte[32]);
            out.writeLong(1);
            text(out, "p1");
            out.writeInt(32);
            out.write(entry.seal);
            out.write(encoded);
        }
        assertThat(head.position()).isEqualTo(1);
        assertThat(head.link()).isEqualTo(hmac(P1, "latchkey/activity-link/", message.toByteArray())).isEqualTo(entry.link);
    }

    @Test
    void whatIsNullIsNotWhatIsEmptyAndTextDoesNotMoveBetweenColumns() {
        ActivityEntry entry = entry();
        chain.seal(entry);
        entry.ip = "";
        assertThat(chain.flaw(entry)).isEqualTo(Flaw.ENTRY_ALTERED);

        ActivityEntry other = entry();
        chain.seal(other);
        other.actorId += other.actorName.charAt(0);
        other.actorName = other.actorName.substring(1);
        assertThat(chain.flaw(other)).isEqualTo(Flaw.ENTRY_ALTERED);
    }

    @Test
    void aRotatedPepperStillOpensTheOldAndAMissingOneSaysNothing() {
        ActivityEntry entry = entry();
        chain.seal(entry);
        Head head = chain.link(Head.beginning(), 1, entry);
        var seal = chain.seal(entry.organizationId, head);

        Chain rotated = chain("p2:" + base64(P2) + ",p1:" + base64(P1));
        assertThat(rotated.flaw(Head.beginning(), entry)).isNull();
        assertThat(rotated.flaw(entry.organizationId, head, seal)).isNull();
        ActivityEntry next = entry();
        rotated.seal(next);
        rotated.link(head, 2, next);
        assertThat(next.sealKeyId).isEqualTo("p2");
        assertThat(rotated.flaw(head, next)).isNull();

        Chain retired = chain("p2:" + base64(P2));
        assertThat(retired.flaw(Head.beginning(), entry)).isEqualTo(Flaw.UNKNOWN_KEY);
        assertThat(retired.flaw(entry.organizationId, head, seal)).isEqualTo(Flaw.UNKNOWN_KEY);
    }

    @Test
    void aLinkHoldsInItsPlaceOnly() {
        ActivityEntry entry = entry();
        chain.seal(entry);
        Head head = chain.link(Head.beginning(), 1, entry);
        entry.position = 2L;
        assertThat(chain.flaw(head, entry)).isEqualTo(Flaw.OUT_OF_PLACE);
        assertThat(chain.flaw(new Head(5, head.link()), entry)).isEqualTo(Flaw.MISSING);
        assertThat(chain.flaw(UUID.randomUUID(), head, chain.seal(entry.organizationId, head))).isEqualTo(Flaw.HEAD_ALTERED);
    }

    private static ActivityEntry entry() {
        ActivityEntry entry = new ActivityEntry();
        entry.id = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
        entry.organizationId = UUID.fromString("01890a5d-ac96-7000-8c11-0f1e2d3c4b5a");
        entry.at = Instant.parse("2026-11-22T09:30:00.123456Z");
        entry.actorType = "person";
        entry.actorId = "sub-1";
        entry.actorName = "ana";
        entry.action = "key.revoked";
        entry.targetType = "key";
        entry.targetId = UUID.fromString("01890a5d-ac96-7c3e-a1f0-2b6d9e8c7a54");
        entry.targetName = "Ñandú ✓";
        entry.changes = "{\"name\":{\"before\":\"a\",\"after\":\"b\"}}";
        entry.requestId = "req-1";
        return entry;
    }

    private static byte[] encodedAsDocumented(ActivityEntry entry) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(1);
            id(out, entry.id);
            id(out, entry.organizationId);
            out.writeLong(entry.at.getEpochSecond());
            out.writeInt(entry.at.getNano());
            for (String text : new String[] { entry.actorType, entry.actorId, entry.actorName, entry.action,
                    entry.targetType }) {
                text(out, text);
            }
            id(out, entry.targetId);
            for (String text : new String[] { entry.targetName, entry.changes, entry.ip, entry.requestId }) {
                text(out, text);
            }
        }
        return bytes.toByteArray();
    }

    private static void id(DataOutputStream out, UUID id) throws IOException {
        out.writeLong(id.getMostSignificantBits());
        out.writeLong(id.getLeastSignificantBits());
    }

    private static void text(DataOutputStream out, @Nullable String text) throws IOException {
        if (text == null) {
            out.writeInt(-1);
        } else {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            out.writeInt(utf8.length);
            out.write(utf8);
        }
    }

    private static byte[] hmac(byte[] key, String label, byte[] message) throws GeneralSecurityException {
        var mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new javax.crypto.spec.SecretKeySpec(key, "x"));
        mac.update(label.getBytes(StandardCharsets.US_ASCII));
        return mac.doFinal(message);
    }

    private static Chain chain(String peppers) {
        return new Chain(new Peppers(KeyRing.parse("LATCHKEY_PEPPER", peppers)));
    }

    private static String base64(byte[] key) {
        return Base64.getEncoder().encodeToString(key);
    }
}
