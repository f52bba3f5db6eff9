package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "nothing | expected id:base64", "'' | expected id:base64",
            "a:AAAA | expected 32 bytes, got 3",
            "a:!!!! | not base64", "a b:AAAA | the id must be", ":AAAA | the id must be" })
    void aMalformedSettingIsNamedAndNotQuoted(String text, String message) {
        assertThatThrownBy(() -> KeyRing.parse("LATCHKEY_PEPPER", text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("LATCHKEY_PEPPER, entry 1: ").hasMessageContaining(message)
                .hasMessageNotContaining("AAAA");
    }

    /** A filler, a byte that repeats, sequences, a passphrase, a key in hexadecimal. */
    @ParameterizedTest
    @ValueSource(strings = { "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "//////////////////////////////////////////8=",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AAIEBggKDA4QEhQWGBocHiAiJCYoKiwuMDI0Njg6PD4=",
            "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZSAhISE=", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" })
    void aKeyThatNobodyDrewByChanceIsRefused(String base64) {
        assertThatThrownBy(() -> KeyRing.parse("LATCHKEY_MASTER_KEY", "m1:" + base64))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("LATCHKEY_MASTER_KEY, entry 1: the key is not")
                .hasMessageNotContaining(base64);
    }

    @Test
    void theSameKeyIsFoundUnderAnotherName() {
        String key = SealerTest.key("a");
        KeyRing master = KeyRing.parse("X", SealerTest.key("b") + "," + key);

        assertThat(master.sharesKeyWith(KeyRing.parse("Y", "p1" + key.substring(1)))).isTrue();
        assertThat(master.sharesKeyWith(KeyRing.parse("Y", SealerTest.key("a")))).isFalse();
    }

    @Test
    void anIdStandsOnce() {
        String key = SealerTest.key("a");
        assertThatThrownBy(() -> KeyRing.parse("X", key + "," + key)).hasMessageContaining("entry 2")
                .hasMessageContaining("twice");
    }

    @Test
    void spacesAndTheNewlineOfAFileDoNotMatter() {
        KeyRing ring = KeyRing.parse("X", " " + SealerTest.key("a") + " ,\n " + SealerTest.key("b") + "\n");

        assertThat(ring.current().id()).isEqualTo("a");
        assertThat(ring.find("b")).isPresent();
    }

    @Test
    void aRingNeverPrintsItsKeys() {
        String key = SealerTest.key("a");

        assertThat(KeyRing.parse("X", key)).hasToString("KeyRing[a:***]");
        assertThat(KeyRing.parse("X", key).current().toString()).doesNotContain(key.substring(2));
    }
}
