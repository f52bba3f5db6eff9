package dev.latchkey.testing;

import java.util.UUID;

import javax.sql.DataSource;

/** Credentials as rows. */
public final class Credentials {

    private final Api api;
    private final Behind behind;

    public Credentials(Api api, DataSource database) {
        this.api = api;
        this.behind = new Behind(database);
    }

    /** One that nobody has tested. */
    public String basic(String baseUrl, String username, String password) {
        return row("basic", baseUrl, "{\"username\": \"%s\", \"password\": \"%s\"}".formatted(username, password));
    }

    public String inQuery(String baseUrl, String name, String key) {
        return row("api_key", baseUrl, "{\"name\": \"%s\", \"key\": \"%s\"}".formatted(name, key));
    }

    private String row(String type, String baseUrl, String data) {
        UUID id = UUID.randomUUID();
        UUID organization = behind.organization(api);
        behind.execute("""
                insert into credential (id, organization_id, name, variables, base_url, type, data, created_by_type, created_by_id,
                                        created_by_name, created_at, updated_at)
                values (?, ?, 'ERP', '{}', ?, ?, cast(? as jsonb), 'person', 'ana', 'ana', now(), now())
                """, id, organization, baseUrl, type, data);
        behind.execute("""
                insert into credential_state (credential_id, organization_id, status, reason, changed_at, told_status)
                values (?, ?, 'unknown', 'not-verifiable', now(), 'unknown')
                """, id, organization);
        return id.toString();
    }
}
