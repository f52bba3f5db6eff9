package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.TestDatabase;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class CanaryTest {

    private final String master = SealerTest.key("m1");
    private final String pepper = SealerTest.key("p1");

    @Inject
    DataSource database;

    @BeforeEach
    void aDatabaseThatWasUsedWithTheseKeys() throws SQLException {
        execute("alter table crypto_canary rename to crypto_canary_of_the_application");
        execute("create table crypto_canary (like crypto_canary_of_the_application including all)");
        start(master, pepper);
    }

    @AfterEach
    void theApplicationsOwn() throws SQLException {
        execute("drop table crypto_canary");
        execute("alter table crypto_canary_of_the_application rename to crypto_canary");
    }

    @Test
    void theSameKeysStartAgainAndNewOnesMayJoin() {
        assertThatCode(() -> start(master, pepper)).doesNotThrowAnyException();
        assertThatCode(() -> start(SealerTest.key("m2") + "," + master, SealerTest.key("p2") + "," + pepper))
                .doesNotThrowAnyException();
    }

    @Test
    void aMissingKeyStopsTheStartAndLeavesNoProofOfTheMistake() {
        String stranger = SealerTest.key("m9");
        assertThatThrownBy(() -> start(stranger, pepper)).isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("LATCHKEY_MASTER_KEY: ").hasMessageContaining("'m1'");
        assertThatThrownBy(() -> start(master, SealerTest.key("p9"))).isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("LATCHKEY_PEPPER: ").hasMessageContaining("'p1'");

        assertThatCode(() -> start(master, pepper)).doesNotThrowAnyException();
    }

    @Test
    void anotherKeyUnderTheSameNameStopsTheStart() {
        assertThatThrownBy(() -> start(SealerTest.key("m1"), pepper)).hasMessageStartingWith("LATCHKEY_MASTER_KEY: ")
                .hasMessageContaining("not the key");
        assertThatThrownBy(() -> start(master, SealerTest.key("p1"))).hasMessageStartingWith("LATCHKEY_PEPPER: ")
                .hasMessageContaining("not the key");
    }

    private void start(String masterKeys, String peppers) throws SQLException {
        new Canary(database, SealerTest.sealer(masterKeys), new Peppers(KeyRing.parse("LATCHKEY_PEPPER", peppers)))
                .check(new StartupEvent());
    }

    private void execute(String sql) throws SQLException {
        try (var connection = database.getConnection(); var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
