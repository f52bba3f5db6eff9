package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.proxy.ProxyTarget.Invalid;
import dev.latchkey.proxy.ProxyTarget.Valid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyTargetTest {

    private static final String ID = "01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42";
    private static final String ROOT = "/api/v1/proxy/" + ID;

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = { "/api /orders /api/orders", "/api/ /orders /api/orders", "/ /orders /orders",
            "/api /orders/ /api/orders/", "/api / /api/", "/ / /", "/a/b /c?d=e&f /a/b/c?d=e&f", "/ /?a=1 /?a=1",
            "/ /orders? /orders?", "/ /a%20b /a%20b", "/ /group%2Fproject /group%2Fproject",
            "/ /v1.0/.well-known /v1.0/.well-known",
            "/ /...a /...a", "/ /a:b@c;d=e /a:b@c;d=e", "/ /100%25 /100%25", "/ /caf%C3%A9 /caf%C3%A9",
            "/ /%E0%A4%85%F0%9F%91%95 /%E0%A4%85%F0%9F%91%95",
            "/ /x?next=http://other.example/../y /x?next=http://other.example/../y", "/ /x?a[]=1&a[]=2 /x?a[]=1&a[]=2" })
    void whatIsAskedLiesBelowTheBaseAsItWasWritten(String base, String asked, String sent) {
        assertThat(ProxyTarget.parse(ROOT + asked)).isInstanceOfSatisfying(Valid.class, valid -> {
            assertThat(valid.credential()).isEqualTo(ID);
            assertThat(valid.target().below(base)).isEqualTo(sent);
        });
    }

    @Test
    void nothingBehindTheIdIsTheBaseItself() {
        assertThat(ProxyTarget.parse(ROOT)).isInstanceOfSatisfying(Valid.class, valid -> {
            assertThat(valid.target().below("/api")).isEqualTo("/api");
            assertThat(valid.target().below("/")).isEqualTo("/");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = { "/..", "/../x", "/a/../../x", "/a/..", "/.", "/./x", "/%2e%2e/x", "/%2E%2e/x", "/.%2e/x",
            "/%252e%252e/x",
            "/%25252e%25252e/x", "/a%2f..%2f..%2fx", "/a/..%2fx", "/..%5cx", "/a%5c..%5cx", "/..;/x", "/..;a=b/x",
            "/%2e%2e%3b/x",
            "/a/..%20/x", "//evil.example/x", "/a//b", "/%2f%2fevil.example", "/%2fevil.example", "/%5cevil.example",
            "/%5c%5cevil.example", "/a%00b", "/a%0d%0aX: y", "/a%250d%250ab", "/a%09b", "/a%7fb", "/%c0%ae%c0%ae/x", "/%c0%af",
            "/%e0%80%ae%e0%80%ae/x", "/%e0%80%af", "/%f0%80%80%ae%f0%80%80%ae/x", "/%f0%80%80%af", "/%25e0%2580%25ae/x",
            "/%2525252525252541", "/a#b", "/a\\..\\b", "/a b", "/a\u00e9", "/a\"b", "/<a>", "/a?b#c", "/a?b c", "/a?b\u00e9" })
    void whatClimbsOrCouldBeReadAsAnotherHostIsNotSentOn(String asked) {
        assertThat(ProxyTarget.parse(ROOT + asked)).isInstanceOf(Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(strings = { "http://evil.example/api/v1/proxy/" + ID + "/x", "//evil.example/api/v1/proxy/" + ID,
            "/api/v1/proxy",
            "/api/v1/proxy/", "/api/v1/proxy/x/y", "/api/v1/Proxy/" + ID, "/api/v1/%70roxy/" + ID,
            "/api/v1/keys/../proxy/" + ID,
            "*", "evil.example:443", "" })
    void whatIsNotWrittenLikeTheProxysOwnAddressIsNotSentOn(String target) {
        assertThat(ProxyTarget.parse(target)).isInstanceOf(Invalid.class);
    }
}
