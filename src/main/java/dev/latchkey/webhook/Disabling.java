package dev.latchkey.webhook;

import java.util.UUID;
import java.util.function.Consumer;

import jakarta.inject.Singleton;

import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.jboss.logging.Logger;

/** Switches webhooks off for the dispatcher, each in a context of its own, in which sessions of Hibernate stand. */
@Singleton
class Disabling {

    private static final Logger LOG = Logger.getLogger(Disabling.class);

    private final Webhooks webhooks;
    private final DeliveryMetrics metrics;
    private final Vertx vertx;

    Disabling(Webhooks webhooks, DeliveryMetrics metrics, Vertx vertx) {
        this.webhooks = webhooks;
        this.metrics = metrics;
        this.vertx = vertx;
    }

    /**
     * Switches it off if it still is the version that failed; should that fail, the next attempt finds the same.
     *
     * @param over told the webhook when it is done or has failed, on the caller's context
     */
    void disable(UUID webhook, long version, DisabledReason reason, Consumer<UUID> over) {
        Context asking = vertx.getOrCreateContext();
        Context own = VertxContext.createNewDuplicatedContext(asking);
        VertxContextSafetyToggle.setContextSafe(own, true);
        own.runOnContext(begun -> Uni.createFrom().deferred(() -> webhooks.disable(webhook, version, reason)).subscribe()
                .with(isNew -> {
                    if (isNew) {
                        metrics.disabled(reason);
                        LOG.infof("webhook disabled: webhookId=%s reason=%s", webhook, reason.text());
                    }
                    asking.runOnContext(back -> over.accept(webhook));
                }, fault -> {
                    LOG.warnf("a webhook could not be disabled, its next failure tries again: webhookId=%s cause=%s", webhook,
                            fault);
                    asking.runOnContext(back -> over.accept(webhook));
                }));
    }
}
