package dev.latchkey.catalog;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Target;
import dev.latchkey.catalog.HeldGrants.Affected;
import dev.latchkey.notification.Notice;
import dev.latchkey.notification.NoticeKind;
import dev.latchkey.notification.Notifications;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import org.jboss.logging.Logger;

/**
 * Tells organizations that a new catalogue changed what their keys reach: one notification for each organization and
 * replacement. After it, not with it: the search for these keys takes seconds, for which the catalogue would be locked.
 * Where that fails nobody is told but the platform, by its answer, and the log.
 */
@Singleton
class CatalogNotices {

    /** Organizations that are told of one replacement: more would hold it up, and hit as many mailboxes. */
    static final int MOST = 10_000;

    private static final Logger LOG = Logger.getLogger(CatalogNotices.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int BATCH = 500;
    private static final int NAMED = 3;

    private final Notifications notifications;
    private final Pool database;

    CatalogNotices(Notifications notifications, Pool database) {
        this.notifications = notifications;
        this.database = database;
    }

    /** Never fails, since what it tells of has been done. */
    Uni<Void> tell(long version, List<Affected> organizations) {
        if (organizations.size() > MOST) {
            LOG.warnf("more organizations have keys that lose or gain by the new catalogue than are notified: most=%d", MOST);
        }
        List<Affected> told = organizations.subList(0, Math.min(MOST, organizations.size()));
        List<List<Affected>> batches = new ArrayList<>();
        for (int from = 0; from < told.size(); from += BATCH) {
            batches.add(told.subList(from, Math.min(told.size(), from + BATCH)));
        }
        return Multi.createFrom().iterable(batches).onItem().transformToUniAndConcatenate(batch -> database
                .withTransaction(connection -> notifications.tellAll(connection,
                        batch.stream().map(affected -> notice(version, affected)).toList()))
                .replaceWith(batch.size())).collect().asList().ifNoItem().after(PATIENCE).fail().onFailure()
                .invoke(fault -> LOG.errorf(fault,
                        "not all organizations whose keys lose or gain by the new catalogue are notified: version=%d", version))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    private static Notifications.Addressed notice(long version, Affected affected) {
        return new Notifications.Addressed(affected.organization(), Notice.once(NoticeKind.KEY_REACH_CHANGED,
                new Target("catalog", affected.organization(), "version " + version),
                Map.of("losing", Long.toString(affected.losing()), "lost", named(affected.losing(), affected.lost()),
                        "gaining", Long.toString(affected.gaining()), "opened",
                        named(affected.gaining(), affected.opened()))));
    }

    /** The same in all languages. */
    private static String named(long keys, List<String> names) {
        return keys == 0 ? "0"
                : keys + " (" + String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
                        + (names.size() > NAMED ? ", …)" : ")");
    }
}
