package dev.latchkey.activity;

import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what is done. The entry is sealed here and linked into its organization's chain a second later, see
 * {@link Linker}: the transaction of a change only inserts, and never waits for another change of the organization.
 */
@Singleton
public class Activities {

    private final Chain chain;
    private final InstantSource clock;

    Activities(Chain chain, InstantSource clock) {
        this.chain = chain;
        this.clock = clock;
    }

    /**
     * Writes an entry in the transaction of the change that it tells of: both stand, or neither.
     *
     * @param action {@code noun.verb} in the past tense, as {@code key.revoked}
     */
    public Uni<Void> record(UUID organization, Actor actor, String action, Target target, Changes changes) {
        return sealed(new Entry(organization, actor, action, target, changes)).persist().replaceWithVoid();
    }

    /**
     * What {@link #record} is given.
     *
     * @param action as there
     */
    public record Entry(UUID organization, Actor actor, String action, Target target, Changes changes) {
    }

    // One statement for all of them, as jobs write that find hundreds at a time.
    /** Writes entries in the transaction of a connection. */
    public Uni<Void> recordAll(SqlClient connection, List<Entry> entries) {
        if (entries.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<ActivityEntry> sealed = entries.stream().map(this::sealed).toList();
        return connection.preparedQuery("""
                insert into activity (id, organization_id, at, actor_type, actor_id, actor_name, action, target_type, target_id,
                                      target_name, changes, ip, request_id, seal_key_id, seal)
                select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
                                     $8::text[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
                                     $15::bytea[])
                """).execute(columns(sealed)).replaceWithVoid();
    }

    private static Tuple columns(List<ActivityEntry> entries) {
        return Tuple.tuple()
                .addValue(column(entries, UUID[]::new, entry -> entry.id))
                .addValue(column(entries, UUID[]::new, entry -> entry.organizationId))
                .addValue(column(entries, OffsetDateTime[]::new, entry -> entry.at.atOffset(ZoneOffset.UTC)))
                .addValue(column(entries, String[]::new, entry -> entry.actorType))
                .addValue(column(entries, String[]::new, entry -> entry.actorId))
                .addValue(column(entries, String[]::new, entry -> entry.actorName))
                .addValue(column(entries, String[]::new, entry -> entry.action))
                .addValue(column(entries, String[]::new, entry -> entry.targetType))
                .addValue(column(entries, UUID[]::new, entry -> entry.targetId))
                .addValue(column(entries, String[]::new, entry -> entry.targetName))
                .addValue(column(entries, String[]::new, entry -> entry.changes))
                .addValue(column(entries, String[]::new, entry -> entry.ip))
                .addValue(column(entries, String[]::new, entry -> entry.requestId))
                .addValue(column(entries, String[]::new, entry -> entry.sealKeyId))
                .addValue(column(entries, Buffer[]::new, entry -> Buffer.buffer(entry.seal)));
    }

    private static <T> T[] column(List<ActivityEntry> entries, IntFunction<T[]> array,
            Function<ActivityEntry, ? extends @Nullable T> value) {
        return entries.stream().map(value).toArray(array);
    }

    private ActivityEntry sealed(Entry of) {
        ActivityEntry entry = new ActivityEntry();
        entry.id = UuidCreator.getTimeOrderedEpoch();
        entry.organizationId = of.organization;
        // As the database stores it: the seal is over what is read back.
        entry.at = clock.instant().truncatedTo(ChronoUnit.MICROS);
        entry.actorType = of.actor.type().name().toLowerCase(Locale.ROOT);
        entry.actorId = of.actor.id();
        entry.actorName = of.actor.name();
        entry.action = of.action;
        entry.targetType = of.target.type();
        entry.targetId = of.target.id();
        entry.targetName = of.target.name();
        entry.changes = of.changes.text();
        entry.ip = of.actor.origin().ip();
        entry.requestId = of.actor.origin().requestId();
        chain.seal(entry);
        return entry;
    }
}
