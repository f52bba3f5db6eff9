package dev.latchkey.credential;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of stored credentials begin with: an organization, and a provider that accepts whatever it is shown. */
@NullUnmarked
abstract class CredentialCase {

    @Inject
    DataSource source;

    Api api;
    Behind database;
    FakeProvider provider;

    @BeforeEach
    void anOrganizationAndAProvider() {
        api = Api.ofNewOrganization();
        database = new Behind(source);
        provider = FakeProvider.start();
        provider.answers(200, "{}");
    }

    @AfterEach
    void stop() {
        provider.close();
    }
}
