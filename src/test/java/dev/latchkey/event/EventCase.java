package dev.latchkey.event;

import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import org.junit.jupiter.api.BeforeEach;

/** What tests of events extend: an organization of its own. */
@QuarkusTestResource(TestDatabase.class)
abstract class EventCase {

    @Inject
    DataSource database;

    Behind behind;
    Api api;
    UUID organization;

    @BeforeEach
    void aNewOrganization() {
        behind = new Behind(database);
        api = Api.ofNewOrganization();
        organization = behind.organization(api);
    }
}
