package dev.latchkey.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people were told is not kept for ever, unless it still stands. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class OldNoticesTest {

    private static final Duration RETENTION = Duration.ofDays(365);

    @Inject
    DataSource database;
    @Inject
    Pool pool;

    private Behind behind;
    private Api api;
    private UUID organization;

    @BeforeEach
    void aNewOrganization() {
        behind = new Behind(database);
        api = Api.ofNewOrganization();
        organization = behind.organization(api);
    }

    @Test
    void whatHasBeenOverForLongGoesAndWhatStandsStays() {
        Instant now = Instant.now();
        told("standing", now.minus(Duration.ofDays(800)), null);
        UUID over = told("over", now.minus(Duration.ofDays(700)), now.minus(Duration.ofDays(366)));
        told("just over", now.minus(Duration.ofDays(700)), now.minus(Duration.ofDays(364)));
        told("new", now, now);
        behind.execute("insert into notification_read values (?, 'ana', ?, now())", over, organization);

        drop();

        api.as("viewer").get("/api/v1/notifications").then().statusCode(200).body("items.target.name",
                contains("new", "just over", "standing"));
        assertThat(behind.count("select count(*) from notification_read where notification_id = ?", over)).isZero();
    }

    @Test
    void manyGoInSeveralBatches() {
        Instant then = Instant.now().minus(Duration.ofDays(400));
        told("standing", then.minusSeconds(60), null);
        for (int i = 0; i < 7; i++) {
            told("n" + i, then.plusSeconds(i), then.plusSeconds(i));
        }

        drop();

        api.as("viewer").get("/api/v1/notifications").then().statusCode(200).body("items.target.name", contains("standing"));
    }

    private void drop() {
        Behind.await(() -> new OldNotices(pool, InstantSource.system(), RETENTION, 3).run().replaceWith(true));
    }

    private UUID told(String name, Instant at, @Nullable Instant resolvedAt) {
        UUID id = new UUID(at.toEpochMilli() << 16 | 0x7000, ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
        behind.execute("""
                insert into notification (id, organization_id, kind, episode, target_type, target_id, target_name, parameters,
                                          at, resolved_at)
                values (?, ?, 'organization.suspended', ?, 'organization', ?, ?, cast('{"name": "Acme"}' as jsonb), ?, ?)
                """, id, organization, id.toString(), organization, name, Timestamp.from(at),
                resolvedAt == null ? null : Timestamp.from(resolvedAt));
        return id;
    }
}
