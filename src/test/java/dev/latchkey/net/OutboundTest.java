package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import dev.latchkey.net.OutboundOutcome.Code;
import dev.latchkey.testing.WireServer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent, and answers as they come. */
@NullUnmarked
class OutboundTest extends OutboundCase {

    @Test
    void anAnswerComesWhole() {
        try (var server = WireServer.answering(
                "HTTP/1.1 401 Unauthorized\r\nX-One: 1\r\nX-One: 2\r\nContent-Length: 4\r\n\r\nnope")) {
            var outcome = egress.get(server.url() + "/v1/me?x=%20y");

            assertThat(outcome.code()).isEqualTo(Code.ANSWERED);
            assertThat(outcome.sent()).isTrue();
            assertThat(outcome.answer().status()).isEqualTo(401);
            assertThat(outcome.answer().headers()).contains(new Header("X-One", "1"), new Header("X-One", "2"));
            assertThat(outcome.answer().header("x-one")).contains("1");
            assertThat(outcome.answer().body()).hasToString("nope");
            assertThat(outcome.answer().truncated()).isFalse();
            assertThat(outcome.phases().dnsMs()).isNull();
            assertThat(outcome.phases().connectMs()).isPositive();
            assertThat(outcome.phases().tlsMs()).isNull();
            assertThat(outcome.phases().firstByteMs()).isPositive();
            assertThat(outcome.took()).isPositive();
            assertThat(server.requests().get(0)).startsWith("GET /v1/me?x=%20y HTTP/1.1\r\n")
                    .containsIgnoringCase("\r\nhost: 127.0.0.1:" + server.port() + "\r\n")
                    .containsIgnoringCase("\r\nuser-agent: Latchkey\r\n").doesNotContainIgnoringCase("content-length")
                    .doesNotContainIgnoringCase("accept-encoding");
        }
    }

    @Test
    void headersAndBodyAreSentAsTheyStand() {
        try (var server = WireServer.answering(OK)) {
            egress.send(new OutboundRequest(HttpMethod.POST, Egress.to(server.url() + "/token"),
                    List.of(new Header("Authorization", "Basic eDp5"), new Header("X-A", "1"), new Header("X-A", "2"),
                            new Header("user-agent", "Shop/1")),
                    Buffer.buffer("grant_type=x"), Egress.LIMITS));
            egress.send(new OutboundRequest(HttpMethod.POST, Egress.to(server.url()), List.of(), null, Egress.LIMITS));

            assertThat(server.requests().get(0)).startsWith("POST /token HTTP/1.1\r\n")
                    .contains("Authorization: Basic eDp5\r\n",
                            "X-A: 1\r\nX-A: 2\r\n", "user-agent: Shop/1\r\n")
                    .doesNotContain("Latchkey").endsWith("\r\n\r\ngrant_type=x");
            assertThat(server.requests().get(1)).containsIgnoringCase("content-length: 0\r\n");
        }
    }

    @Test
    void anIpv6AddressStandsInBracketsInTheHostHeader() {
        try (var server = WireServer.start("::1", 0, connection -> {
            connection.readRequest();
            connection.write(OK);
        })) {
            var outcome = egress.get("http://[::1]:" + server.port() + "/");

            assertThat(outcome.code()).isEqualTo(Code.ANSWERED);
            assertThat(server.requests().get(0)).containsIgnoringCase("\r\nhost: [::1]:" + server.port() + "\r\n");
        }
    }

    @Test
    void aRedirectIsAnAnswerAndNotFollowed() {
        try (var other = WireServer.answering(OK);
                var server = WireServer.answering(
                        "HTTP/1.1 302 Found\r\nLocation: " + other.url() + "/\r\nContent-Length: 0\r\n\r\n")) {
            var outcome = egress.get(server.url());

            assertThat(outcome.answer().status()).isEqualTo(302);
            assertThat(outcome.answer().header("location")).contains(other.url() + "/");
            assertThat(other.connections()).isZero();
        }
    }

    @Test
    void anAnswerUntilTheEndOfTheConnectionIsWhole() {
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.0 200 OK\r\n\r\nall of it");
        })) {
            assertThat(egress.get(server.url()).answer().body()).hasToString("all of it");
        }
    }

    @Test
    void nothingIsCountedByHost() {
        try (var server = WireServer.answering(OK)) {
            var before = answered();
            egress.get(server.url());

            assertThat(answered()).isEqualTo(before + 1);
            assertThat(egress.metrics.getMeters()).allSatisfy(meter -> assertThat(meter.getId().toString())
                    .doesNotContain("127.0.0.1").doesNotContain(Integer.toString(server.port())));
            assertThat(egress.metrics.timer("latchkey.egress.duration", "phase", "total").count()).isPositive();
        }
    }

    private static double answered() {
        return egress.metrics.counter("latchkey.egress.requests", "outcome", "answered").count();
    }

    @ParameterizedTest
    @ValueSource(strings = { "a\r\nX: y", "a\nb", "a\u0000b", "a\u010ab", "a\u00e9", " a", "a ", "\u007f" })
    void aValueThatCouldEndTheHeaderIsNotSent(String value) {
        assertThat(Header.isValue(value)).isFalse();
        assertThatThrownBy(() -> new OutboundRequest(HttpMethod.GET, Egress.to("https://a.example"),
                List.of(new Header("X-A", value)), null, Egress.LIMITS)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a header cannot be sent: X-A");
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "X A", "X:A", "X\r\nA", "X\u00e9", "Host", "content-LENGTH", "Transfer-Encoding", "Connection",
            "TE", "Upgrade", "Expect" })
    void aNameThatIsNoneOrOurOwnIsNotSent(String name) {
        assertThatThrownBy(() -> new OutboundRequest(HttpMethod.GET, Egress.to("https://a.example"),
                List.of(new Header(name, "x")), null, Egress.LIMITS)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("[ -~]+");
    }
}
