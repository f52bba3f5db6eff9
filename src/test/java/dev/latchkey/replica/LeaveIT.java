package dev.latchkey.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.LatchkeyProcess;
import io.restassured.RestAssured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A replica that is stopped gives up its lease and takes itself off the list of those that changes wait for. */
@Tag("replicas")
class LeaveIT {

    private static final int ORDERLY = 143;

    private Databases.Database database;
    private LatchkeyProcess staying;
    private LatchkeyProcess leaving;

    @BeforeEach
    void start() {
        database = Databases.create();
        staying = LatchkeyProcess.on(database).start();
        leaving = LatchkeyProcess.on(database).start();
        staying.awaitReady();
        leaving.awaitReady();
        RestAssured.baseURI = staying.baseUrl();
    }

    @AfterEach
    void stop() {
        RestAssured.reset();
        leaving.close();
        staying.close();
    }

    @Test
    void aChangeIsInForceAtOnceWhenTheOtherReplicaWasStopped() throws SQLException {
        Api api = Api.ofNewOrganization();
        Created key = api.aKey().create();
        assertThat(replicas()).isEqualTo(2);

        assertThat(leaving.stop()).isEqualTo(ORDERLY);

        assertThat(replicas()).isEqualTo(1);
        // 202 after 2 seconds where a replica is silent.
        api.act(key.id(), "revoke").then().statusCode(200);
    }

    private int replicas() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select count(*) from replica")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
