package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import dev.latchkey.crypto.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskTest {

    /** As it is, as RFC 3986 and forms have it, as others do, and whichever of its characters somebody found odd. */
    @ParameterizedTest
    @ValueSource(strings = { "a*b~c d/e+f", "a%2Ab~c%20d%2Fe%2Bf", "a*b%7Ec+d%2Fe%2Bf", "a%2ab%7ec%20d%2fe%2bf",
            "a*b~c%20d/e%2Bf", "%61*b~c%20d/e+f" })
    void noSpellingOfASecretIsLeft(String spelled) {
        Mask mask = Mask.of(List.of(Secret.of("a*b~c d/e+f")));

        assertThat(mask.over("https://p.example/x?k=" + spelled + "&page=2")).isEqualTo("https://p.example/x?k=***&page=2");
    }

    @Test
    void aSecretThatLooksLikeAnEscapeIsFoundToo() {
        Mask mask = Mask.of(List.of(Secret.of("50%25off")));

        assertThat(mask.over("50%25off, 50%2525off")).isEqualTo("***, ***");
    }

    @Test
    void theLongerOneIsCoveredAsAWhole() {
        assertThat(Mask.of(List.of(Secret.of("abcdef"), Secret.of("abcdefghi"))).over("x=abcdefghi")).isEqualTo("x=***");
    }

    @Test
    void otherTextStaysAsItIs() {
        Mask mask = Mask.of(List.of(Secret.of("secret-1"), Secret.of("short")));

        assertThat(mask.over("short 100% of secret-2+%zz%2&x;\\u00\\")).isEqualTo("short 100% of secret-2+%zz%2&x;\\u00\\");
    }
}
