package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

import dev.latchkey.testing.Beside;
import dev.latchkey.webhook.FanOut.Taken;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the fan-out tells of what is left: nothing waits for the clock that could go out at once. */
@Beside
@NullUnmarked
class FanOutTest {

    private QueueScene scene;

    @BeforeEach
    void aDatabase() throws SQLException {
        scene = new QueueScene();
    }

    @AfterEach
    void close() throws SQLException {
        scene.close();
    }

    @Test
    void thereMayBeMoreOfTheNewestAlsoWhereEachIsAnothers() {
        for (int i = 0; i < 40; i++) {
            scene.publish(scene.organization(), 1);
        }
        assertThat(scene.fanOutNewest(16, QueueScene.plenty()).isFull()).isTrue();
        assertThat(scene.fanOutNewest(16, QueueScene.plenty()).isFull()).isTrue();
        Taken last = scene.fanOutNewest(16, QueueScene.plenty());
        assertThat(last.events()).isEqualTo(8);
        assertThat(last.isFull()).isFalse();
        assertThat(scene.fanOutNewest(16, QueueScene.plenty()).isFull()).isFalse();
    }

    @Test
    void aRoundGoesOnBehindTheLastOrganizationThoughOthersHoldAllItsEvents() throws SQLException {
        for (int i = 0; i < 201; i++) {
            scene.publish(scene.organization(), 1);
        }
        UUID last = (UUID) scene.query("select organization_id from event_outbox order by organization_id offset 199 limit 1")
                .get(0);
        try (Connection other = scene.connect(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("select from event_outbox for update");

            Taken taken = scene.fanOut(500, QueueScene.plenty());

            assertThat(taken.events()).isZero();
            assertThat(taken.isFull()).isFalse();
            assertThat(taken.nextAfter()).isEqualTo(last);
        }
    }

    @Test
    void itTellsHowManyDeliveriesThereWere() {
        UUID organization = scene.organization();
        for (int i = 0; i < 5; i++) {
            scene.webhook(organization);
        }
        scene.publish(organization, 4);
        Taken taken = scene.fanOut(100, QueueScene.room(3, 3));
        assertThat(taken.events()).isEqualTo(4);
        assertThat(taken.deliveries()).isEqualTo(20);
    }
}
