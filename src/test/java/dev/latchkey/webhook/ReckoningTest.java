package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import dev.latchkey.testing.Receiver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That {@link DispatchChaosIT} would see what it must not: a lost message, and a dispatcher that sends everything twice. */
class ReckoningTest {

    private final Receiver receiver = Receiver.start();
    private final List<String> promised = Stream.generate(() -> UUID.randomUUID().toString()).limit(20).toList();

    @AfterEach
    void close() {
        receiver.close();
    }

    @Test
    void onceEachIsAsItShouldBe() throws Exception {
        deliver(promised);

        Reckoning.of(promised, receiver).requireAllCame();
        Reckoning.of(promised, receiver).requireAgainAtMost(0);
    }

    @Test
    void aLostMessageIsMissed() throws Exception {
        deliver(promised.subList(1, promised.size()));

        Reckoning reckoning = Reckoning.NOTHING.plus(Reckoning.of(promised, receiver));

        assertThatThrownBy(reckoning::requireAllCame).isInstanceOf(AssertionError.class)
                .hasMessageContaining(promised.get(0));
    }

    @Test
    void everythingTwiceIsTooOften() throws Exception {
        deliver(promised);
        deliver(promised);

        Reckoning reckoning = Reckoning.of(promised, receiver);

        reckoning.requireAllCame();
        assertThat(reckoning.again()).isEqualTo(promised.size());
        assertThatThrownBy(() -> reckoning.requireAgainAtMost(promised.size() - 1)).isInstanceOf(AssertionError.class);
        assertThatCode(() -> reckoning.requireAgainAtMost(promised.size())).doesNotThrowAnyException();
    }

    @Test
    void aMessageThatNobodyPublishedIsSeen() throws Exception {
        deliver(promised);
        deliver(List.of("made-up"));

        assertThatThrownBy(Reckoning.of(promised, receiver)::requireAllCame).hasMessageContaining("made-up");
    }

    private void deliver(List<String> ids) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        for (String id : ids) {
            client.send(HttpRequest.newBuilder(URI.create(receiver.url())).header("webhook-id", id)
                    .POST(BodyPublishers.ofString("{}")).build(), BodyHandlers.discarding());
        }
    }
}
