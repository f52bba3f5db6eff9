package dev.latchkey.boot;

import jakarta.inject.Singleton;

import io.quarkus.flyway.FlywayConfigurationCustomizer;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Replicas that start together wait for the one that migrates, as long as a large table may take. Flyway asks for its lock once
 * a second, and by default gives up after 50: each of the others would end, start and end again.
 */
@Singleton
class PatientMigrations implements FlywayConfigurationCustomizer {

    /** Ten minutes, for which orchestrators are told to wait for a start (deploy/kubernetes, startupProbe). */
    static final int ATTEMPTS = 600;

    @Override
    public void customize(FluentConfiguration configuration) {
        configuration.lockRetryCount(ATTEMPTS);
    }
}
