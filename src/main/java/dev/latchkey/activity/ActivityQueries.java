package dev.latchkey.activity;

import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.web.Conditions;
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
        Tuple values = Tuple.of(organization);
        String noun = filter.action() != null && filter.action().endsWith(ALL_OF_A_NOUN)
                ? filter.action().substring(0, filter.action().length() - ALL_OF_A_NOUN.length())
                : null;
        Conditions narrowed = new Conditions(values).and("id < ?", after).and("actor_id = ?", filter.actor())
                .and("split_part(action, '.', 1) = ?", noun).and("action = ?", noun == null ? filter.action() : null)
                .and("target_type = ?", filter.targetType()).and("target_id = ?", filter.targetId())
                .and("id >= ?", filter.span().first()).and("id < ?", filter.span().end())
                .and("at >= ?", filter.span().from()).and("at < ?", filter.span().to());
        String sql = "select " + ActivityEntry.COLUMNS + " from activity where organization_id = $1" + narrowed
                + " order by id desc limit " + narrowed.place(limit);
        return database.preparedQuery(sql).execute(values).map(rows -> rows.stream().map(ActivityEntry::of).toList());
    }
}
