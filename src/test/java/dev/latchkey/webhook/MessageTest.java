package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** What receivers get of an event. */
class MessageTest {

    private static final Instant AT = Instant.parse("2026-11-22T09:30:00.123456Z");
    private static final UUID STORE = UUID.fromString("01890a5d-ac96-7b14-9d4e-5f0b8c6a2e31");

    @Test
    void theDataGoesOutAsItCameIn() {
        Message message = Message.of(new Message.Head("order-1", "order.create", AT, new Message.Store(STORE, "madrid"), null),
                "{ \"b\":1.10, \"a\":[1E2,\"\\u00f1\"]}");

        assertThat(message.body().toString()).isEqualTo("{\"id\":\"order-1\",\"type\":\"order.create\","
                + "\"timestamp\":\"2026-11-22T09:30:00.123456Z\",\"store\":{\"id\":\"" + STORE
                + "\",\"key\":\"madrid\"},\"data\":{ \"b\":1.10, \"a\":[1E2,\"\\u00f1\"]}}");
        assertThat(message.id()).isEqualTo("order-1");
    }

    @Test
    void itIsJsonWhateverItIsOf() {
        JsonObject ofNoStore = new JsonObject(Message.of(new Message.Head("a", "key.revoked", AT, null, null), "{}").body());
        JsonObject ofOneThatIsGone = new JsonObject(
                Message.of(new Message.Head("a", "key.revoked", AT, new Message.Store(STORE, null), null), "null").body());

        assertThat(ofNoStore.containsKey("store")).isTrue();
        assertThat(ofNoStore.getValue("store")).isNull();
        assertThat(ofOneThatIsGone.getJsonObject("store").getString("id")).isEqualTo(STORE.toString());
        assertThat(ofOneThatIsGone.getJsonObject("store").containsKey("key")).isTrue();
        assertThat(ofOneThatIsGone.getJsonObject("store").getValue("key")).isNull();
    }

    @Test
    void itPrintsNothingOfWhatItSays() {
        Message message = Message.of(new Message.Head("a", "order.create", AT, null, null), "{\"card\":\"4111\"}");

        assertThat(message.toString()).doesNotContain("4111").contains("a");
    }
}
