package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.net.Destination;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectsTest {

    private static final String ROOT = "/api/v1/proxy/01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42";
    private static final Redirects OF_API = new Redirects(ROOT, to("https://erp.example/api/"),
            to("https://erp.example/api/stock/shirts?key=k"));

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = { "/api/orders/7 /orders/7", "https://erp.example/api/orders/7?a=b#c /orders/7?a=b#c",
            "https://ERP.example:443/api/x /x", "//erp.example/api/x /x", "?page=2 /stock/shirts?page=2", "hats /stock/hats",
            "../orders /orders", "/api /", "/api/group%2Fproject /group%2Fproject" })
    void whatLiesBelowTheBaseIsGivenByTheAddressOfTheProxy(String location, String below) {
        assertThat(OF_API.of(location)).isEqualTo(ROOT + (below.equals("/") ? "" : below));
    }

    @ParameterizedTest
    @ValueSource(strings = { "/login", "/apis/x", "../../login", "https://other.example/api/x", "http://erp.example/api/x",
            "https://erp.example:8443/api/x", "https://ana@erp.example/api/x", "//other.example/api/x", "mailto:a@b.example",
            "", "#there", "https://erp.example/api/a b", "/api/%2e%2e/x", "/api//x", "::", "/api/a|b" })
    void everythingElseStaysAsItIs(String location) {
        assertThat(OF_API.of(location)).isEqualTo(location);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = { "/x?page=2 /x?page=2", "http://erp.example/ /", "http://erp.example /" })
    void aBaseWithoutAPathHasEverythingOfItsHostBelowIt(String location, String below) {
        assertThat(new Redirects(ROOT, to("http://erp.example"), to("http://erp.example/a")).of(location))
                .isEqualTo(ROOT + below);
    }

    private static Destination to(String url) {
        return ((Destination.Valid) Destination.parse(url)).destination();
    }
}
