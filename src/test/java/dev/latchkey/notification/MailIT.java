package dev.latchkey.notification;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.hasSize;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.Test;

/** The packaged application, configured as operators do. */
class MailIT {

    @Test
    void withoutAMailServerNoMailIsEvenWritten() throws SQLException {
        Database database = Databases.create();
        try (LatchkeyProcess process = LatchkeyProcess.on(database).ready()) {
            String id = as(process, "owner").body(Map.of("notificationEmails", List.of("it@acme.example")))
                    .patch("/api/v1/organization").then().statusCode(200).extract().path("id");
            as(process, "platform").body(Map.of("active", false)).patch("/api/v1/organizations/" + id).then().statusCode(200);

            as(process, "owner").get("/api/v1/notifications").then().statusCode(200).body("items", hasSize(1));
            assertThat(mails(database)).isZero();
        }
    }

    private static RequestSpecification as(LatchkeyProcess process, String role) {
        return given().baseUri(process.baseUrl()).auth().oauth2(process.token("acme", "ana", role))
                .contentType("application/json");
    }

    private static long mails(Database database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select count(*) from notification_mail")) {
            assertThat(result.next()).isTrue();
            return result.getLong(1);
        }
    }
}
