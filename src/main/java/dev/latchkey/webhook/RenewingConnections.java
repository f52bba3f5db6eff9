package dev.latchkey.webhook;

import jakarta.inject.Singleton;

import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.sqlclient.Pool;

/**
 * The connection by which claims are renewed (data source {@code dispatch-renewing}), and nothing else: whatever the other ones
 * of {@link DispatchConnections} wait for, no claim runs out for it.
 */
@Singleton
@ReactiveDataSource(RenewingConnections.NAME)
class RenewingConnections implements PgPoolCreator {

    static final String NAME = "dispatch-renewing";

    @Override
    public Pool create(Input input) {
        return DispatchConnections.pool(input);
    }
}
