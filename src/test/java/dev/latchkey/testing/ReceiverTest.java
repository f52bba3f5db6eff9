package dev.latchkey.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import com.standardwebhooks.Webhook;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The receiver on which other proofs rest. */
class ReceiverTest {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private final Receiver receiver = Receiver.start();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        receiver.close();
    }

    @Test
    void itCountsAndKeepsWhatComes() throws Exception {
        receiver.verifying(SECRET);
        String id = UUID.randomUUID().toString();

        assertThat(post(id, "{}").statusCode()).isEqualTo(200);
        assertThat(post(id, "{}").statusCode()).isEqualTo(200);
        post("another", "{\"a\":1}");

        assertThat(receiver.times(id)).isEqualTo(2);
        Eventually.holds(() -> assertThat(receiver.accepted(id)).isEqualTo(2));
        assertThat(receiver.ids()).containsExactlyInAnyOrder(id, "another");
        assertThat(receiver.acceptedAgain()).isEqualTo(1);
        assertThat(receiver.last().body()).isEqualTo("{\"a\":1}");
        assertThat(receiver.last().path()).isEqualTo("/webhooks");
        assertThat(receiver.connections()).as("kept open").isEqualTo(1);
        assertThat(receiver.unverified()).isZero();
        assertThat(receiver.last().isSignedWith("whsec_c29tZXRoaW5nIHRoYXQgbm9ib2R5IGhhcyBzaWduZWQ=")).isFalse();
    }

    @Test
    void itFailsAsOftenAsItIsTold() throws Exception {
        receiver.behaving(Behaviour.failingTimes(2));

        assertThat(post("one", "").statusCode()).isEqualTo(503);
        assertThat(post("other", "").statusCode()).isEqualTo(503);
        assertThat(post("one", "").statusCode()).isEqualTo(503);
        assertThat(post("one", "").statusCode()).isEqualTo(200);
        Eventually.holds(() -> assertThat(receiver.accepted("one")).isEqualTo(1));
        assertThat(receiver.accepted("other")).isZero();
    }

    @Test
    void whatItNeverAnswersIsReceivedAndNotAccepted() {
        receiver.behaving(Behaviour.closing());
        assertThatThrownBy(() -> post("one", "")).isInstanceOf(IOException.class);

        for (Behaviour unending : List.of(Behaviour.hanging(), Behaviour.hangingBody(),
                Behaviour.dripping(Duration.ofMillis(10)))) {
            receiver.behaving(unending);
            long before = receiver.requests();
            CompletableFuture<?> answer = client.sendAsync(request("one", ""), BodyHandlers.ofString());
            Eventually.holds(() -> assertThat(receiver.requests()).isEqualTo(before + 1));
            Pause.ofMillis(50);
            assertThat(answer).isNotDone();
            answer.cancel(true);
        }

        assertThat(receiver.accepted("one")).isZero();
    }

    @Test
    void aPortThatIsShutOpensAgain() throws Exception {
        post("one", "");
        receiver.shut();
        assertThatThrownBy(() -> post("two", "")).isInstanceOf(ConnectException.class);
        receiver.open();

        assertThat(post("two", "").statusCode()).isEqualTo(200);
        assertThat(receiver.times("one")).isEqualTo(1);
    }

    private HttpResponse<String> post(String id, String body) throws Exception {
        return client.send(request(id, body), BodyHandlers.ofString());
    }

    private HttpRequest request(String id, String body) {
        long now = Instant.now().getEpochSecond();
        try {
            return HttpRequest.newBuilder(URI.create(receiver.url())).header("webhook-id", id)
                    .header("webhook-timestamp", Long.toString(now))
                    .header("webhook-signature", new Webhook(SECRET).sign(id, now, body)).timeout(Duration.ofSeconds(10))
                    .POST(BodyPublishers.ofString(body)).build();
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
