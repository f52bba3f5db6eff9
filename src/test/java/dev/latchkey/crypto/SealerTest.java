package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import dev.latchkey.crypto.Sealer.Place;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class SealerTest {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] SECRET = "sk_live_secret".getBytes(StandardCharsets.UTF_8);
    private static final UUID ORGANIZATION = UUID.randomUUID();
    private static final UUID ROW = UUID.randomUUID();
    private static final Place PLACE = new Place(ORGANIZATION, ROW, "credential.secret", 3);

    private final String one = key("m1");
    private final Sealer sealer = sealer(one);

    @Test
    void whatIsSealedOpensWhereItBelongs() {
        byte[] sealed = sealer.seal(SECRET, PLACE);

        assertThat(sealer.open(sealed, PLACE)).isEqualTo(SECRET);
        assertThat(sealer.open(sealer.seal(new byte[0], PLACE), PLACE)).isEmpty();
        assertThat(sealer.seal(SECRET, PLACE)).as("a new nonce each time").isNotEqualTo(sealed);
    }

    @Test
    void theLayoutIsTheDocumentedOne() {
        byte[] sealed = sealer.seal(SECRET, PLACE);

        assertThat(sealed).hasSize(2 + 2 + 12 + SECRET.length + 16).startsWith(1, 2, 'm', '1');
    }

    @Test
    void whatIsMovedElsewhereDoesNotOpen() {
        byte[] sealed = sealer.seal(SECRET, PLACE);

        for (Place elsewhere : new Place[] { new Place(UUID.randomUUID(), ROW, "credential.secret", 3),
                new Place(ORGANIZATION, UUID.randomUUID(), "credential.secret", 3),
                new Place(ROW, ORGANIZATION, "credential.secret", 3), new Place(ORGANIZATION, ROW, "credential.secret2", 3),
                new Place(ORGANIZATION, ROW, "", 3), new Place(ORGANIZATION, ROW, "credential.secret", 2) }) {
            assertThatThrownBy(() -> sealer.open(sealed, elsewhere)).as(elsewhere.toString())
                    .isInstanceOf(SealBrokenException.class);
        }
    }

    @Test
    void everyFlippedByteAndEveryCutIsNoticed() {
        byte[] sealed = sealer.seal(SECRET, PLACE);

        for (int i = 0; i < sealed.length; i++) {
            byte[] flipped = sealed.clone();
            flipped[i] ^= 0x40;
            assertThatThrownBy(() -> sealer.open(flipped, PLACE)).as("byte " + i).isInstanceOf(SealBrokenException.class);
            byte[] cut = Arrays.copyOf(sealed, i);
            assertThatThrownBy(() -> sealer.open(cut, PLACE)).as("cut at " + i).isInstanceOf(SealBrokenException.class);
        }
    }

    @Test
    void aKeyOpensWhatItSealedAsLongAsItIsInTheRing() {
        byte[] sealed = sealer.seal(SECRET, PLACE);
        String two = key("m2");

        assertThat(sealer(two + "," + one).open(sealed, PLACE)).isEqualTo(SECRET);
        assertThat(sealer(two + "," + one).seal(SECRET, PLACE)).as("the first one seals").startsWith(1, 2, 'm', '2');
        assertThatThrownBy(() -> sealer(two).open(sealed, PLACE)).isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> sealer(key("m1")).open(sealed, PLACE)).as("another key of that name")
                .isInstanceOf(SealBrokenException.class);
    }

    @Test
    void whatIsSealedWithASecretTakesMasterKeyAndSecretToOpen() {
        Sealer.Secret secret = secret("a");
        byte[] sealed = sealer.seal(SECRET, PLACE, secret);

        assertThat(sealer.open(sealed, PLACE, secret)).isEqualTo(SECRET);
        assertThat(sealer(key("m2") + "," + one).open(sealed, PLACE, secret)).as("after a rotation").isEqualTo(SECRET);
        assertThat(sealed).startsWith(2, 2, 'm', '1');
        assertThat(secret.toString()).doesNotContain("a");
        for (Sealer.Secret other : List.of(secret("b"), secret(""), new Sealer.Secret("other", secret.bytes()))) {
            assertThatThrownBy(() -> sealer.open(sealed, PLACE, other)).isInstanceOf(SealBrokenException.class);
        }
        assertThatThrownBy(() -> sealer.open(sealed, PLACE)).isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> sealer.open(sealer.seal(SECRET, PLACE), PLACE, secret))
                .isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> sealer(key("m1")).open(sealed, PLACE, secret)).isInstanceOf(SealBrokenException.class);
        byte[] relabelled = sealed.clone();
        relabelled[0] = 1;
        assertThatThrownBy(() -> sealer.open(relabelled, PLACE)).isInstanceOf(SealBrokenException.class);
    }

    @Test
    void whatADataKeySealsNoOtherKeyOpens() {
        UUID id = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
        DataKey key = dataKey(id);
        byte[] sealed = key.seal(SECRET, PLACE);

        assertThat(key.open(sealed, PLACE)).isEqualTo(SECRET);
        assertThat(sealed).hasSize(2 + 16 + 12 + SECRET.length + 16).startsWith(3, 16, 0x01, 0x89, 0x0a, 0x5d);
        assertThat(key.toString()).contains(id.toString());
        assertThatThrownBy(() -> key.open(sealed, new Place(ORGANIZATION, ROW, "credential.secret", 4)))
                .isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> dataKey(UUID.randomUUID()).open(sealed, PLACE)).isInstanceOf(SealBrokenException.class)
                .hasMessageContaining("another data key");
        assertThatThrownBy(() -> dataKey(id).open(sealed, PLACE)).as("another key of that id")
                .isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> sealer.open(sealed, PLACE)).isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> key.open(sealer.seal(SECRET, PLACE), PLACE)).isInstanceOf(SealBrokenException.class);
    }

    private DataKey dataKey(UUID id) {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return new DataKey(id, ORGANIZATION, new SecretKeySpec(bytes, "AES"), sealer);
    }

    /** HKDF-Expand of one block, as another implementation would write it. */
    @Test
    void theDerivedKeyIsTheDocumentedOne() throws Exception {
        String master = "yg3yyVqhRMHQ/y/zyPln/cHenvDEEgs3JkFnAbUZ1hk=";
        byte[] sealed = sealer("m1:" + master).seal(SECRET, PLACE, secret("k"));
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(master), "x"));
        byte[] derived = mac.doFinal("latchkey/test\0k\1".getBytes(StandardCharsets.US_ASCII));

        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(derived, "AES"),
                new GCMParameterSpec(128, sealed, 4, 12));
        cipher.updateAAD(sealed, 0, 4);
        cipher.updateAAD(PLACE.bytes());
        assertThat(cipher.doFinal(sealed, 16, sealed.length - 16)).isEqualTo(SECRET);
    }

    @Test
    void operatorsSeeHowMuchIsSealedAndWhatDoesNotOpen() {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        Sealer counted = new Sealer(KeyRing.parse("LATCHKEY_MASTER_KEY", one), RANDOM, metrics);

        byte[] sealed = counted.seal(SECRET, PLACE);
        counted.open(sealed, PLACE);
        counted.open(sealed, PLACE);
        assertThatThrownBy(() -> counted.open(sealed, PLACE, secret("another"))).isInstanceOf(SealBrokenException.class);
        sealed[sealed.length - 1]++;
        assertThatThrownBy(() -> counted.open(sealed, PLACE)).isInstanceOf(SealBrokenException.class);

        assertThat(operations(metrics, "seal", "done")).isEqualTo(1);
        assertThat(operations(metrics, "open", "done")).isEqualTo(2);
        assertThat(operations(metrics, "open", "broken")).isEqualTo(2);
    }

    private static double operations(SimpleMeterRegistry metrics, String operation, String result) {
        return metrics.get("latchkey.sealing").tags("operation", operation, "result", result).counter().count();
    }

    private static Sealer.Secret secret(String text) {
        return new Sealer.Secret("test", text.getBytes(StandardCharsets.US_ASCII));
    }

    static Sealer sealer(String setting) {
        return new Sealer(KeyRing.parse("LATCHKEY_MASTER_KEY", setting), RANDOM);
    }

    static String key(String id) {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return id + ":" + Base64.getEncoder().encodeToString(bytes);
    }
}
