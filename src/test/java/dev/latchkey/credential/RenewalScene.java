package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TokenServer;
import io.restassured.response.Response;
import org.jspecify.annotations.Nullable;

/** Credentials that are renewed at a token server of the tests. */
final class RenewalScene {

    private final Api api;
    private final Behind database;
    private final TokenServer server;
    private final Renewals renewals;

    RenewalScene(Api api, Behind database, TokenServer server, Renewals renewals) {
        this.api = api;
        this.database = database;
        this.server = server;
        this.renewals = renewals;
    }

    /** A connected credential, whose access token ends in an hour. */
    String connected(String refreshToken) {
        return stored(Map.of("refreshToken", refreshToken, "accessToken", CredentialBuilder.aSecret(), "expiresAt",
                Instant.now().plus(Duration.ofHours(1)).toString()));
    }

    /** One whose access token has ended, and whose turn has not come: no claim that another test has left takes it. */
    String ended(String refreshToken) {
        String id = connected(refreshToken);
        database.execute("""
                update credential set data = jsonb_set(data, '{expiresAt}', to_jsonb(cast(? as text))) where id = ?
                """, Instant.now().minusSeconds(5).toString(), UUID.fromString(id));
        database.execute("update credential_state set expires_at = now() - interval '5 seconds' where credential_id = ?",
                UUID.fromString(id));
        return id;
    }

    String stored(Map<String, ?> data) {
        Map<String, Object> all = new HashMap<>(Map.of("grant", "refresh_token", "clientId", "app-1", "clientSecret",
                CredentialBuilder.aSecret(), "tokenUrl", server.url()));
        all.putAll(data);
        return api.aCredential().of("oauth2", all).with("baseUrl", "http://127.0.0.1:9/api").create();
    }

    /**
     * What somebody has to connect again is not asked for by itself, and so does not become due. Apps and hosts that were left
     * alone are tried again, once for all of these.
     */
    void due(String... ids) {
        onlyDue(ids);
        database.execute("update renewal_app set retry_at = now() where organization_id = ?", database.organization(api));
        database.execute("update token_host set open_until = now() where host = ?", host());
    }

    /** The same, while apps and hosts that are left alone stay so. */
    void onlyDue(String... ids) {
        for (String id : ids) {
            database.execute("""
                    update credential_renewal set due_at = now() - interval '1 second'
                     where credential_id = ? and due_at is not null
                    """, UUID.fromString(id));
        }
    }

    /** Has what is due renewed, and waits until nobody is at it any more. */
    void renew(String... ids) {
        long before = claims(ids);
        due(ids);
        // A claim that finds another one on its way leaves it to that, which may have looked before these were due. Where the
        // clock had claimed them already, what came of it may be that nothing is due any more.
        Eventually.holds(() -> {
            Behind.await(renewals::fill);
            assertThat(claims(ids) > before || Stream.of(ids).allMatch(id -> column("due_at", id) == null)).isTrue();
        });
        settled(ids);
    }

    private long claims(String... ids) {
        return Stream.of(ids).mapToLong(id -> ((Number) column("fence", id)).longValue()).sum();
    }

    /** Nobody is at them, and what came of it is told. */
    void settled(String... ids) {
        Eventually.holds(() -> assertThat(renewals.isIdle()).isTrue());
        for (String id : ids) {
            Eventually.holds(() -> assertThat(database.count("""
                    select count(*) from credential_renewal where credential_id = ? and lease_until is not null
                    """, UUID.fromString(id))).isZero());
        }
    }

    /** The lease of whoever holds it has run out, and long ago. */
    void leaseRunsOut(String id) {
        database.execute("update credential_renewal set lease_until = now() - interval '1 hour' where credential_id = ?",
                UUID.fromString(id));
    }

    /** As rows name it: of the organization's own choosing. */
    String host() {
        return database.organization(api) + "/" + URI.create(server.url()).getAuthority();
    }

    Object column(String name, String id) {
        return database.query("select " + name + " from credential_renewal where credential_id = ?", UUID.fromString(id))
                .get(0);
    }

    Response read(String id) {
        return api.asOwner().get("/api/v1/credentials/" + id);
    }

    String status(String id) {
        return read(id).path("status") + "/" + read(id).path("reason");
    }

    List<String> notices() {
        return api.asOwner().get("/api/v1/notifications").path("items.kind");
    }

    List<String> events(String type) {
        return api.asOwner().get("/api/v1/events?type=" + type).path("items.data.id");
    }

    /** A key that a live integration binds to it. */
    Created boundTo(String credential) {
        Created key = api.aKey().scopes("credentials:use").unlimited().create();
        api.asOwner()
                .body(Map.of("name", "Stock", "keyIds", List.of(key.id()), "credentialIds", List.of(credential)))
                .post("/api/v1/integrations").then().statusCode(201);
        return key;
    }

    Response lease(Created key, String credential) {
        return Api.withKey(key.key()).post("/api/v1/credentials/" + credential + "/lease");
    }

    /** What a lease says now; null where it is refused. */
    @Nullable
    String leased(Created key, String credential) {
        Response answer = lease(key, credential);
        return answer.statusCode() == 200 ? answer.path("headers.Authorization") : null;
    }
}
