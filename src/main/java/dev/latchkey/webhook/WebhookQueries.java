package dev.latchkey.webhook;

import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.identity.Caller;
import dev.latchkey.web.ProblemException;
import dev.latchkey.webhook.WebhookView.SetMark;
import dev.latchkey.webhook.WebhookView.StoreReference;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The reads of webhooks for people: one statement brings all that an answer shows, and nothing that is sealed. */
@Singleton
class WebhookQueries {

    // The lane and the stores by primary keys. A secret that has ended counts as gone, though its row may keep it for a while.
    private static final String SELECT = """
            select w.id, w.url, w.description, w.events, w.all_stores, w.header_names, w.active, w.disabled_at,
                   w.disabled_reason, l.failing_since, w.secret_set_at, w.created_at, w.updated_at, w.version,
                   case when w.previous_until > now() then w.previous_until end as previous_until,
                   (select coalesce(json_agg(json_build_array(s.id, s.key) order by s.key), '[]')
                      from webhook_store n join store s on s.id = n.store_id where n.webhook_id = w.id) as stores
              from webhook w
              join webhook_lane l on l.webhook_id = w.id
             where w.organization_id = $1 and w.deleted_at is null and
            """ + WebhookReach.within(2);

    private final Pool database;

    WebhookQueries(Pool database) {
        this.database = database;
    }

    /** One webhook; empty when there is none of that id within the caller's reach. By primary key. */
    Uni<Optional<WebhookView>> find(Caller caller, UUID id) {
        return database.preparedQuery(SELECT + " and w.id = $3")
                .execute(Tuple.of(caller.tenant().id(), WebhookReach.limitedKey(caller), id))
                .map(rows -> rows.stream().map(WebhookQueries::view).findFirst());
    }

    /** @throws ProblemException 404 unless there is such a webhook within the caller's reach */
    Uni<WebhookView> existing(Caller caller, UUID id) {
        return find(caller, id).map(found -> found.orElseThrow(ProblemException::notFound));
    }

    /**
     * Whether what an earlier answer told may be told again: false where a key was limited to other stores since. Who reaches
     * everything is told it though the webhook may be gone.
     */
    Uni<Boolean> stillSeen(Caller caller, UUID id) {
        return caller.reachesAllStores() ? Uni.createFrom().item(true) : find(caller, id).map(Optional::isPresent);
    }

    // By the index on (organization_id, id desc) of those that are not deleted.
    /** Up to {@code limit} webhooks after one, newest first. */
    Uni<List<WebhookView>> list(Caller caller, @Nullable UUID after, int limit) {
        return database.preparedQuery(SELECT + " and ($3::uuid is null or w.id < $3) order by w.id desc limit $4")
                .execute(Tuple.of(caller.tenant().id(), WebhookReach.limitedKey(caller), after, limit))
                .map(rows -> rows.stream().map(WebhookQueries::view).toList());
    }

    private static WebhookView view(Row row) {
        String reason = row.getString("disabled_reason");
        return new WebhookView(row.getUUID("id"), row.getString("url"), Arrays.asList(row.getArrayOfStrings("events")),
                WebhookView.Stores.of(row.getBoolean("all_stores") ? null : stores((JsonArray) row.getValue("stores"))),
                row.getString("description"), headers(row.getArrayOfStrings("header_names")), row.getBoolean("active"),
                instant(row, "disabled_at"), reason == null ? null : DisabledReason.stored(reason),
                instant(row, "failing_since"),
                new WebhookView.SecretState(true, present(row, "secret_set_at"), instant(row, "previous_until")),
                present(row, "created_at"), present(row, "updated_at"), row.getLong("version"));
    }

    private static List<StoreReference> stores(JsonArray stores) {
        return stores.stream().map(JsonArray.class::cast)
                .map(store -> new StoreReference(UUID.fromString(store.getString(0)), store.getString(1))).toList();
    }

    private static Map<String, SetMark> headers(String[] names) {
        Map<String, SetMark> headers = new LinkedHashMap<>();
        for (String name : names) {
            headers.put(name, new SetMark(true));
        }
        return headers;
    }

    private static Instant present(Row row, String column) {
        return Objects.requireNonNull(instant(row, column), column);
    }

    private static @Nullable Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column) == null ? null : row.getOffsetDateTime(column).toInstant();
    }
}
