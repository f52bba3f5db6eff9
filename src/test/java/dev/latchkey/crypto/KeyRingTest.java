package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
