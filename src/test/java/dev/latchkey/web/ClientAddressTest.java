package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.latchkey.net.IpAddress;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose word on a client's address counts, and how far. */
class ClientAddressTest {

    private static final ClientAddress ADDRESSES = addresses(List.of("127.0.0.0/8", "10.0.0.0/8", "::1"), "192.0.2.0/24");

    @ParameterizedTest
    @CsvSource({ "10.1.2.3, true", "127.0.0.1, true", "::1, true", "::ffff:10.1.2.3, true", "192.0.2.1, false",
            "203.0.113.7, false", "2001:db8::1, false", "11.0.0.0, false" })
    void onlyTheConfiguredNetworksAreGateways(String peer, boolean gateway) {
        assertThat(ADDRESSES.isGateway(from(peer))).isEqualTo(gateway);
    }

    @Test
    void aPeerWithoutAnAddressIsNoGateway() {
        assertThat(ADDRESSES.isGateway(request(SocketAddress.domainSocketAddress("/run/latchkey.sock")))).isFalse();
        assertThat(ADDRESSES.isGateway(request(null))).isFalse();
    }

    @Test
    void behindAGatewayTheLastAddressThatIsNoGatewayCounts() {
        assertThat(ADDRESSES.behindGateway(from("10.0.0.1", "203.0.113.7"), false)).isEqualTo(address("203.0.113.7"));
        assertThat(ADDRESSES.behindGateway(from("10.0.0.1", "198.51.100.1, 203.0.113.7, 10.0.0.2"), false))
                .isEqualTo(address("203.0.113.7"));
        assertThat(ADDRESSES.behindGateway(from("10.0.0.1", "198.51.100.1", "203.0.113.7"), false))
                .isEqualTo(address("203.0.113.7"));
        assertThat(ADDRESSES.behindGateway(from("10.0.0.1", "10.0.0.9"), false)).isEqualTo(address("10.0.0.9"));
    }

    @Test
    void whatCannotBeReadIsNoAddressAndNothingBeforeItIsBelieved() {
        assertThat(ADDRESSES.behindGateway(from("10.0.0.1"), false)).isNull();
        assertThat(ADDRESSES.behindGateway(from("10.0.0.1", ""), false)).isNull();
        assertThat(ADDRESSES.behindGateway(from("10.0.0.1", "203.0.113.7, unknown"), false)).isNull();
        assertThat(ADDRESSES.behindGateway(from("10.0.0.1", "203.0.113.7, unknown, 10.0.0.2"), false)).isNull();
    }

    @Test
    void onOtherPathsOnlyTrustedProxiesAreBelieved() {
        assertThat(ADDRESSES.of(from("192.0.2.1", "203.0.113.7"))).isEqualTo(address("203.0.113.7"));
        assertThat(ADDRESSES.of(from("192.0.2.1"))).isEqualTo(address("192.0.2.1"));
        assertThat(ADDRESSES.of(from("10.0.0.1", "203.0.113.7"))).isEqualTo(address("10.0.0.1"));
    }

    @Test
    void aBadNetworkStopsTheStartByItsName() {
        assertThatThrownBy(() -> addresses(List.of("10.0.0.0/8", "10.0.0.0/99"), "192.0.2.0/24"))
                .isInstanceOf(ConfigurationException.class).hasMessageStartingWith("LATCHKEY_GATEWAYS, entry 2: ");
    }

    /** In the default ranges a client may stand as well, and write what it likes before the gateway appends its address. */
    @Test
    void ofGatewaysThatNobodyNamedOnlyTheLastAddressIsBelieved() {
        ClientAddress byDefault = addresses(null, "192.0.2.0/24");

        assertThat(byDefault.isGateway(from("10.0.0.1"))).isTrue();
        assertThat(byDefault.behindGateway(from("10.0.0.1", "203.0.113.7, 10.0.0.2"), false)).isEqualTo(address("10.0.0.2"));
        assertThat(byDefault.behindGateway(from("10.0.0.1", "203.0.113.7"), false)).isEqualTo(address("203.0.113.7"));
    }

    @Test
    void envoysOwnAddressIsPassedOverAndNoFurtherOne() {
        ClientAddress byDefault = addresses(null, "192.0.2.0/24");

        assertThat(byDefault.behindGateway(from("10.0.0.1", "203.0.113.7,10.0.0.4"), true)).isEqualTo(address("203.0.113.7"));
        assertThat(byDefault.behindGateway(from("10.0.0.1", "203.0.113.7,10.1.2.3,10.0.0.4"), true))
                .isEqualTo(address("10.1.2.3"));
        assertThat(byDefault.behindGateway(from("10.0.0.1", "203.0.113.7"), true)).isEqualTo(address("203.0.113.7"));
        assertThat(byDefault.behindGateway(from("10.0.0.1", "10.1.2.3"), true)).isEqualTo(address("10.1.2.3"));
        assertThat(byDefault.behindGateway(from("10.0.0.1"), true)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = { "0.0.0.0/0", "::/0", "0.0.0.0/1", "2000::/3" })
    void aNetworkThatHoldsStrangersIsBelievedNothing(String network) {
        assertThatThrownBy(() -> addresses(List.of("10.0.0.0/8", network), "192.0.2.0/24"))
                .isInstanceOf(ConfigurationException.class).hasMessageStartingWith("LATCHKEY_GATEWAYS, entry 2: ");
        assertThatThrownBy(() -> addresses(null, network)).isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("LATCHKEY_TRUSTED_PROXIES, entry 1: ");
        assertThat(addresses(List.of("10.0.0.0/8", "fc00::/7"), "192.0.2.0/24")).isNotNull();
    }

    private static ClientAddress addresses(@Nullable List<String> gateways, String proxies) {
        return new ClientAddress(new WebConfig() {
            @Override
            public Optional<List<String>> gateways() {
                return Optional.ofNullable(gateways);
            }

            @Override
            public Optional<List<String>> trustedProxies() {
                return Optional.of(List.of(proxies));
            }

            @Override
            public MemorySize maxBody() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Duration bodyPatience() {
                throw new UnsupportedOperationException();
            }

            @Override
            public String publicUrl() {
                throw new UnsupportedOperationException();
            }
        });
    }

    private static @Nullable IpAddress address(String text) {
        return IpAddress.parse(text);
    }

    private static HttpServerRequest from(String peer, String... forwardedFor) {
        return request(SocketAddress.inetSocketAddress(40_000, peer), forwardedFor);
    }

    /** The two methods that matter of an interface of sixty. */
    private static HttpServerRequest request(@Nullable SocketAddress peer, String... forwardedFor) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        List.of(forwardedFor).forEach(value -> headers.add("X-Forwarded-For", value));
        return (HttpServerRequest) Proxy.newProxyInstance(ClientAddressTest.class.getClassLoader(),
                new Class<?>[] { HttpServerRequest.class }, (proxy, method, arguments) -> switch (method.getName()) {
                    case "headers" -> headers;
                    case "remoteAddress" -> peer;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
