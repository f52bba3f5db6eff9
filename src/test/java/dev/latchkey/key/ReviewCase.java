package dev.latchkey.key;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;

/** What tests of the review extend: an organization of its own, and keys in it that have something to be found. */
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
abstract class ReviewCase {

    @Inject
    DataSource database;
    @Inject
    UsageFlush flush;

    Api api;
    Behind behind;
    ReviewedKeys keys;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        behind = new Behind(database);
        keys = new ReviewedKeys(api, behind, flush);
    }
}
