package dev.latchkey.tenant;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.hasSize;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LatchkeyProcess;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The packaged application, killed while it deletes. */
@Tag("chaos")
class OrganizationDeletionIT {

    private static final int STORES = 3_000;

    /** The second one without a pause, which has ended the job before it began. */
    @Test
    void aDeletionThatIsKilledIsFinishedByWhoeverStartsNext() throws SQLException {
        Database database = Databases.create();
        String id;
        try (LatchkeyProcess first = launch(database, "PT0.05S")) {
            id = as(first, "owner").get("/api/v1/organization").then().statusCode(200).extract().path("id");
            execute(database, "insert into store (id, organization_id, key, name, created_at, updated_at)"
                    + " select gen_random_uuid(), '" + id + "', 's' || i, 's', now(), now() from generate_series(1, " + STORES
                    + ") i");
            as(first, "platform").delete("/api/v1/organizations/" + id).then().statusCode(202);
            Eventually.holds(() -> assertThat(count(database, "store")).isLessThan(STORES));
            first.kill9();
        }
        assertThat(count(database, "store")).as("killed half-way").isBetween(1L, STORES - 1L);
        assertThat(number(database, "select deleted_rows from organization")).isPositive();

        try (LatchkeyProcess second = launch(database, "PT0S")) {
            Eventually.holds(() -> assertThat(count(database, "organization")).isZero());
            assertThat(count(database, "store")).isZero();
            Eventually.holds(() -> assertThat(second.log()).contains("organization deleted: org=acme"));
            as(second, "owner").get("/api/v1/stores").then().statusCode(200).body("items", hasSize(0));
        }
    }

    private static LatchkeyProcess launch(Database database, String pause) {
        return LatchkeyProcess.on(database).with("LATCHKEY_TENANT_DELETION_DELAY", "PT0S")
                .with("LATCHKEY_TENANT_DELETION_EVERY", "1s").with("LATCHKEY_TENANT_DELETION_BATCH", "20")
                .with("LATCHKEY_TENANT_DELETION_PAUSE", pause).ready();
    }

    private static RequestSpecification as(LatchkeyProcess process, String role) {
        return given().baseUri(process.baseUrl()).auth().oauth2(process.token("acme", "ana", role))
                .contentType("application/json");
    }

    private static long count(Database database, String table) throws SQLException {
        return number(database, "select count(*) from " + table);
    }

    private static long number(Database database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getLong(1);
        }
    }

    private static void execute(Database database, String sql) throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
