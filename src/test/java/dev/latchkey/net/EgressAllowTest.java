package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressAllowTest {

    @ParameterizedTest
    @CsvSource({ "erp.example.com, erp.example.com, 1", "ERP.Example.com., erp.example.com, 443",
            "erp.example.com:8443, erp.example.com, 8443", "odoo, odoo, 8069", "ñandú.example, xn--and-6ma2c.example, 443" })
    void aHostIsNamedInAnySpelling(String entry, String host, int port) {
        assertThat(allow(entry).names(host, port)).isTrue();
        assertThat(allow(entry).names("x." + host, port)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({ "10.0.0.0/8, 10.9.8.7, 1", "10.1.2.3, 10.1.2.3, 1", "10.1.2.3:443, 10.1.2.3, 443",
            "10.0.0.0/8:8069, 10.9.8.7, 8069", "[::1], ::1, 1", "[::1]:80, ::1, 80", "fd12::/64, fd12::1, 1",
            "[fd12::/64]:443, fd12::1, 443" })
    void aNetworkContainsItsAddresses(String entry, String address, int port) {
        assertThat(allow(entry).contains(Objects.requireNonNull(IpAddress.parse(address)), port)).isTrue();
    }

    @Test
    void aPortExcludesTheOthers() {
        assertThat(allow("erp.example.com:8443").names("erp.example.com", 443)).isFalse();
        assertThat(allow("10.0.0.0/8:8069").contains(Objects.requireNonNull(IpAddress.parse("10.1.1.1")), 80)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = { "*.example.com", "*", "http://erp.example.com", "erp.example.com/path", "erp.example.com:",
            "erp.example.com:0", "erp.example.com:65536", "erp.example.com:x", "erp.example.com:443:1", "10.0.0.0/33", "10.0.0",
            "2130706433", "0x7f.1", "[::1", "::1]", "[::1]:", "[::1]x", "[10.0.0.1]", "[erp]", "fd12::/129", "a b", ":443",
            "user@erp.example.com", "169.254.0.0/16", "169.254.169.254:80", "fe80::/10", "[fd00:ec2::254]", "224.0.0.0/4",
            "0.0.0.0/0", "::/0", "8.0.0.0/6", "0.0.0.0/0:443" })
    void whatCannotBeMeantIsRefused(String entry) {
        var parsed = EgressAllow.parse(List.of("10.0.0.0/8", entry));

        assertThat(parsed).as(entry).isInstanceOf(EgressAllow.Invalid.class);
        assertThat(((EgressAllow.Invalid) parsed).index()).isEqualTo(1);
        assertThat(((EgressAllow.Invalid) parsed).message()).isNotBlank();
    }

    @Test
    void blanksAndEmptyEntriesDoNotMatter() {
        assertThat(EgressAllow.parse(List.of(" 10.0.0.0/8 ", "", " "))).isEqualTo(EgressAllow.parse(List.of("10.0.0.0/8")));
        assertThat(EgressAllow.parse(List.of(""))).isEqualTo(new EgressAllow.Valid(EgressAllow.none()));
    }

    private static EgressAllow allow(String entry) {
        assertThat(EgressAllow.parse(List.of(entry))).as(entry).isInstanceOf(EgressAllow.Valid.class);
        return ((EgressAllow.Valid) EgressAllow.parse(List.of(entry))).allow();
    }
}
