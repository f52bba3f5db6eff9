package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationTest {

    @ParameterizedTest
    @CsvSource({ "https://api.example.com, https://api.example.com/",
            "HTTPS://API.Example.COM:443/v1?a=b, https://api.example.com/v1?a=b",
            "http://erp.example.com:80, http://erp.example.com/",
            "http://erp.example.com:8069/json/2, http://erp.example.com:8069/json/2",
            "https://api.example.com.:8443/x, https://api.example.com:8443/x",
            "https://api.example.com?q=1, https://api.example.com/?q=1",
            "https://tienda-ñandú.example/café?q=ñ, https://xn--tienda-and-z9a5i.example/caf%C3%A9?q=%C3%B1",
            "https://my_shop.example/, https://my_shop.example/",
            "https://[2606:4700:0::1111]:443/, https://[2606:4700::1111]/",
            "https://a.example/?q={\"x\"}|^`, https://a.example/?q=%7B%22x%22%7D%7C%5E%60",
            "https://a.example//x/../y%2f, https://a.example//x/../y%2f" })
    void aUrlHasOneSpelling(String text, String url) {
        assertThat(read(text).url()).isEqualTo(url);
    }

    @ParameterizedTest
    @CsvSource({ "127.0.0.1, 127.0.0.1", "2130706433, 127.0.0.1", "0x7f000001, 127.0.0.1", "0X7F.1, 127.0.0.1",
            "017700000001, 127.0.0.1", "0177.0.0.01, 127.0.0.1", "127.1, 127.0.0.1", "127.0.1, 127.0.0.1",
            "127.0.0.1., 127.0.0.1", "10.0.0.010, 10.0.0.8", "010.0.0.1, 8.0.0.1", "0, 0.0.0.0", "0x, 0.0.0.0",
            "4294967295, 255.255.255.255", "169.0xfea9fe, 169.254.169.254", "169.16689662, 169.254.169.254",
            "１２７.0.0.1, 127.0.0.1", "127。0。0。1, 127.0.0.1", "①②⑦.0.0.1, 127.0.0.1" })
    void whatAResolverWouldTakeForAnAddressIsOne(String host, String address) {
        var read = read("https://" + host + "/");

        assertThat(read.address()).hasToString(address);
        assertThat(read.host()).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource({ "[::1], ::1, false", "[0:0:0:0:0:0:0:1], ::1, false", "[::ffff:127.0.0.1], 127.0.0.1, true",
            "[::ffff:7f00:1], 127.0.0.1, true", "[0:0:0:0:0:ffff:8.8.8.8], 8.8.8.8, true", "[fe80::1%25eth0], fe80::1, true",
            "[fe80::1%eth0], fe80::1, true", "[64:ff9b::7f00:1], 64:ff9b::7f00:1, false" })
    void anIpv6AddressIsReadWithItsDisguise(String host, String address, boolean disguised) {
        var read = read("https://" + host + "/");

        assertThat(read.address()).hasToString(address);
        assertThat(read.disguised()).isEqualTo(disguised);
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "api.example.com", "//api.example.com", "ftp://a.example", "file:///etc/passwd",
            "gopher://a.example", "javascript:alert(1)", "https:/a.example", "https:a.example", "https://", "https:///path",
            "https://?q", "https://:443/", "https://user@a.example/", "https://user:pass@a.example/",
            "https://a.example@127.0.0.1/", "https://a.example:443@127.0.0.1/", "https://a.example/#top",
            "https://a.example#@127.0.0.1/", "https://a.example\\@127.0.0.1/", "https://a.example/\\x",
            "https://a.example /", " https://a.example", "https://a.example/\r\nHost: b", "https://a.example/\u0000",
            "https://a.example/\u0085", "https://a.example/a b", "https://a.example:0/", "https://a.example:65536/",
            "https://a.example:/", "https://a.example:-1/", "https://a.example:4 3/", "https://a.example:443:443/",
            "https://a.example:٤٤٣/", "https://[::1/", "https://::1/", "https://[127.0.0.1]/", "https://[]/",
            "https://[::1]x/", "https://[::1]:x/", "https://[::g]/", "https://1.2.3.4.5/", "https://256.1.1.1/",
            "https://1.2.3.256/", "https://08.1.1.1/", "https://1.2.3.0x100/", "https://4294967296/", "https://a.0x7f/",
            "https://a..example/", "https://.example/", "https://./", "https://../", "https://-a.example/",
            "https://a%2eexample/", "https://%31%32%37.0.0.1/", "https://a.example/%", "https://a.example/%2",
            "https://a.example/%zz", "https://a,b.example/", "https://a;b/", "https://a\u200d.example/",
            "https://stra\u00dfe.example/", "https://a.example/\ud800", "https://a\u00ad.example\u0000/",
            "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example/" })
    void whatIsNoDestinationSaysWhyAndRepeatsNothing(String text) {
        var parsed = Destination.parse(text);

        assertThat(parsed).as(text).isInstanceOf(Destination.Invalid.class);
        assertThat(((Destination.Invalid) parsed).message()).isNotBlank();
        assertThat(parsed.orNull()).isNull();
    }

    @Test
    void aUrlOfEndlessLengthIsNone() {
        assertThat(Destination.parse("https://a.example/" + "x".repeat(3000))).isInstanceOf(Destination.Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "x", "*", "http://b.example/", "/a b", "/a\r\nX: y", "/\u00e9", "/\u0000" })
    void anotherTargetIsAPathOfTheHostAndOneWord(String target) {
        assertThatThrownBy(() -> read("https://a.example").withTarget(target)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the target is no path");
    }

    @Test
    void neitherADestinationNorARequestPrintsASecret() {
        var read = read("https://a.example/v1?api_key=hunter2");
        var request = OutboundRequest.get(read, OutboundLimits.of(Duration.ofSeconds(1), 1));

        assertThat(read.toString()).isEqualTo("https://a.example/v1?***");
        assertThat(request.toString()).doesNotContain("hunter2");
        assertThat(new Header("Authorization", "hunter2")).hasToString("Authorization: ***");
    }

    private static Destination read(String text) {
        return Objects.requireNonNull(Destination.parse(text).orNull(), text);
    }
}
