package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTokenTest {

    private static final SecureRandom RANDOM = new SecureRandom();

    @Test
    void whatIsGeneratedParses() {
        for (String prefix : new String[] { "lk", "a", "acme_shop", "a23456789012345_" }) {
            KeyToken token = KeyToken.generate(prefix, "live", RANDOM);

            assertThat(token.text()).matches(prefix + "_live_[0-9A-Za-z]{38}");
            assertThat(KeyToken.parse(token.text())).isEqualTo(token);
        }
    }

    @Test
    void theChecksumIsTheCrc32OfEveryByteBeforeItInBase62() {
        String body = "lk_live_" + "0".repeat(32);
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        StringBuilder expected = new StringBuilder();
        for (long rest = crc.getValue(); rest > 0; rest /= 62) {
            expected.insert(0, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".charAt((int) (rest % 62)));
        }

        assertThat(KeyToken.parse(body + "0".repeat(6 - expected.length()) + expected)).isNotNull();
    }

    @Test
    void everyChangedCharacterIsNoticed() {
        String token = KeyToken.generate("lk", "test", RANDOM).text();
        for (int i = 0; i < token.length(); i++) {
            char other = token.charAt(i) == 'x' ? 'y' : 'x';
            assertThat(KeyToken.parse(token.substring(0, i) + other + token.substring(i + 1))).as("character " + i).isNull();
        }
        for (int i = 0; i < token.length(); i++) {
            assertThat(KeyToken.parse(token.substring(0, i))).as("cut at " + i).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "_", "lk", "lk_live_", "live_x", "LK_live_00000000000000000000000000000000000000",
            "lk_prod_00000000000000000000000000000000000000", "lk_live_0000000000000000000000000000000000000ñ",
            "lk_live_0000000000000000 000000000000000000000" })
    void whatNeverWasATokenIsTurnedAway(String text) {
        assertThat(KeyToken.parse(text)).isNull();
    }

    @Test
    void tokensAreNeverPrintedAndNeverRepeat() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            KeyToken token = KeyToken.generate("lk", "live", RANDOM);
            assertThat(token.toString()).isEqualTo(token.text().substring(0, 12) + "***");
            assertThat(seen.add(token.text())).isTrue();
        }
    }

    @Test
    void anOverlongTextIsTurnedAwayUnread() {
        assertThat(KeyToken.parse("lk_live_" + "0".repeat(100_000))).isNull();
    }
}
