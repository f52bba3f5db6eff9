package dev.latchkey.activity;

import java.util.UUID;

import javax.sql.DataSource;

import dev.latchkey.identity.Origin;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import io.restassured.response.ValidatableResponse;

/** The activity log of a new organization, as tests fill it and tamper with it. */
final class Log {

    static final Actor ANA = new Actor(Actor.Type.PERSON, "sub-ana", "ana@example.com", new Origin("203.0.113.7", "req-1"));

    final Api api = Api.ofNewOrganization();
    final Behind behind;
    final UUID organization;
    private final Activities activities;

    Log(DataSource database, Activities activities) {
        this.behind = new Behind(database);
        this.activities = activities;
        this.organization = behind.organization(api);
    }

    /** Entries that are told apart by their targets' names, n1, n2, …; linked. */
    Log with(int entries) {
        write(entries);
        verify().statusCode(200);
        return this;
    }

    void write(int entries) {
        for (int i = 1; i <= entries; i++) {
            write("key.updated", "n" + i);
        }
    }

    UUID write(String action, String name) {
        return write(ANA, action, new Target("key", UUID.randomUUID(), name));
    }

    UUID write(Actor actor, String action, Target target) {
        Behind.inTransaction(() -> activities.record(organization, actor, action, target,
                Changes.none().field("name", "old", target.name()).note("reason", "because")).replaceWith(true));
        return target.id();
    }

    ValidatableResponse verify() {
        return api.as("viewer").get("/api/v1/activity/verify").then();
    }

    UUID idAt(long position) {
        return (UUID) behind.query("select id from activity where organization_id = ? and position = ?", organization, position)
                .get(0);
    }

    int sql(String sql, Object... more) {
        Object[] values = new Object[more.length + 1];
        values[0] = organization;
        System.arraycopy(more, 0, values, 1, more.length);
        return behind.execute(sql, values);
    }
}
