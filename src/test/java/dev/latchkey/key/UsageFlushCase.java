package dev.latchkey.key;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.vertx.mutiny.sqlclient.Pool;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;

/** What tests of writing uses extend: keys of an organization of its own, replicas of the test's, and a clock in its hand. */
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
abstract class UsageFlushCase {

    static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.HOURS).plusSeconds(60);

    @Inject
    Pool database;

    Api api;
    UsageRows written;
    Instant now = NOW;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        written = new UsageRows(database);
    }

    UUID aKey() {
        return UUID.fromString(api.aKey().unlimited().create().id());
    }

    UsageReplica aReplica() {
        return new UsageReplica(database, () -> now);
    }
}
