package dev.latchkey.boot;

import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.catalog.Catalogs;
import dev.latchkey.replica.Lease;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready: the database answers soon and the catalogue has been read, or verifications are still answered from memory. That it
 * is migrated is certain, since nothing is served before.
 */
@Readiness
@ApplicationScoped
class DatabaseReady implements AsyncHealthCheck {

    private static final String NAME = "database";
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Pool database;
    private final Lease lease;
    private final Catalogs catalogs;

    DatabaseReady(Pool database, Lease lease, Catalogs catalogs) {
        this.database = database;
        this.catalogs = catalogs;
        this.lease = lease;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return database.query("select 1").execute().flatMap(rows -> catalogs.now()).ifNoItem().after(PATIENCE).fail()
                .map(read -> HealthCheckResponse.up(NAME))
                .onFailure().recoverWithItem(() -> HealthCheckResponse.named(NAME).status(lease.holds())
                        .withData("memory", lease.holds() ? "believed until the lease runs out" : "not believed").build());
    }
}
