package dev.latchkey.activity;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.web.Span;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The reads of activity for people. */
@Singleton
class ActivityQueries {

    private static final String ALL_OF_A_NOUN = ".*";

    private final Pool database;

    ActivityQueries(Pool database) {
        this.database = database;
    }

    /**
     * What a list is narrowed to; null: not.
     *
     * @param actor an actor's id
     * @param action a name, or {@code noun.*} for all of a noun
     */
    record Filter(@Nullable String actor, @Nullable String action, @Nullable String targetType, @Nullable UUID targetId,
            Span span) {
    }

    /** Up to {@code limit} entries after one, newest first. */
    // Only the conditions that are asked for stand in the statement, so that the plan uses the index of the filter that
    // narrows most: activity_by_actor, _by_action, _by_noun, _by_target, _by_target_type, or else _by_organization. Each ends
    // in the id, by which the page is ordered and the span is cut; what other filters remain are applied to what it finds.
    Uni<List<ActivityEntry>> list(UUID organization, Filter filter, @Nullable UUID after, int limit) {
        StringBuilder sql = new StringBuilder("select " + ActivityEntry.COLUMNS + " from activity where organization_id = $1");
        Tuple values = Tuple.of(organization);
        String noun = filter.action() != null && filter.action().endsWith(ALL_OF_A_NOUN)
                ? filter.action().substring(0, filter.action().length() - ALL_OF_A_NOUN.length())
                : null;
        and(sql, values, "id < ?", after);
        and(sql, values, "actor_id = ?", filter.actor());
        and(sql, values, "split_part(action, '.', 1) = ?", noun);
        and(sql, values, "action = ?", noun == null ? filter.action() : null);
        and(sql, values, "target_type = ?", filter.targetType());
        and(sql, values, "target_id = ?", filter.targetId());
        and(sql, values, "id >= ?", filter.span().first());
        and(sql, values, "id < ?", filter.span().end());
        and(sql, values, "at >= ?", at(filter.span().from()));
        and(sql, values, "at < ?", at(filter.span().to()));
        values.addValue(limit);
        sql.append(" order by id desc limit $").append(values.size());
        return database.preparedQuery(sql.toString()).execute(values)
                .map(rows -> rows.stream().map(ActivityEntry::of).toList());
    }

    private static void and(StringBuilder sql, Tuple values, String condition, @Nullable Object value) {
        if (value != null) {
            values.addValue(value);
            sql.append(" and ").append(condition.replace("?", "$" + values.size()));
        }
    }

    private static @Nullable Object at(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
