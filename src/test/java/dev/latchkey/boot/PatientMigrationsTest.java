package dev.latchkey.boot;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.inject.Inject;

import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** Of replicas that start together one migrates, and the others do not give up waiting for it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PatientMigrationsTest {

    @Inject
    Flyway flyway;

    @Test
    void aReplicaWaitsForTheOneThatMigratesAsLongAsKubernetesWaitsForIt() {
        assertThat(flyway.getConfiguration().getLockRetryCount()).isEqualTo(PatientMigrations.ATTEMPTS);
    }
}
