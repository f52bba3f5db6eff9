package dev.latchkey.notification;

import java.util.Map;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import dev.latchkey.activity.ActivityBroken;
import dev.latchkey.activity.Target;
import dev.latchkey.event.Event;
import dev.latchkey.event.Events;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import org.jboss.logging.Logger;

/** Tells an organization's people that someone has edited its activity log: once, whatever else is found. */
@Singleton
class TamperedLog {

    private static final Logger LOG = Logger.getLogger(TamperedLog.class);
    private static final String EPISODE = "log";

    private final Notifications notifications;
    private final Events events;
    private final Vertx vertx;

    TamperedLog(Notifications notifications, Events events, Vertx vertx) {
        this.notifications = notifications;
        this.events = events;
        this.vertx = vertx;
    }

    /** Whoever found it goes on: the notice is written in a context of its own, and its failure is logged. */
    void tell(@Observes ActivityBroken broken) {
        Context own = VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext());
        VertxContextSafetyToggle.setContextSafe(own, true);
        own.runOnContext(begun -> write(broken).subscribe().with(done -> {
        }, fault -> LOG.errorf(fault, "nobody could be told that the activity log is broken: org=%s", broken.organization())));
    }

    private Uni<Void> write(ActivityBroken broken) {
        Target target = new Target("activity", broken.organization(), "position " + broken.position());
        Notice notice = Notice.ofEpisode(NoticeKind.ACTIVITY_TAMPERED, EPISODE, target,
                Map.of("position", Long.toString(broken.position()), "reason", broken.flaw().code()));
        JsonObject data = new JsonObject().put("position", broken.position()).put("reason", broken.flaw().code());
        return Panache.withTransaction(() -> notifications.tell(broken.organization(), notice)
                .call(() -> events.publish(broken.organization(), Event.of("activity.broken", data))));
    }
}
