package dev.latchkey.proxy;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.credential.CredentialUse;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Origin;
import dev.latchkey.proxy.ProxyAudit.Span;
import dev.latchkey.proxy.ProxyAudit.Sum;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.SqlResult;
import io.vertx.mutiny.sqlclient.Tuple;

/** The statements on {@code proxy_use}. */
@Singleton
class ProxyUseTable {

    private final Pool database;
    private final Activities activities;

    ProxyUseTable(Pool database, Activities activities) {
        this.database = database;
        this.activities = activities;
    }

    // By primary key. Of several at once one inserts; the others wait for its commit in the index, and then know of it too.
    /** The row of an hour, and its entry in the log where it was not there yet. */
    Uni<Void> open(Caller caller, CredentialUse use, Span span) {
        return database.withTransaction(connection -> connection.preparedQuery("""
                insert into proxy_use (key_id, credential_id, hour, organization_id) values ($1, $2, $3, $4)
                on conflict do nothing
                """).execute(Tuple.of(span.pair().keyId(), span.pair().credentialId(), start(span), span.organization()))
                .flatMap(inserted -> inserted.rowCount() == 0 ? Uni.createFrom().voidItem()
                        : activities.recordAll(connection, List.of(used(caller, use, span)))));
    }

    private static Activities.Entry used(Caller caller, CredentialUse use, Span span) {
        return new Activities.Entry(span.organization(), Actor.of(caller), "credential.used",
                new Target("credential", use.id(), use.name()), Changes.none().note("via", "proxy")
                        .note("integration", use.integration()).note("hour", start(span).toInstant()));
    }

    // In the order of the primary key, so that no two replicas wait for each other in a circle. What belongs to a key or a
    // credential that has gone is passed over; those that are here stay until the commit.
    Uni<Void> add(Map<Span, Sum> sums) {
        List<Span> spans = List.copyOf(sums.keySet());
        return database.preparedQuery("""
                insert into proxy_use as p (key_id, credential_id, hour, organization_id, requests, failed)
                select k.id, c.id, u.hour, u.organization_id, u.requests, u.failed
                  from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::bigint[], $6::bigint[])
                           u (key_id, credential_id, hour, organization_id, requests, failed)
                  join api_key k on k.id = u.key_id join credential c on c.id = u.credential_id
                 order by k.id, c.id, u.hour for key share of k, c
                on conflict (key_id, credential_id, hour)
                    do update set requests = p.requests + excluded.requests, failed = p.failed + excluded.failed
                """).execute(Tuple.tuple()
                .addValue(spans.stream().map(span -> span.pair().keyId()).toArray(UUID[]::new))
                .addValue(spans.stream().map(span -> span.pair().credentialId()).toArray(UUID[]::new))
                .addValue(spans.stream().map(ProxyUseTable::start).toArray(OffsetDateTime[]::new))
                .addValue(spans.stream().map(Span::organization).toArray(UUID[]::new))
                .addValue(spans.stream().map(span -> sum(sums, span).requests()).toArray(Long[]::new))
                .addValue(spans.stream().map(span -> sum(sums, span).failed()).toArray(Long[]::new))).replaceWithVoid();
    }

    private static Sum sum(Map<Span, Sum> sums, Span span) {
        return sums.getOrDefault(span, new Sum(0, 0));
    }

    /**
     * Sums up hours that have ended.
     *
     * @param settle how long ago
     * @return how many
     */
    Uni<Integer> tell(Duration settle, int most) {
        return database.withTransaction(connection -> ended(connection, settle, most)
                .flatMap(entries -> activities.recordAll(connection, entries).replaceWith(entries.size())));
    }

    // By the partial index on hours that are not told. Whoever is at a row has it to himself.
    private static Uni<List<Activities.Entry>> ended(SqlConnection connection, Duration settle, int most) {
        return connection.preparedQuery("""
                update proxy_use p set told_at = now()
                  from (select u.key_id, u.credential_id, u.hour, k.name as key_name, c.name as credential_name
                          from proxy_use u join api_key k on k.id = u.key_id join credential c on c.id = u.credential_id
                         where u.told_at is null and u.hour <= now() - make_interval(hours => 1, secs => $1)
                         order by u.hour limit $2 for update of u skip locked) e
                 where p.key_id = e.key_id and p.credential_id = e.credential_id and p.hour = e.hour
                returning p.key_id, p.credential_id, p.hour, p.organization_id, p.requests, p.failed, e.key_name,
                          e.credential_name
                """).execute(Tuple.of((double) settle.toSeconds(), most))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(ProxyUseTable::summary).toList());
    }

    private static Activities.Entry summary(Row row) {
        return new Activities.Entry(row.getUUID("organization_id"),
                new Actor(Actor.Type.KEY, row.getUUID("key_id").toString(), row.getString("key_name"), Origin.NOWHERE),
                "credential.proxied", new Target("credential", row.getUUID("credential_id"), row.getString("credential_name")),
                Changes.none().note("hour", row.getOffsetDateTime("hour").toInstant())
                        .note("requests", row.getLong("requests")).note("failed", row.getLong("failed")));
    }

    // By the index on told_at. Two days after it was told nobody adds to an hour any more.
    Uni<Integer> forget(int most) {
        return database.preparedQuery("""
                delete from proxy_use p
                 using (select ctid as place from proxy_use where told_at < now() - interval '2 days' limit $1
                           for update skip locked) old
                 where p.ctid = old.place
                """).execute(Tuple.of(most)).map(SqlResult::rowCount);
    }

    private static OffsetDateTime start(Span span) {
        return Instant.EPOCH.plus(span.hour(), ChronoUnit.HOURS).atOffset(ZoneOffset.UTC);
    }
}
