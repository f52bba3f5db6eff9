package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.latchkey.net.OutboundOutcome.Code;
import dev.latchkey.testing.Beside;
import dev.latchkey.testing.NameServer;
import dev.latchkey.testing.Pause;
import dev.latchkey.testing.WireServer;
import io.vertx.core.Vertx;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Names whose owner means no good. Of this machine's addresses the list names 127.0.0.2 alone, so that 127.0.0.1 stands for
 * what is inside, 127.0.0.2 for what is outside.
 */
@Beside
@NullUnmarked
class OutboundNamesTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String HOST = "shop.example";

    private NameServer names;
    private WireServer outside;
    private WireServer inside;
    private Egress egress;
    private String url;

    @BeforeEach
    void open() {
        names = NameServer.start();
        var both = WireServer.pair("127.0.0.2", connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.write(OK);
            }
        }, "127.0.0.1", connection -> connection.write(OK));
        outside = both.one();
        inside = both.other();
        egress = Egress.of(new Egress.Settings(List.of("127.0.0.2", "named.example"), null, List.of(names.address())));
        url = "http://" + HOST + ":" + outside.port() + "/";
    }

    @AfterEach
    void close() {
        egress.close();
        inside.close();
        outside.close();
        names.close();
    }

    @Test
    void aNameThatLeadsInsideTheNextTimeIsNotFollowed() {
        names.says(HOST, "127.0.0.2").thenSays(HOST, "127.0.0.1");

        var first = egress.get(url);
        var second = egress.get(url);

        assertThat(first.code()).isEqualTo(Code.ANSWERED);
        assertThat(first.phases().dnsMs()).isPositive();
        assertThat(outside.requests().get(0)).containsIgnoringCase("\r\nhost: " + HOST + ":" + outside.port() + "\r\n");
        assertThat(second.code()).isEqualTo(Code.BLOCKED);
        assertThat(inside.connections()).isZero();
    }

    /** A check that looks a name up once for itself, and lets the client do so again, is none. */
    @Test
    void aRequestLooksANameUpOnce() {
        names.says(HOST, "127.0.0.2").thenSays(HOST, "127.0.0.1");

        assertThat(egress.get(url).code()).isEqualTo(Code.ANSWERED);
        assertThat(names.questions()).containsExactly(HOST);
    }

    @Test
    void theCheckOnSaveBindsNobodyLater() {
        names.says(HOST, "127.0.0.2").thenSays(HOST, "127.0.0.1");

        assertThat(egress.refusal(url)).isEmpty();
        assertThat(egress.get(url).code()).isEqualTo(Code.BLOCKED);
        assertThat(inside.connections()).isZero();
        assertThat(outside.connections()).isZero();
    }

    @Test
    void oneAddressInsideAmongOthersBlocksAll() {
        names.says(HOST, "127.0.0.2", "127.0.0.1");
        assertThat(egress.get(url).code()).isEqualTo(Code.BLOCKED);

        names.says(HOST, "127.0.0.2", "::1");
        assertThat(egress.get(url).code()).isEqualTo(Code.BLOCKED);

        names.says(HOST, "127.0.0.2", "169.254.169.254");
        assertThat(egress.get(url).code()).isEqualTo(Code.BLOCKED);
        assertThat(inside.connections()).isZero();
        assertThat(outside.connections()).isZero();
    }

    @Test
    void aMappedAddressInAnAnswerIsWhatItMaps() {
        names.says(HOST, "::ffff:127.0.0.1");

        assertThat(egress.get(url).code()).isIn(Code.BLOCKED, Code.UNRESOLVED);
        assertThat(inside.connections()).isZero();
    }

    @Test
    void aHostOfTheListIsTrustedWithItsNameButNotWithMetadata() {
        names.says("named.example", "127.0.0.1");
        assertThat(egress.get("http://named.example:" + outside.port()).code()).isEqualTo(Code.ANSWERED);
        assertThat(inside.connections()).isEqualTo(1);

        names.says("named.example", "169.254.169.254");
        assertThat(egress.get("http://named.example:" + outside.port()).code()).isEqualTo(Code.BLOCKED);
    }

    @Test
    void theNextAddressIsDialledWhenOneIsClosed() {
        egress.close();
        egress = Egress.of(new Egress.Settings(List.of("127.0.0.0/8"), null, List.of(names.address())));
        names.says(HOST, "127.0.0.9", "127.0.0.2");

        assertThat(egress.get(url).code()).isEqualTo(Code.ANSWERED);
        assertThat(outside.connections()).isEqualTo(1);
    }

    /** Four addresses, the first of which takes longer than a quarter of the time: TLS over three slow round trips. */
    @Test
    void whoTakesTheConnectionMayUseAllTheTimeThatIsLeft() {
        egress.close();
        egress = Egress.of(new Egress.Settings(List.of("127.0.0.0/8"), null, List.of(names.address())));
        var both = WireServer.pair("127.0.0.5", connection -> {
            Pause.ofMillis(600);
            connection.write("no TLS");
            connection.awaitEnd();
        }, "127.0.0.6", WireServer.Connection::awaitEnd);
        try (var slow = both.one(); var silent = both.other()) {
            names.says(HOST, "127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.8");

            var outcome = egress.get("https://" + HOST + ":" + slow.port(),
                    new OutboundLimits(Duration.ofMillis(1600), Duration.ofSeconds(10), 1));

            assertThat(outcome.code()).as(outcome.toString()).isEqualTo(Code.TLS);
            assertThat(outcome.detail()).isEqualTo("no-tls");
            assertThat(silent.connections()).as("another one is tried meanwhile").isEqualTo(1);
        }
    }

    @Test
    void aConnectionIsKeptByAddressNotByName() {
        names.says(HOST, "127.0.0.2");
        names.says("other.example", "127.0.0.2");

        egress.get(url);
        egress.get(url);
        egress.get("http://other.example:" + outside.port());

        assertThat(outside.connections()).as("one for each host").isEqualTo(2);
    }

    @Test
    void whatDoesNotExistIsToldLikeWhatIsInside() {
        names.says("inside.example", "127.0.0.1");
        var secure = "https://inside.example:" + outside.port();

        var blocked = egress.get(secure);
        var unresolved = egress.get("https://nowhere.example:" + outside.port());

        assertThat(blocked.code()).isEqualTo(Code.BLOCKED);
        assertThat(unresolved.code()).isEqualTo(Code.UNRESOLVED);
        assertThat(blocked.asTold()).isEqualTo(unresolved.asTold());
        assertThat(egress.refusal(secure)).isEqualTo(egress.refusal("https://nowhere.example:" + outside.port()))
                .hasValueSatisfying(refusal -> assertThat(refusal.atSight()).isFalse());
        assertThat(egress.refusal("http://inside.example:" + outside.port()))
                .isEqualTo(egress.refusal("http://nowhere.example:" + outside.port()));
    }

    @Test
    void whatALiteralIsIsToldInFull() {
        assertThat(egress.refusal("https://127.0.0.1")).hasValueSatisfying(refusal -> {
            assertThat(refusal.atSight()).isTrue();
            assertThat(refusal.message()).contains("private");
        });
        assertThat(egress.refusal("https://localhost")).hasValueSatisfying(refusal -> assertThat(refusal.atSight()).isTrue());
        assertThat(egress.refusal("https://0xa9fea9fe/latest/meta-data"))
                .hasValueSatisfying(refusal -> assertThat(refusal.atSight()).isTrue());
        assertThat(egress.refusal("http://93.184.215.14"))
                .hasValueSatisfying(refusal -> assertThat(refusal.message()).contains("https"));
        assertThat(egress.refusal("https://93.184.215.14")).isEmpty();
        assertThat(names.questions()).isEmpty();
    }

    @Test
    void aLostQuestionIsAskedAgain() {
        names.says(HOST, "127.0.0.2").loses(2);

        assertThat(egress.get(url).code()).isEqualTo(Code.ANSWERED);
    }

    @Test
    void aServerOfNamesThatIsSilentTimesOut() {
        names.loses(Integer.MAX_VALUE);

        var outcome = egress.get(url, OutboundLimits.of(Duration.ofMillis(400), 1));

        assertThat(outcome.code()).isEqualTo(Code.TIMEOUT);
        assertThat(outcome.detail()).isEqualTo("dns");
        assertThat(outcome.sent()).isFalse();
    }

    /** Three servers that are silent, each asked for both families and once more, would take twelve seconds. */
    @Test
    void noOneWaitsForNamesForLong() throws Exception {
        var silent = List.of(names.address(), names.address(), names.address());
        names.loses(Integer.MAX_VALUE);
        try (var patient = Egress.of(new Egress.Settings(List.of("127.0.0.2"), null, silent))) {
            var begun = System.nanoTime();
            var opened = patient.outbound.open(Egress.to(url), new RequestOptions()).toCompletionStage().toCompletableFuture();

            assertThat(patient.refusal("https://" + HOST)).isPresent();
            assertThat(opened).failsWithin(Duration.ofSeconds(3)).withThrowableThat().havingCause()
                    .isInstanceOfSatisfying(OutboundException.class, told -> {
                        assertThat(told.code()).isEqualTo(Code.TIMEOUT);
                        assertThat(told.detail()).isEqualTo("dns");
                    });
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
        }
    }

    /** Less time than the resolver waits for one server: whoever waits for the other one has nothing to tell. */
    @Test
    void aReferralIsNotFollowed() {
        names.says(HOST, "127.0.0.2").refers(2);

        var outcome = egress.get(url, OutboundLimits.of(Duration.ofMillis(1500), 64));

        assertThat(outcome.code()).as("the server that was named is asked again").isEqualTo(Code.ANSWERED);
    }

    @Test
    void whoeverGivesUpAtOnceLooksNothingUp() throws Exception {
        names.says(HOST, "127.0.0.2");
        var firstTimer = new CompletableFuture<Boolean>();
        var asked = new CompletableFuture<OutboundOutcome>();
        egress.vertx.runOnContext(here -> {
            egress.outbound.send(OutboundRequest.get(Egress.to("http://other.example"), Egress.LIMITS)).subscribe()
                    .with(outcome -> {
                    }).cancel();
            egress.outbound.send(OutboundRequest.get(Egress.to(url), Egress.LIMITS)).subscribe().with(asked::complete);
            // The clients' own, which throws away what was kept for too long.
            firstTimer.complete(egress.vertx.cancelTimer(0));
        });

        assertThat(asked.get(10, TimeUnit.SECONDS).code()).isEqualTo(Code.ANSWERED);
        assertThat(names.questions()).containsOnly(HOST);
        assertThat(firstTimer).isCompletedWithValue(true);
    }

    /** A database session belongs to the context of its caller, and must find itself there after a call. */
    @Test
    void theOutcomeComesOnTheContextOfTheCaller() throws Exception {
        names.says(HOST, "127.0.0.2");
        var seen = new CompletableFuture<Boolean>();
        egress.vertx.runOnContext(here -> {
            var context = Vertx.currentContext();
            egress.outbound.send(OutboundRequest.get(Egress.to(url), Egress.LIMITS)).subscribe()
                    .with(outcome -> seen.complete(Vertx.currentContext() == context));
        });

        assertThat(seen.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void namesAreNeverCompleted() {
        egress.get("https://db.internal");
        egress.get("https://db");

        assertThat(names.questions()).containsOnly("db.internal", "db");
    }
}
