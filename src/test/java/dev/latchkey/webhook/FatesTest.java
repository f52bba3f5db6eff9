package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.DeliveryRows;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code events_without_fate()}: finds nothing where all is well, and every way in which an event could be lost. */
@QuarkusTest
@NullUnmarked
class FatesTest extends WebhookCase {

    private static final Instant AT = DeliveryRows.ago(1, ChronoUnit.HOURS);

    private DeliveryRows rows;
    private String webhook;
    private UUID organization;

    @BeforeEach
    void aWebhook() {
        organization = database.organization(api);
        rows = new DeliveryRows(database, organization);
        webhook = made(Map.of());
        rows.hold(webhook);
    }

    @Test
    void whereAllIsWellItFindsNothing() {
        for (String state : List.of("pending", "delivered", "exhausted", "cancelled")) {
            rows.delivery(webhook, state, state, AT);
        }
        rows.event("unwanted", AT, 0);
        api.asPlatform().body(Map.of("type", "product.update", "data", Map.of())).post("/api/v1/events").then().statusCode(202);
        assertThat(rows.withoutFate()).isEmpty();
    }

    @Test
    void anEventThatNobodyWillFanOutIsFound() {
        rows.event("lost", AT, null);
        assertThat(rows.withoutFate()).containsExactly("not-in-outbox");
    }

    @Test
    void aRowOfTheOutboxThatIsDoneOrEmptyIsFound() throws SQLException {
        UUID done = rows.event("done", AT, 0);
        for (UUID event : List.of(done, UUID.randomUUID())) {
            assertThat(withoutFateIf("insert into event_outbox (event_id, at, organization_id) values ('%s', '%s', '%s')"
                    .formatted(event, AT, organization))).containsExactly("in-outbox-in-vain");
        }
    }

    @Test
    void aDeliveryThatIsMissingIsFound() {
        UUID id = rows.delivery(webhook, "a", "delivered", AT);
        database.execute("delete from delivery where id = ?", id);
        assertThat(rows.withoutFate()).containsExactly("deliveries-missing");
    }

    @Test
    void aDeliveryThatNobodyWillSendIsFound() {
        UUID id = rows.delivery(webhook, "a", "pending", AT);
        database.execute("delete from webhook_queue where delivery_id = ?", id);
        assertThat(rows.withoutFate()).containsExactly("not-queued");
    }

    @Test
    void whatIsQueuedThoughItsFateIsKnownIsFound() {
        UUID id = rows.delivery(webhook, "a", "pending", AT);
        database.execute("update delivery set state = 'delivered' where id = ?", id);
        assertThat(rows.withoutFate()).containsExactly("queued-in-vain");
        database.execute("delete from delivery where id = ?", id);
        assertThat(rows.withoutFate()).containsExactly("deliveries-missing", "queued-in-vain");
    }

    @Test
    void aDayThatIsDroppedIsLeftOut() {
        UUID id = rows.delivery(webhook, "a", "delivered", AT);
        database.execute("delete from event where public_id = 'a-1' and organization_id = ?", organization);
        database.execute("delete from delivery where id = ?", id);
        assertThat(rows.withoutFate()).isEmpty();
    }

    @Test
    void anOrganizationThatIsBeingDeletedIsLeftOut() throws SQLException {
        rows.event("lost", AT, null);
        assertThat(withoutFateIf("update organization set active = false, deletion_requested_at = now() where id = '%s'"
                .formatted(organization))).isEmpty();
    }

    /** In a transaction that is rolled back, so that the dispatcher and other jobs do not see it. */
    private List<String> withoutFateIf(String change) throws SQLException {
        try (Connection connection = source.getConnection(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(change);
            List<String> problems = new ArrayList<>();
            try (ResultSet found = statement.executeQuery(
                    "select problem from events_without_fate() where organization_id = '" + organization + "'")) {
                while (found.next()) {
                    problems.add(found.getString(1));
                }
            }
            connection.rollback();
            return problems;
        }
    }
}
