package dev.latchkey.testing;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.DataKeys;
import dev.latchkey.crypto.Sealer.Place;

/** Credentials as rows, of tests that are about their use. */
public final class Credentials {

    private final Api api;
    private final Behind behind;
    private final DataKeys dataKeys;

    public Credentials(Api api, DataSource database, DataKeys dataKeys) {
        this.api = api;
        this.behind = new Behind(database);
        this.dataKeys = dataKeys;
    }

    /** One that nobody has tested. */
    public String basic(String baseUrl, String username, String password) {
        return stored("basic", baseUrl, "{\"username\": \"%s\"}".formatted(username), Map.of("password", password));
    }

    public String inQuery(String baseUrl, String name, String key) {
        return stored("api_key", baseUrl, "{\"placement\": \"query\", \"name\": \"%s\"}".formatted(name), Map.of("key", key));
    }

    /** One that was connected, with what a lease must not show. */
    public String oauth(String baseUrl, String accessToken, String refreshToken, String clientSecret) {
        return stored("oauth2", baseUrl,
                "{\"grant\": \"authorization_code\", \"clientId\": \"app-1\", \"scopes\": [], \"clientAuth\": \"basic\", \"pkce\": true}",
                Map.of("accessToken", accessToken, "refreshToken", refreshToken, "clientSecret", clientSecret));
    }

    /** @param reason of its state, as the API has it */
    public void is(String credential, String reason) {
        behind.execute("update credential_state set reason = ? where credential_id = ?", reason, UUID.fromString(credential));
    }

    /** @param baseUrl null: none */
    public String stored(String type, String baseUrl, String data, Map<String, String> secrets) {
        UUID id = UUID.randomUUID();
        UUID organization = behind.organization(api);
        behind.execute(
                """
                        insert into credential (id, organization_id, name, variables, base_url, type, data, sealed, created_by_type,
                                                created_by_id, created_by_name, created_at, updated_at)
                        values (?, ?, 'ERP', '{}', ?, ?, cast(? as jsonb), cast(? as jsonb), 'person', 'ana', 'ana', now(), now())
                        """,
                id, organization, baseUrl, type, data,
                secrets.keySet().stream().map("\"%s\": 1"::formatted).collect(Collectors.joining(", ", "{", "}")));
        behind.execute("""
                insert into credential_state (credential_id, organization_id, status, reason, host)
                values (?, ?, 'unknown', 'not-verifiable', '')
                """, id, organization);
        DataKey key = Behind.await(() -> dataKeys.of(organization)).orElseThrow();
        secrets.forEach((field, secret) -> {
            Planted.add(secret);
            behind.execute("""
                    insert into credential_secret (credential_id, field, organization_id, sealed, updated_at)
                    values (?, ?, ?, ?, now())
                    """, id, field, organization, key.seal(secret.getBytes(StandardCharsets.UTF_8),
                    new Place(organization, id, "credential_secret." + field, 1)));
        });
        return id.toString();
    }
}
