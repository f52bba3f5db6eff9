package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;

import org.junit.jupiter.api.Test;

class PeppersTest {

    private static final String PEPPER = "p1:9kVR/NbweCPLh5cc+5FEZCXaGChrOrHvk14MvXpp9oo=";

    @Test
    void theDigestIsTheDocumentedOne() throws Exception {
        byte[] sha = java.security.MessageDigest.getInstance("SHA-256").digest("lk_live_x".getBytes("US-ASCII"));
        var mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new javax.crypto.spec.SecretKeySpec(
                HexFormat.of().parseHex("f64551fcd6f07823cb87971cfb91446425da18286b3ab1ef935e0cbd7a69f68a"), "x"));

        Peppers peppers = peppers(PEPPER);

        assertThat(Peppers.fingerprint("lk_live_x")).isEqualTo(sha);
        assertThat(peppers.digest(sha).bytes()).isEqualTo(mac.doFinal(sha));
        assertThat(peppers.digest(sha).pepperId()).isEqualTo("p1");
    }

    @Test
    void whilePeppersRotateATokenIsLookedUpUnderAllOfThem() {
        Peppers peppers = peppers(SealerTest.key("p2") + "," + PEPPER);
        byte[] fingerprint = Peppers.fingerprint("x");

        assertThat(peppers.digests(fingerprint)).extracting(Peppers.Digest::pepperId).containsExactly("p2", "p1");
        assertThat(peppers.digest(fingerprint).pepperId()).as("new material").isEqualTo("p2");
        assertThat(peppers.digests(fingerprint).get(1).bytes()).isEqualTo(peppers(PEPPER).digest(fingerprint).bytes());
    }

    @Test
    void tagsOfDifferentPurposesDiffer() {
        assertThat(peppers(PEPPER).tag("a", new byte[] { 1 })).isNotEqualTo(peppers(PEPPER).tag("b", new byte[] { 1 }));
    }

    @Test
    void whilePeppersRotateATagIsKnownUnderAllOfThem() {
        byte[] message = { 1 };
        Peppers rotated = peppers(SealerTest.key("p2") + "," + PEPPER);

        assertThat(rotated.tags("a", message)).hasSize(2);
        assertThat(rotated.tags("a", message).get(0)).isEqualTo(rotated.tag("a", message));
        assertThat(rotated.tags("a", message).get(1)).isEqualTo(peppers(PEPPER).tag("a", message));
    }

    private static Peppers peppers(String setting) {
        return new Peppers(KeyRing.parse("LATCHKEY_PEPPER", setting));
    }
}
