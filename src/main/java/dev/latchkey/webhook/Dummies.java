package dev.latchkey.webhook;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.event.EventType;
import dev.latchkey.event.EventTypes;
import dev.latchkey.identity.Caller;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Throttle;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends dummies: the example of an event type, to a webhook as it stands, whether it is switched on or not, for somebody who
 * waits for what comes of it. It is no event and no delivery: nothing is stored of it but that it was sent, nothing is tried
 * again, and it neither disables a webhook nor tells that it works.
 */
@Singleton
class Dummies {

    private static final Logger LOG = Logger.getLogger(Dummies.class);

    private final WebhookQueries queries;
    private final EventTypes types;
    private final Targets targets;
    private final Sender sender;
    private final DummyHistory history;
    private final Pool database;
    private final InstantSource clock;
    private final Throttle allowance;

    /** @throws ConfigurationException for an allowance that is none */
    @Inject
    Dummies(WebhookQueries queries, EventTypes types, Targets targets, Sender sender, DummyHistory history, Pool database,
            InstantSource clock, SendingConfig config) {
        if (config.testsPerMinute() < 1) {
            throw new ConfigurationException("LATCHKEY_WEBHOOK_TESTS_PER_MINUTE must be at least 1.");
        }
        this.queries = queries;
        this.types = types;
        this.targets = targets;
        this.sender = sender;
        this.history = history;
        this.database = database;
        this.clock = clock;
        this.allowance = new Throttle(config.testsPerMinute(), "Your organization has tested " + config.testsPerMinute()
                + " webhooks within a minute; wait a little.", Ticker.systemTicker());
    }

    /**
     * Sends one and waits for what comes of it.
     *
     * @param event the type of its example; null: the first that the webhook asks for
     * @throws ProblemException 404 unless there is such a webhook within the caller's reach, 422 for a type that is none, 409
     *         where its secret or its headers do not open, 429
     */
    Uni<DummyView> send(Caller caller, UUID id, @Nullable String event) {
        return queries.existing(caller, id).flatMap(webhook -> {
            EventType type = type(webhook, event);
            allowance.take(caller.tenant().id());
            return targets.of(Map.of(id, webhook.version()))
                    .flatMap(opened -> opened.containsKey(id) ? Uni.createFrom().item(opened.get(id)) : closed(caller, id))
                    .flatMap(target -> message(target, type)
                            .flatMap(message -> sender.send(target, message, true)
                                    .call(sent -> noted(caller, webhook, type, sent))
                                    .map(sent -> DummyView.of(target, message, sent))));
        });
    }

    /** It has been sent, and whoever waits is told what came of it, whatever becomes of the entry. */
    private Uni<Void> noted(Caller caller, WebhookView webhook, EventType type, Sent sent) {
        return history.tested(caller, webhook.id(), webhook.url(), type.name(), sent.delivery()).onFailure()
                .invoke(fault -> LOG.warnf("a dummy was sent that is not in the activity log: org=%s webhookId=%s cause=%s",
                        caller.tenant().id(), webhook.id(), fault))
                .onFailure().recoverWithNull();
    }

    /** A type that the operator's settings have lost is sent as it would be: known by its name alone. */
    private EventType type(WebhookView webhook, @Nullable String wanted) {
        if (wanted == null) {
            List<String> asked = webhook.events();
            return asked.stream().map(types::find).flatMap(Optional::stream).findFirst()
                    .orElseGet(() -> new EventType(asked.get(0), false, "", "", new JsonObject()));
        }
        return types.find(wanted).orElseThrow(() -> ProblemException.invalid("event",
                "is not an event type, see GET /api/v1/event-types" + types.didYouMean(wanted)));
    }

    /** It was there a moment ago: it was deleted meanwhile, or does not open. */
    private Uni<Target> closed(Caller caller, UUID id) {
        return queries.existing(caller, id).map(still -> {
            throw ProblemException.conflict("The webhook's secret or headers do not open. Rotate its secret with the overlap "
                    + "PT0S, and set its headers again.");
        });
    }

    /** The example as if it happened now, in a store that the webhook gets events of where the type is of a store. */
    private Uni<Message> message(Target target, EventType type) {
        JsonObject data = type.example().getJsonObject("data", new JsonObject());
        JsonObject sample = type.example().getJsonObject("store");
        Message.Head head = new Message.Head(UuidCreator.getTimeOrderedEpoch().toString(), type.name(),
                clock.instant().truncatedTo(ChronoUnit.MICROS), null, null);
        return sample == null ? Uni.createFrom().item(Message.of(head, data.encode()))
                : store(target).map(found -> found.orElseGet(
                        () -> new Message.Store(UUID.fromString(sample.getString("id")), sample.getString("key"))))
                        .map(store -> Message.of(head.in(store), data.encode()));
    }

    // By the primary key of webhook_store, or the index on (organization_id, key) of store.
    private Uni<Optional<Message.Store>> store(Target target) {
        return database.preparedQuery("""
                select s.id, s.key
                  from webhook w join store s on s.organization_id = w.organization_id
                 where w.id = $1 and (w.all_stores or exists (select from webhook_store n
                                                               where n.webhook_id = w.id and n.store_id = s.id))
                 order by s.key
                 limit 1
                """).execute(Tuple.of(target.webhook())).map(rows -> {
            for (Row row : rows) {
                return Optional.of(new Message.Store(row.getUUID("id"), row.getString("key")));
            }
            return Optional.empty();
        });
    }
}
