package dev.latchkey.notification;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;

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

    /** Ends an episode, so that the next one is told again. Without one it changes nothing. */
    public Uni<Void> resolve(UUID organization, NoticeKind kind, String episode) {
        return close(organization, kind, episode).replaceWithVoid();
    }

    /** Ends an episode, and tells of that; without one nothing is told. */
    public Uni<Void> resolve(UUID organization, NoticeKind kind, String episode, Notice recovery) {
        return close(organization, kind, episode)
                .flatMap(rows -> rows == 0 ? Uni.createFrom().voidItem() : tell(organization, recovery));
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
