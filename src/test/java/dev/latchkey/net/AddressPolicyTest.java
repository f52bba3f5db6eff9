package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.Random;

import dev.latchkey.net.AddressPolicy.Standing;
import dev.latchkey.net.EgressAllow.Entry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPolicyTest {

    private static final int DRAWS = 200_000;

    /** No list that is read opens as much. */
    private static final AddressPolicy EVERYTHING = new AddressPolicy(new EgressAllow(
            List.of(new Entry("host.example", null, 0), new Entry(null, new Cidr(at("0.0.0.0"), 0), 0),
                    new Entry(null, new Cidr(at("::"), 0), 0))));

    @ParameterizedTest
    @ValueSource(strings = { "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
            "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
            "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0",
            "223.255.255.255", "168.63.129.15", "2001:200::1", "2003::1", "2400:cb00::1", "2606:4700::1111",
            "2a00:1450:4001::200e", "3ffe::1", "3fff:1000::1", "::ffff:8.8.8.8" })
    void publicAddressesAreDialledForEveryone(String address) {
        assertThat(AddressPolicy.standing(at(address))).isEqualTo(Standing.PUBLIC);
    }

    @ParameterizedTest
    @ValueSource(strings = { "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255",
            "172.16.0.0", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1",
            "192.168.0.0", "192.168.255.255", "192.175.48.1", "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1",
            "240.0.0.1", "255.255.255.254", "::1", "::2:0:0:1", "64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1", "100::1", "2001::1",
            "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff::1", "2001:db8::1", "2002:808:808::1", "2002:a00:1::1",
            "2620:4f:8000::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1", "fd00::1", "fdff::1", "fec0::1",
            "::8.8.8.8", "::ffff:0:8.8.8.8", "::ffff:10.0.0.1", "2a00::5efe:8.8.8.8", "2a00::200:5efe:10.0.0.1" })
    void reservedAddressesAreTheOperatorsToOpen(String address) {
        assertThat(AddressPolicy.standing(at(address))).isEqualTo(Standing.RESERVED);
        assertThat(policy().permits(to("https://host.example"), at(address))).isFalse();
        assertThat(EVERYTHING.permits(to("https://host.example"), at(address))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({ "0.0.0.0", "0.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255",
            "100.100.100.200", "168.63.129.16", "192.0.0.192", "224.0.0.1", "239.255.255.255", "255.255.255.255", "::",
            "64:ff9b:1::1", "64:ff9b:1:a9fe:a9:fe00::", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42",
            "fd00:c1::a9fe:a9fe", "fd00:100::100:200", "fd00:a9fe:a9fe::1", "fe80::1",
            "febf::1", "fe80::a9fe:a9fe", "ff02::1", "ff0e::1", "::ffff:169.254.169.254", "::169.254.169.254",
            "::ffff:0:169.254.169.254", "64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b::0.0.0.0",
            "2002:a9fe:a9fe::1", "2002:a9fe:a9fe:ffff:ffff:ffff:ffff:ffff", "2001:0:1:2:3:4:5601:5601",
            "2a00::5efe:169.254.169.254", "fd12::200:5efe:169.254.169.254" })
    void metadataAndLinkLocalAddressesStayClosedWhateverTheListSays(String address) {
        var all = EVERYTHING;

        assertThat(AddressPolicy.standing(at(address))).isEqualTo(Standing.NEVER);
        assertThat(all.permits(to("https://host.example"), at(address))).isFalse();
        assertThat(all.permits(to("http://host.example"), at(address))).isFalse();
    }

    @Test
    void plainHttpGoesOnlyToWhatTheListNames() {
        var address = at("93.184.215.14");

        assertThat(policy().permits(to("http://host.example"), address)).isFalse();
        assertThat(policy().permits(to("https://host.example"), address)).isTrue();
        assertThat(policy("host.example").permits(to("http://host.example"), address)).isTrue();
        assertThat(policy("host.example:80").permits(to("http://host.example"), address)).isTrue();
        assertThat(policy("host.example:80").permits(to("http://host.example:8080"), address)).isFalse();
        assertThat(policy("93.184.0.0/16").permits(to("http://host.example"), address)).isTrue();
        assertThat(policy("other.example").permits(to("http://host.example"), address)).isFalse();
    }

    @Test
    void aPortOfTheListIsThatPortAlone() {
        var list = policy("10.1.0.0/16:8443", "[fd12::/64]:443");

        assertThat(list.permits(to("https://erp.example:8443"), at("10.1.2.3"))).isTrue();
        assertThat(list.permits(to("https://erp.example"), at("10.1.2.3"))).isFalse();
        assertThat(list.permits(to("https://erp.example:8443"), at("10.2.0.1"))).isFalse();
        assertThat(list.permits(to("https://erp.example"), at("fd12::7"))).isTrue();
        assertThat(list.permits(to("https://erp.example:8443"), at("fd12::7"))).isFalse();
    }

    /** Clusters with DNS64 reach all of IPv4 by one network of the list, and not what is inside with it. */
    @Test
    void whoOpensATranslatorDoesNotOpenWhatIsBehindIt() {
        var dns64 = policy("64:ff9b::/96");

        assertThat(dns64.permits(to("https://host.example"), at("64:ff9b::8.8.8.8"))).isTrue();
        assertThat(dns64.permits(to("http://host.example"), at("64:ff9b::8.8.8.8"))).isFalse();
        assertThat(dns64.permits(to("https://host.example"), at("64:ff9b::10.0.0.1"))).isFalse();
        assertThat(dns64.permits(to("https://host.example"), at("64:ff9b::169.254.169.254"))).isFalse();
        assertThat(policy().permits(to("https://host.example"), at("64:ff9b::8.8.8.8"))).isFalse();

        var inside = policy("64:ff9b::/96", "10.0.0.0/8:8443");
        assertThat(inside.permits(to("https://host.example:8443"), at("64:ff9b::10.0.0.1"))).isTrue();
        assertThat(inside.permits(to("https://host.example"), at("64:ff9b::10.0.0.1"))).isFalse();
        assertThat(policy("10.0.0.0/8").permits(to("https://host.example"), at("64:ff9b::10.0.0.1"))).isFalse();
    }

    @Test
    void aDisguisedAddressIsNeverDialled() {
        var all = EVERYTHING;

        assertThat(all.permits(to("https://[::ffff:127.0.0.1]"), at("127.0.0.1"))).isFalse();
        assertThat(all.permits(to("https://[::ffff:8.8.8.8]"), at("8.8.8.8"))).isFalse();
        assertThat(all.permits(to("https://[fd00::1%25eth0]"), at("fd00::1"))).isFalse();
        assertThat(all.permits(to("https://0x7f.1"), at("127.0.0.1"))).isTrue();
    }

    /** What a stack would deliver to an IPv4 address is judged no better than that address. */
    @Test
    void noWrappingMakesAnAddressBetter() {
        var random = new Random(7);
        for (var i = 0; i < DRAWS; i++) {
            var bits = random.nextInt();
            var plain = IpAddress.ofIpv4(bits);
            var low = bits & 0xffff_ffffL;
            for (var wrapped : List.of(new IpAddress(0x0064_ff9bL << 32, low), new IpAddress(0, low | 1L << 32),
                    new IpAddress(0x2002L << 48 | low << 16, random.nextLong()),
                    new IpAddress(0x2a00L << 48, 0x5efeL << 32 | low),
                    new IpAddress(0x2001_0000L << 32 | random.nextInt(), ~low),
                    new IpAddress(0, 0xffff_0000_0000_0000L | low))) {
                assertThat(AddressPolicy.standing(wrapped)).as("%s in %s", plain, wrapped).isNotEqualTo(Standing.PUBLIC);
                if (wrapped.low() >>> 32 != 1 && AddressPolicy.standing(plain) == Standing.NEVER) {
                    assertThat(AddressPolicy.standing(wrapped)).as("%s in %s", plain, wrapped).isEqualTo(Standing.NEVER);
                }
            }
        }
    }

    private static AddressPolicy policy(String... allow) {
        assertThat(EgressAllow.parse(List.of(allow))).isInstanceOf(EgressAllow.Valid.class);
        return new AddressPolicy(((EgressAllow.Valid) EgressAllow.parse(List.of(allow))).allow());
    }

    private static IpAddress at(String text) {
        return Objects.requireNonNull(IpAddress.parse(text), text);
    }

    private static Destination to(String url) {
        return Objects.requireNonNull(Destination.parse(url).orNull(), url);
    }
}
