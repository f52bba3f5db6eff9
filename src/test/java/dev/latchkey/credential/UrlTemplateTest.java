package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

import dev.latchkey.net.Destination;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlTemplateTest {

    private static final UrlTemplate TEMPLATE = template("https://{host}.example.com/v1/{segment}/orders?site={value}&all=1");
    /** What tries to be more than a value. */
    private static final String[] ATTACKS = { "evil.com/", "evil.com#", "evil.com?", "user@evil.com", "evil.com:443/", "a/b",
            "../admin", "..", ".", "%2e%2e", "%2F", "\\evil.com", "a\r\nHost: evil.com", "a b", "a\u0000", "a\tb",
            "x&admin=1", "x;y", "x=y", "x#y", "x?y", "//evil.com", "ａ.com", "é", "\u202e", "a%", "+", "{host}",
            "[::1]", "127.0.0.1/", "a..b", ".a", "a.", "-a", "" };

    private static UrlTemplate template(String text) {
        return Objects.requireNonNull(UrlTemplate.parse(text), text);
    }

    @Test
    void valuesStandInTheirPlaces() {
        assertThat(TEMPLATE.fill(Map.of("host", "shop", "segment", "a", "value", "b")))
                .isEqualTo("https://shop.example.com/v1/a/orders?site=b&all=1");
        assertThat(TEMPLATE.places()).containsExactly("host", "segment", "value");
    }

    @Test
    void whatHasAMeaningInAUrlLosesIt() {
        assertThat(TEMPLATE.fill(Map.of("host", "shop", "segment", "a/../b?c#d", "value", "1&all=0 é")))
                .isEqualTo("https://shop.example.com/v1/a%2F..%2Fb%3Fc%23d/orders?site=1%26all%3D0%20%C3%A9&all=1");
    }

    @Test
    void noValueLeavesItsPlace() {
        int filled = 0;
        for (String place : TEMPLATE.places()) {
            for (String attack : ATTACKS) {
                Map<String, String> values = new HashMap<>(Map.of("host", "shop", "segment", "a", "value", "b"));
                values.put(place, attack);
                String url = TEMPLATE.fill(values);
                if (url == null) {
                    continue;
                }
                filled++;
                Destination there = Objects.requireNonNull(Destination.parse(url).orNull(), url);
                assertThat(there.host()).as(url).endsWith(".example.com");
                assertThat(there.port()).isEqualTo(443);
                assertThat(there.target()).as(url).matches("/v1/[^/?#]+/orders\\?site=[^&;=#]+&all=1")
                        .doesNotContain("/../", "/./");
            }
        }
        assertThat(filled).isGreaterThan(ATTACKS.length);
    }

    @ParameterizedTest
    @ValueSource(strings = { "..", "." })
    void noSegmentLeadsUpwards(String segment) {
        assertThat(template("/v1/{a}/x").fill(Map.of("a", segment))).isNull();
        assertThat(template("https://example.com/{a}").fill(Map.of("a", segment))).isNull();
        assertThat(template("https://example.com/{a}{b}").fill(Map.of("a", ".", "b", "."))).isNull();
        assertThat(template("https://example.com/{a}?x={a}").fill(Map.of("a", "a" + segment))).isNotNull();
    }

    @Test
    void aValueThatIsNotThereIsNoValue() {
        assertThat(TEMPLATE.fill(Map.of("host", "shop", "segment", "a"))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = { "ftp://example.com", "example.com", "{scheme}://example.com", "https://", "https://{a",
            "https://example.com/a}", "https://example.com/{A}", "https://example.com/{}", "https://example.com/#{a}",
            "https://user@example.com/", "https://{a}@example.com/", "https://example.com/a b", "https://example.com:0/", "" })
    void whatIsNoTemplateIsRefused(String text) {
        assertThat(UrlTemplate.parse(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({ "api.example.com, api.example.com, true", "api.example.com, API.example.com, true",
            "api.example.com, x.api.example.com, false", "*.example.com, shop.example.com, true",
            "*.example.com, a.b.example.com, true", "*.example.com, example.com, false",
            "*.example.com, evilexample.com, false",
            "*.id.*.example.com, acme.id.eu10.example.com, true", "*.id.*.example.com, a.b.id.eu10.example.com, false",
            "*.id.*.example.com, id.eu10.example.com, false", "*.id.*.example.com, acme.apps.eu10.example.com, false",
            "id.*.example.com, id.eu10.example.com, true", "id.*.example.com, id.eu10.x.example.com, false",
            "*.example.com, shop.example.com.evil.com, false" })
    void aHostIsOneOrOneBelow(String pattern, String host, boolean matches) {
        assertThat(Objects.requireNonNull(HostPattern.parse(pattern)).matches(host)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({ "example.com, https://example.com, true", "example.com, https://example.com:443/x, true",
            "example.com, https://example.com:8443, false", "example.com, http://example.com, false",
            "example.com:8443, https://example.com:8443, true", "example.com:8443, https://example.com, false",
            "http://example.com, http://example.com, true", "http://example.com, https://example.com, false",
            "http://*.example.com:8069, http://erp.example.com:8069, true" })
    void aHostIsAdmittedByItsSchemeAndPort(String pattern, String url, boolean matches) {
        HostPattern parsed = Objects.requireNonNull(HostPattern.parse(pattern));
        assertThat(parsed.matches(Objects.requireNonNull(Destination.parse(url).orNull()))).isEqualTo(matches);
        assertThat(parsed).hasToString(pattern);
    }

    @ParameterizedTest
    @ValueSource(strings = { "*", "*.com*", "*.", "a.*.com", "*.*.example.com", "a.*.*.example.com",
            "example.com:0", "example.com:65536", "example.com:", "ftp://example.com", "com", "https://example.com",
            "example.com/", "Example.com", "" })
    void whatIsNoHostIsRefused(String text) {
        assertThat(HostPattern.parse(text)).isNull();
    }
}
