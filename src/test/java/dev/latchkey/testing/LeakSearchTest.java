package dev.latchkey.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.Test;

/** A search that finds nothing anywhere would be worth nothing: it finds what is there, in every form. */
class LeakSearchTest {

    private static final String KEY = "lk_live_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFo";

    @Test
    void aSecretIsFoundInEveryForm() throws Exception {
        byte[] bytes = KEY.getBytes(StandardCharsets.UTF_8);
        LeakSearch search = new LeakSearch(List.of(KEY));

        for (String form : List.of(KEY, HexFormat.of().formatHex(bytes), Base64.getEncoder().encodeToString(bytes),
                Base64.getUrlEncoder().withoutPadding().encodeToString(bytes),
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))) {
            assertThat(search.hits("x", form)).as(form).hasSize(1);
            assertThat(search.hits("x", "before " + form + " after")).as(form).hasSize(1)
                    .allMatch(told -> told.contains("before") && !told.contains(form));
        }
    }

    @Test
    void aKeyOfTheRingIsFoundAsBytes() {
        String setting = TestDatabase.randomKey("m1", new SecureRandom());
        byte[] key = Base64.getDecoder().decode(setting.substring(3));
        LeakSearch search = new LeakSearch(List.of(setting));

        assertThat(search.hits("x", "\\x" + HexFormat.of().formatHex(key))).hasSize(1);
        assertThat(search.hits("x", "key=" + setting.substring(3))).isNotEmpty();
    }

    @Test
    void whatIsOnlyAlikeIsNoHit() {
        LeakSearch search = new LeakSearch(List.of(KEY));

        assertThat(search.hits("x", KEY.substring(0, 12) + " " + KEY.substring(1) + " " + "y".repeat(1_000))).isEmpty();
        assertThat(search.hits("x", "")).isEmpty();
    }

    @Test
    void keysAndTokensAreNoticedInTexts() {
        Planted.addFrom("{\"key\":\"" + KEY + "\"} eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl");

        assertThat(Planted.secrets()).contains(KEY, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl");
    }
}
