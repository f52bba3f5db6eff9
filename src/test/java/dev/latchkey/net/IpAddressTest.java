package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

    @ParameterizedTest
    @CsvSource({
            "203.0.113.7, 203.0.113.7",
            "0.0.0.0, 0.0.0.0",
            "255.255.255.255, 255.255.255.255",
            "::, ::",
            "::1, ::1",
            "1::, 1::",
            "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
            "2001:0db8::0001, 2001:db8::1",
            "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
            "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
            "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
            "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
            "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
            "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
            "::192.0.2.1, ::c000:201",
            "1:2:3:4:5:6:192.0.2.1, 1:2:3:4:5:6:c000:201",
            "::ffff:203.0.113.7, 203.0.113.7",
            "::FFFF:cb00:7107, 203.0.113.7",
            "0:0:0:0:0:ffff:127.0.0.1, 127.0.0.1",
    })
    void everySpellingOfAnAddressHasOneCanonicalForm(String text, String canonical) {
        assertThat(IpAddress.parse(text)).hasToString(canonical).isEqualTo(IpAddress.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(strings = { "", " ", "localhost", "example.org", "127.1", "2130706433", "0x7f.0.0.1", "010.0.0.1", "1.2.3.04",
            "1.2.3", "1.2.3.", ".1.2.3", "1.2.3.4.", "1.2.3.4.5", "256.0.0.1", "1.2.3.1000", "1..2.3", " 1.2.3.4", "1.2.3.4 ",
            "1.2.3.4\n", "1.2.3.4:80", "+1.2.3.4", "-1.2.3.4", "١.٢.٣.٤", ":", ":::", "1:", ":1", "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:",
            "1:2:3:4:5:6:7:8:9", "1::2::3", "::1::", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::", "fe80::1%eth0",
            "[::1]", "::1.2.3", "::1.2.3.4.5", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::256.1.1.1",
            "::ffff:01.2.3.4",
            "::a.1.1.1", "::-1" })
    void whatIsNoStrictLiteralIsNoAddress(String text) {
        assertThat(IpAddress.parse(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
            "203.0.113.7, 203.0.113.7",
            "' 203.0.113.7 ', 203.0.113.7",
            "203.0.113.7:443, 203.0.113.7",
            "2001:db8::1, 2001:db8::1",
            "[2001:db8::1], 2001:db8::1",
            "[2001:db8::1]:443, 2001:db8::1",
            "[::ffff:203.0.113.7]:0, 203.0.113.7",
            "2001:db8::1:443, 2001:db8::1:443",
    })
    void aForwardedEntryMayCarryBracketsAndAPort(String entry, String address) {
        assertThat(IpAddress.parseForwardedFor(entry)).hasToString(address);
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "unknown", "_hidden", "203.0.113.7:", "203.0.113.7:http", "203.0.113.7:65536",
            "203.0.113.7:-1",
            "203.0.113.7:000080", "[203.0.113.7]", "[2001:db8::1", "2001:db8::1]", "[2001:db8::1]443", "[2001:db8::1]:", "[]",
            "[",
            "[[::1]]", "\"[::1]\"", "203.0.113.7, 198.51.100.1", "example.org:80" })
    void aForwardedEntryThatNamesNoAddressIsNone(String entry) {
        assertThat(IpAddress.parseForwardedFor(entry)).isNull();
    }

    @Test
    void theWrittenFormIsReadBackAndAgreesWithTheJdk() throws UnknownHostException {
        var random = new Random(20261);
        for (var round = 0; round < 20_000; round++) {
            var address = new IpAddress(sparse(random), sparse(random));

            var written = address.toString();

            assertThat(IpAddress.parse(written)).isEqualTo(address);
            assertThat(IpAddress.of(InetAddress.getByName(written))).isEqualTo(address);
        }
    }

    /** Groups that are often zero, so that gaps of all widths occur. */
    private static long sparse(Random random) {
        var bits = 0L;
        for (var group = 0; group < 4; group++) {
            bits = bits << 16
                    | (random.nextInt(3) == 0 ? random.nextInt(0x10000) : random.nextInt(2) * 0xffffL * random.nextInt(2));
        }
        return bits;
    }
}
