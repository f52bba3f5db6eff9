package dev.latchkey.catalog;

import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.identity.Caller;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells who replaced the catalogue: the service's own log, and the activity log of the organization that the platform's token
 * names as its own. Never that of another organization which it acts for: a replacement is no act upon that one.
 */
@Singleton
class CatalogHistory {

    private static final Logger LOG = Logger.getLogger(CatalogHistory.class);

    private final Activities activities;

    CatalogHistory(Activities activities) {
        this.activities = activities;
    }

    /**
     * Someone's replacement.
     *
     * @param home key of the organization in the token; null: it names none
     * @param read what was put there
     * @param isReset whether what is built in was put back
     */
    record Replacing(Caller caller, @Nullable String home, ApiDocument.Read read, boolean isReset) {
    }

    /** Writes the entry in the transaction of the replacement, where there is an organization to write it for. */
    Uni<Void> record(SqlConnection connection, Replacing by, CatalogTable.Replaced replaced) {
        return by.home() == null ? Uni.createFrom().voidItem()
                : organization(connection, by.home()).flatMap(found -> activities.recordAll(connection,
                        found.stream().map(organization -> entry(organization, by, replaced)).toList()));
    }

    private static Activities.Entry entry(UUID organization, Replacing by, CatalogTable.Replaced replaced) {
        long version = replaced.after().version();
        return new Activities.Entry(organization, Actor.of(by.caller()), by.isReset() ? "catalog.reset" : "catalog.replaced",
                new Target("catalog", organization, "version " + version),
                Changes.none().field("version", replaced.before().version(), version)
                        .note("groups", by.read().groups().size()).note("scopes", by.read().scopes().size())
                        .note("methods", by.read().methods()));
    }

    // By the unique index on keys. One that is being deleted is passed over; one that is there stays until the commit.
    private static Uni<List<UUID>> organization(SqlConnection connection, String key) {
        return connection.preparedQuery("""
                select id from organization where key = $1 and deletion_requested_at is null for key share skip locked
                """).execute(Tuple.of(key)).map(rows -> rows.stream().map(row -> row.getUUID("id")).toList());
    }

    static void log(Replacing by, CatalogTable.Replaced replaced) {
        LOG.infof("catalogue replaced: version=%d by=%s ip=%s builtIn=%s groups=%d scopes=%d methods=%d",
                replaced.after().version(), by.caller().id(), by.caller().origin().ip(), replaced.after().content() == null,
                by.read().groups().size(), by.read().scopes().size(), by.read().methods());
    }
}
