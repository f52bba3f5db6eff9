package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrTest {

    @ParameterizedTest
    @CsvSource({
            "203.0.113.0/24, 203.0.113.0/24",
            "203.0.113.7/24, 203.0.113.0/24",
            "203.0.113.7, 203.0.113.7/32",
            "10.255.255.255/9, 10.128.0.0/9",
            "1.2.3.4/0, 0.0.0.0/0",
            "1.2.3.5/31, 1.2.3.4/31",
            "2001:db8:1::1/32, 2001:db8::/32",
            "2001:DB8::1, 2001:db8::1/128",
            "2001:db8:ffff:ffff:ffff::/65, 2001:db8:ffff:ffff:8000::/65",
            "2001:db8:1:2:3::/64, 2001:db8:1:2::/64",
            "::/0, ::/0",
            "::ffff:203.0.113.7/120, 203.0.113.0/24",
            "::ffff:0:0/96, 0.0.0.0/0",
            "::ffff:cb00:7107, 203.0.113.7/32",
    })
    void everySpellingOfANetworkHasOneCanonicalForm(String text, String canonical) {
        var network = networkOf(text);

        assertThat(network).hasToString(canonical).isEqualTo(networkOf(canonical));
    }

    @ParameterizedTest
    @CsvSource({
            "203.0.113.0/33, prefix length must be 0 to 32",
            "203.0.113.0/, prefix length must be 0 to 32",
            "203.0.113.0/-1, prefix length must be 0 to 32",
            "203.0.113.0/+8, prefix length must be 0 to 32",
            "203.0.113.0/08, prefix length must be 0 to 32",
            "203.0.113.0/8/8, prefix length must be 0 to 32",
            "203.0.113.0/' 8', prefix length must be 0 to 32",
            "203.0.113.0/9999999999, prefix length must be 0 to 32",
            "2001:db8::/129, prefix length must be 0 to 128",
            "203.0.113.0/255.255.255.0, netmask",
            "::ffff:203.0.113.7/24, 96 to 128",
            "example.org/24, host names",
            "example.org, host names",
            "10/8, shortened",
            "fe80::1%eth0/64, zone",
            "' 10.0.0.0/8', blanks",
            "'', empty",
            "'  ', empty",
            "/8, host names",
    })
    void whatIsNoNetworkSaysWhatToWriteInstead(String text, String message) {
        assertThat(Cidr.parse(text)).isInstanceOfSatisfying(Cidr.Invalid.class,
                invalid -> assertThat(invalid.message()).contains(message));
    }

    @Test
    void anOverlongTextIsRefusedUnread() {
        assertThat(Cidr.parse("1".repeat(1_000_000))).isInstanceOf(Cidr.Invalid.class);
    }

    @Test
    void aPrefixLongerThanItsAddressCannotBeMade() {
        var address = Objects.requireNonNull(IpAddress.parse("10.0.0.0"));

        assertThatThrownBy(() -> new Cidr(address, 33)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Cidr(address, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMappedSpellingNeitherEvadesNorWidensANetwork() {
        assertThat(networkOf("127.0.0.0/8").contains(addressOf("::ffff:127.0.0.1"))).isTrue();
        assertThat(networkOf("::ffff:127.0.0.0/104").contains(addressOf("127.0.0.1"))).isTrue();
        assertThat(networkOf("::/0").contains(addressOf("127.0.0.1"))).isFalse();
        assertThat(networkOf("::/0").contains(addressOf("::ffff:127.0.0.1"))).isFalse();
        assertThat(networkOf("0.0.0.0/0").contains(addressOf("::1"))).isFalse();
        assertThat(networkOf("::/0").contains(networkOf("0.0.0.0/0"))).isFalse();
        assertThat(networkOf("0.0.0.0/0").contains(networkOf("::/0"))).isFalse();
    }

    @Test
    void containsAgreesWithArithmeticOnWholeNumbers() {
        var random = new Random(20262);
        for (var round = 0; round < 50_000; round++) {
            var network = randomNetwork(random);
            var address = near(network.network(), random);
            var inner = new Cidr(near(network.network(), random), random.nextInt(network.network().isIpv4() ? 33 : 97));

            assertThat(network.contains(address)).as("%s contains %s", network, address)
                    .isEqualTo(first(network).compareTo(number(address)) <= 0 && last(network).compareTo(number(address)) >= 0);
            assertThat(network.contains(inner)).as("%s contains %s", network, inner)
                    .isEqualTo(first(network).compareTo(first(inner)) <= 0 && last(network).compareTo(last(inner)) >= 0);
        }
    }

    @Test
    void aSetContainsWhatOneOfItsNetworksContains() {
        var set = Objects.requireNonNull(CidrSet.parse(List.of("10.0.0.0/8", "2001:db8::/32", "10.1.2.3/8")).orNull());

        assertThat(set.networks()).hasSize(2);
        assertThat(set.anyContains(addressOf("10.9.9.9"))).isTrue();
        assertThat(set.anyContains(addressOf("2001:db8::9"))).isTrue();
        assertThat(set.anyContains(addressOf("11.0.0.1"))).isFalse();
        assertThat(CidrSet.none().anyContains(addressOf("10.9.9.9"))).isFalse();
    }

    @Test
    void aSetCoversAnotherOnlyWhenEachOfItsNetworksFits() {
        var wide = Objects.requireNonNull(CidrSet.parse(List.of("10.0.0.0/8", "192.168.0.0/16")).orNull());
        var narrow = Objects.requireNonNull(CidrSet.parse(List.of("10.1.0.0/16", "192.168.7.7")).orNull());
        var other = Objects.requireNonNull(CidrSet.parse(List.of("10.1.0.0/16", "172.16.0.0/12")).orNull());

        assertThat(wide.containsAll(narrow)).isTrue();
        assertThat(narrow.containsAll(wide)).isFalse();
        assertThat(wide.containsAll(other)).isFalse();
    }

    @Test
    void aBadNetworkInAListIsToldByItsPlace() {
        assertThat(CidrSet.parse(List.of("10.0.0.0/8", "10.0.0.0/99"))).isEqualTo(
                new CidrSet.Invalid(1, "prefix length must be 0 to 32"));
    }

    private static Cidr networkOf(String text) {
        return Objects.requireNonNull(Cidr.parse(text).orNull(), text);
    }

    private static IpAddress addressOf(String text) {
        return Objects.requireNonNull(IpAddress.parse(text), text);
    }

    private static Cidr randomNetwork(Random random) {
        if (random.nextBoolean()) {
            return new Cidr(IpAddress.ofIpv4(random.nextInt()), random.nextInt(33));
        }
        // Never of the mapped kind: the first 16 bits are set.
        return new Cidr(new IpAddress(random.nextLong() | 0xffff_0000_0000_0000L, random.nextLong()), random.nextInt(113) + 16);
    }

    /** An address of the same family that differs in one bit at most, so that both answers are frequent. */
    private static IpAddress near(IpAddress address, Random random) {
        if (address.isIpv4()) {
            return IpAddress.ofIpv4((int) address.low() ^ (random.nextInt(5) == 0 ? 0 : 1 << random.nextInt(32)));
        }
        return random.nextBoolean() ? new IpAddress(address.high() ^ 1L << random.nextInt(48), address.low())
                : new IpAddress(address.high(), address.low() ^ 1L << random.nextInt(64));
    }

    private static BigInteger number(IpAddress address) {
        return new BigInteger(Long.toUnsignedString(address.high())).shiftLeft(64)
                .or(new BigInteger(Long.toUnsignedString(address.low())));
    }

    private static BigInteger first(Cidr cidr) {
        var bits = cidr.network().isIpv4() ? 32 - cidr.prefixLength() : 128 - cidr.prefixLength();
        return number(cidr.network()).shiftRight(bits).shiftLeft(bits);
    }

    private static BigInteger last(Cidr cidr) {
        var bits = cidr.network().isIpv4() ? 32 - cidr.prefixLength() : 128 - cidr.prefixLength();
        return first(cidr).add(BigInteger.ONE.shiftLeft(bits)).subtract(BigInteger.ONE);
    }
}
