package dev.latchkey.webhook;

import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

import dev.latchkey.webhook.CompletionTable.Written;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An organization with a webhook, in a database in which nobody delivers anything. */
@NullUnmarked
abstract class QueueCase {

    QueueScene scene;
    UUID organization;
    UUID webhook;

    @BeforeEach
    void aWebhook() throws SQLException {
        scene = new QueueScene();
        organization = scene.organization();
        webhook = scene.webhook(organization);
    }

    @AfterEach
    void close() throws SQLException {
        scene.close();
    }

    Written write(Ended... ended) {
        return write(List.of(ended));
    }

    Written write(List<Ended> batch) {
        return QueueScene.await(scene.completions.write(batch));
    }
}
