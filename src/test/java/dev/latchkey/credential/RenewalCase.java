package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.credential.RenewalTable.Claim;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.TokenServer;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of renewals begin with: an organization, and a token server that its credentials are renewed at. */
@NullUnmarked
abstract class RenewalCase {

    @Inject
    Renewals renewals;
    @Inject
    RenewalTable table;
    @Inject
    Pairs pairs;
    @Inject
    PairTable pairTable;
    @Inject
    OpenCredentials open;
    @Inject
    DataSource source;

    Api api;
    TokenServer server;
    RenewalScene scene;
    Behind database;

    @BeforeEach
    void aTokenServer() {
        api = Api.ofNewOrganization();
        server = TokenServer.start();
        database = new Behind(source);
        scene = new RenewalScene(api, database, server, renewals);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    UUID organization() {
        return database.organization(api);
    }

    /** Whoever holds this is at it, until he lets go of it or his lease ends. */
    Claim claimed(String id) {
        UUID organization = organization();
        return Behind.await(() -> table.claimOne(organization, UUID.fromString(id), true)).orElseThrow();
    }

    /** Has it renewed, as far as its token server lets it. */
    void begin(String id) {
        scene.due(id);
        Behind.await(renewals::fill);
        Eventually.holds(() -> assertThat(server.presented()).isNotEmpty());
    }

    OpenCredential opened(String id) {
        UUID organization = organization();
        return Objects.requireNonNull(Behind.await(() -> open.of(organization, UUID.fromString(id))));
    }

    CredentialData.OAuth2 pair(String id) {
        return (CredentialData.OAuth2) opened(id).data();
    }

    /** Of the pair that stands. */
    long version(String id) {
        UUID organization = organization();
        return Behind.await(() -> pairTable.version(organization, UUID.fromString(id)));
    }

    /** What becomes of a pair that was given for the one that stood then. */
    Pairs.Stored store(OpenCredential opened, long version, Granted granted) {
        return Behind.await(() -> pairs.store(opened, version, granted, Instant.now()));
    }

    Response patch(String id, Map<String, ?> body) {
        return api.asOwner().contentType("application/merge-patch+json").body(body).patch("/api/v1/credentials/" + id);
    }
}
