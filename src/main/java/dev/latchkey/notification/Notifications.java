package dev.latchkey.notification;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Tells people of an organization something, in the transaction of what it tells of ({@code @WithTransaction} of the caller):
 * both stand, or neither.
 *
 * <p>
 * <b>Invariant:</b> of an episode there is one open notification, however many tell it at once: the unique index on open ones
 * lets the first commit and has the others change nothing. Its mails are rows of the same transaction, so there is one for
 * each address and episode; {@link MailSender} sends them afterwards.
 */
@Singleton
public class Notifications {

    private final Smtp smtp;

    Notifications(Smtp smtp) {
        this.smtp = smtp;
    }

    /** Tells it, unless it is of an episode that has been told and has not ended. */
    public Uni<Void> tell(UUID organization, Notice notice) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        return insert(id, organization, notice)
                .flatMap(rows -> rows == 1 && smtp.isConfigured() ? insertMails(id, organization, notice.kind())
                        : Uni.createFrom().item(0))
                .replaceWithVoid();
    }

    /** What one organization is told. */
    public record Addressed(UUID organization, Notice notice) {
    }

    /**
     * Tells many organizations in the transaction of a connection, each what concerns it. What is told is over as it is told;
     * organizations that are being deleted are passed over.
     */
    public Uni<Void> tellAll(SqlClient connection, List<Addressed> notices) {
        return connection.preparedQuery(TELL_ALL).execute(columns(notices)).flatMap(told -> told.size() == 0
                || !smtp.isConfigured() ? Uni.createFrom().voidItem()
                        : connection.preparedQuery(MAIL_ALL).execute(Tuple.of(
                                told.stream().map(row -> row.getUUID("id")).toArray(UUID[]::new),
                                NoticeKind.mailedByDefault().toArray(String[]::new))).replaceWithVoid());
    }

    private static Tuple columns(List<Addressed> notices) {
        return Tuple.tuple()
                .addValue(notices.stream().map(each -> UuidCreator.getTimeOrderedEpoch()).toArray(UUID[]::new))
                .addValue(notices.stream().map(Addressed::organization).toArray(UUID[]::new))
                .addValue(notices.stream().map(each -> each.notice().kind().kindName()).toArray(String[]::new))
                .addValue(notices.stream().map(each -> each.notice().target().type()).toArray(String[]::new))
                .addValue(notices.stream().map(each -> each.notice().target().id()).toArray(UUID[]::new))
                .addValue(notices.stream().map(each -> each.notice().target().name()).toArray(String[]::new))
                .addValue(notices.stream().map(each -> new JsonObject(new HashMap<>(each.notice().parameters())).encode())
                        .toArray(String[]::new));
    }

    // One statement for all of them. Organizations are locked against deletion, in one order, and not waited for: whoever
    // deletes one may be waiting for another. By primary keys.
    private static final String TELL_ALL = """
            with present as (
                select id from organization where id = any ($2) and deletion_requested_at is null
                 order by id for key share skip locked)
            insert into notification (id, organization_id, kind, episode, target_type, target_id, target_name, parameters, at,
                                      resolved_at)
            select n.id, n.organization_id, n.kind, n.id::text, n.target_type, n.target_id, n.target_name,
                   n.parameters::jsonb, now(), now()
              from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[])
                       as n (id, organization_id, kind, target_type, target_id, target_name, parameters)
              join present p on p.id = n.organization_id
            returning id
            """;

    // As for one, by the settings that this transaction sees. By primary keys.
    private static final String MAIL_ALL = """
            insert into notification_mail (notification_id, address, organization_id, due_at, created_at)
            select n.id, wanted.address, o.id, now(), now()
              from notification n
              join organization o on o.id = n.organization_id
              cross join unnest(o.notification_emails) as wanted (address)
             where n.id = any ($1) and n.kind = any (coalesce(o.notify_by_email, $2))
            on conflict do nothing
            """;

    /** Ends an episode, so that the next one is told again. Without one it changes nothing. */
    public Uni<Void> resolve(UUID organization, NoticeKind kind, String episode) {
        return close(organization, kind, episode).replaceWithVoid();
    }

    /** Ends an episode, and tells of that; without one nothing is told. */
    public Uni<Void> resolve(UUID organization, NoticeKind kind, String episode, Notice recovery) {
        return resolve(organization, List.of(kind), episode, recovery);
    }

    /** Ends the episodes of several kinds that are over together, and tells of that once; without any nothing is told. */
    public Uni<Void> resolve(UUID organization, List<NoticeKind> kinds, String episode, Notice recovery) {
        return Multi.createFrom().iterable(kinds).onItem()
                .transformToUniAndConcatenate(kind -> close(organization, kind, episode)).collect().asList()
                .flatMap(rows -> rows.stream().allMatch(closed -> closed == 0) ? Uni.createFrom().voidItem()
                        : tell(organization, recovery));
    }

    // What is over as it is told is its own episode, and closed: the index on open ones does not hold it. The parameters are
    // bound as text, since the driver would make a JSON string of them. By notification_open.
    private static Uni<Integer> insert(UUID id, UUID organization, Notice notice) {
        String episode = notice.episode();
        return execute(
                """
                        insert into notification (id, organization_id, kind, episode, target_type, target_id, target_name, parameters,
                                                  at, resolved_at)
                        values (:id, :organization, :kind, :episode, :targetType, :targetId, :targetName, cast(cast(:parameters as text) as jsonb),
                                now(), case when :open then null else now() end)
                        on conflict (organization_id, kind, episode) where resolved_at is null do nothing
                        """,
                Map.of("id", id, "organization", organization, "kind", notice.kind().kindName(),
                        "episode", episode == null ? id.toString() : episode, "targetType", notice.target().type(),
                        "targetId", notice.target().id(), "targetName", notice.target().name(),
                        "parameters", new JsonObject(new HashMap<>(notice.parameters())).encode(), "open", episode != null));
    }

    // One row for each address, by the organization's settings as this transaction sees them. By primary key.
    private static Uni<Integer> insertMails(UUID id, UUID organization, NoticeKind kind) {
        return execute("""
                insert into notification_mail (notification_id, address, organization_id, due_at, created_at)
                select :id, wanted.address, o.id, now(), now()
                  from organization o cross join unnest(o.notification_emails) as wanted (address)
                 where o.id = :organization
                   and case when o.notify_by_email is null then :byDefault else :kind = any (o.notify_by_email) end
                on conflict do nothing
                """, Map.of("id", id, "organization", organization, "kind", kind.kindName(), "byDefault",
                kind.isMailedByDefault()));
    }

    // By notification_open.
    private static Uni<Integer> close(UUID organization, NoticeKind kind, String episode) {
        return execute("""
                update notification set resolved_at = now()
                 where organization_id = :organization and kind = :kind and episode = :episode and resolved_at is null
                """, Map.of("organization", organization, "kind", kind.kindName(), "episode", episode));
    }

    private static Uni<Integer> execute(String sql, Map<String, Object> parameters) {
        return Panache.getSession().flatMap(session -> {
            var query = session.createNativeQuery(sql);
            parameters.forEach(query::setParameter);
            return query.executeUpdate();
        });
    }
}
