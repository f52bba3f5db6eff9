package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of where a token was found holds no token. */
class LeakPlaceTest {

    private static final String TOKEN = "acme_a/b+c%4Xyz0123456789";
    private static final String OTHER = "sk_live_Zq81LmNc72TyUu";
    private static final List<String> TOKENS = List.of(TOKEN, OTHER);

    @ParameterizedTest
    @ValueSource(strings = { "https://code.example/acme/scripts/blob/12345600b9cbe38a219f39a9941c9319b600c002/sync.sh#L12",
            "http://paste.example:8080/raw?id=17&lines=1%202", "https://code.example", "https://[2001:db8::1]/x" })
    void anOrdinaryAddressStaysAsItIs(String url) {
        assertThat(LeakPlace.of("content", url, TOKENS)).isEqualTo(new LeakPlace("content", url));
    }

    @ParameterizedTest
    @ValueSource(strings = { "https://logs.example/x?key=sk_live_Zq81LmNc72TyUu",
            "https://logs.example/sk_live_Zq81LmNc72TyUu/x",
            "https://logs.example/x#sk_live_Zq81LmNc72TyUu", "https://logs.example/?q=SK_LIVE_ZQ81LMNC72TYUU",
            "https://logs.example/?q=%73k_live_Zq81LmNc72TyU%75", "https://logs.example/?q=%2573k_live_Zq81LmNc72TyU%2575",
            "https://logs.example/?q=acme_a%2Fb%2Bc%254Xyz0123456789", "https://logs.example/?q=Zq81LmNc72TyUu",
            "https://logs.example/?q=%25252525252525252573" })
    void anAddressThatHoldsATokenOfTheReportIsCutAtItsHost(String url) {
        assertThat(LeakPlace.of(null, url, TOKENS).url()).isEqualTo("https://logs.example/***");
    }

    @ParameterizedTest
    @CsvSource({ "https://ana:hunter22@code.example/x, https://code.example/x",
            "https://a.example/lk_live_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFo/x, https://a.example/***/x" })
    void whatElseIsSecretInAnAddressGoes(String url, String kept) {
        assertThat(LeakPlace.of(null, url, TOKENS).url()).isEqualTo(kept);
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "not an address", "ftp://code.example/x", "javascript:alert(1)", "//code.example/x",
            "https:///x",
            "https://code.example/%zz", "https://sk_live_Zq81LmNc72TyUu.example/", "file:///etc/passwd" })
    void whatIsNoAddressOfTheWebIsNotKept(String url) {
        assertThat(LeakPlace.of(null, url, TOKENS).url()).isNull();
    }

    @Test
    void aSourceThatHoldsATokenIsHidden() {
        assertThat(LeakPlace.of("found " + OTHER, null, TOKENS)).isEqualTo(new LeakPlace("***", null));
        assertThat(LeakPlace.of("commit", null, TOKENS)).isEqualTo(new LeakPlace("commit", null));
    }
}
