package dev.latchkey.tenant;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

import jakarta.enterprise.context.ApplicationScoped;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.event.Event;
import dev.latchkey.event.Events;
import dev.latchkey.notification.Notice;
import dev.latchkey.notification.NoticeKind;
import dev.latchkey.notification.Notifications;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The writes of organizations: one public method, one transaction, with its entry in the activity log. Whoever calls one
 * that can change a verdict waits until it is in force on every replica, whatever the outcome of the transaction.
 */
@ApplicationScoped
class Organizations {

    private static final Logger LOG = Logger.getLogger(Organizations.class);
    private static final String SUSPENSION = "suspension";

    private final InstantSource clock;
    private final Activities activities;
    private final Events events;
    private final Notifications notifications;

    Organizations(InstantSource clock, Activities activities, Events events, Notifications notifications) {
        this.clock = clock;
        this.activities = activities;
        this.events = events;
        this.notifications = notifications;
    }

    /**
     * @param organization as it stands now
     * @param altersVerdicts whether keys may be judged otherwise from now on
     */
    record Edited(Organization organization, boolean altersVerdicts) {
    }

    /** Makes the organization that a token names, unless it has been made meanwhile. */
    @WithTransaction
    public Uni<Void> provision(String key, Actor first) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        return insert(id, key).flatMap(made -> made
                ? activities.record(id, first, "organization.created", new Target("organization", id, key), Changes.none())
                : Uni.createFrom().voidItem());
    }

    /**
     * One that is made suspended is told as if it had been suspended right away.
     *
     * @throws ProblemException 409 with the id of the organization that has the key, 422 for unknown kinds
     */
    @WithTransaction
    public Uni<Organization> create(Actor actor, OrganizationForm wanted) {
        wanted.requireKnownKinds(List.of());
        UUID id = UuidCreator.getTimeOrderedEpoch();
        return insert(id, wanted.key()).flatMap(made -> made ? Organization.<Organization> findById(id) : taken(wanted.key()))
                .flatMap(organization -> {
                    Changes changes = changes(OrganizationForm.of(organization), wanted);
                    write(organization, wanted);
                    return organization.flush()
                            .flatMap(
                                    done -> activities.record(id, actor, "organization.created", target(organization), changes))
                            .call(() -> organization.active ? Uni.createFrom().voidItem() : tellSwitched(actor, organization))
                            .replaceWith(organization);
                });
    }

    /**
     * A change that changes nothing leaves no trace.
     *
     * @throws ProblemException 404, 409 while it is being deleted, 412 when it has changed since it was read, 422
     */
    @WithTransaction
    public Uni<Edited> edit(Actor actor, UUID id, @Nullable String ifMatch, UnaryOperator<OrganizationForm> patch) {
        return existing(id, ifMatch).flatMap(organization -> {
            if (organization.deletionRequestedAt != null) {
                throw ProblemException.conflict("The organization is being deleted; nothing of it can be changed any more.");
            }
            OrganizationForm before = OrganizationForm.of(organization);
            OrganizationForm wanted = patch.apply(before);
            wanted.requireKnownKinds(before.notifyByEmail());
            write(organization, wanted);
            OrganizationForm after = OrganizationForm.of(organization);
            return organization.flush().call(done -> tell(actor, organization, before, after))
                    // Of one that changes nothing, nobody knows whether the first request got as far as making it known.
                    .replaceWith(new Edited(organization, after.equals(before) || after.judgesUnlike(before)));
        });
    }

    /**
     * From now on the organization is nobody's but the deletion's. Asked for again it changes nothing. Also logged, since the
     * activity log goes with the organization.
     *
     * @throws ProblemException 404, 412 when it has changed since it was read
     */
    @WithTransaction
    public Uni<Organization> requestDeletion(Actor actor, UUID id, @Nullable String ifMatch) {
        return existing(id, ifMatch).flatMap(organization -> organization.deletionRequestedAt != null
                ? Uni.createFrom().item(organization)
                : markForDeletion(id)
                        .call(() -> activities.record(id, actor, "organization.deletion_requested", target(organization),
                                Changes.none()))
                        .flatMap(marked -> readAgain(id))
                        .invoke(() -> LOG.infof("deletion of an organization requested: org=%s id=%s by=%s",
                                organization.key, id, actor.id())));
    }

    /** After statements that went past the session. */
    private static Uni<Organization> readAgain(UUID id) {
        return Panache.getSession().call(Mutiny.Session::flush).invoke(Mutiny.Session::clear)
                .flatMap(session -> Organization.findById(id));
    }

    private Uni<Void> tell(Actor actor, Organization organization, OrganizationForm before, OrganizationForm after) {
        Changes settings = changes(before, after);
        Uni<Void> told = settings.isEmpty() ? Uni.createFrom().voidItem()
                : activities.record(organization.id, actor, "organization.updated", target(organization), settings);
        return before.active().equals(after.active()) ? told : told.call(() -> tellSwitched(actor, organization));
    }

    private Uni<Void> tellSwitched(Actor actor, Organization organization) {
        UUID id = organization.id;
        Target target = target(organization);
        String what = organization.active ? "organization.reactivated" : "organization.suspended";
        return activities.record(id, actor, what, target,
                Changes.none().field("active", !organization.active, organization.active))
                .call(() -> events.publish(id, Event.of(what, data(actor, organization))))
                .flatMap(done -> organization.active
                        // Told whether or not the suspension was: there may be older ones than notifications.
                        ? notifications.resolve(id, NoticeKind.ORGANIZATION_SUSPENDED, SUSPENSION)
                                .flatMap(closed -> notifications.tell(id,
                                        Notice.once(NoticeKind.ORGANIZATION_REACTIVATED, target, Map.of())))
                        : notifications.tell(id,
                                Notice.ofEpisode(NoticeKind.ORGANIZATION_SUSPENDED, SUSPENSION, target, Map.of())));
    }

    private static JsonObject data(Actor actor, Organization organization) {
        return new JsonObject().put("id", organization.id.toString()).put("key", organization.key)
                .put("name", organization.name).put("actor", new JsonObject()
                        .put("type", actor.type().name().toLowerCase(Locale.ROOT)).put("id", actor.id())
                        .put("name", actor.name()));
    }

    private static Changes changes(OrganizationForm before, OrganizationForm after) {
        return Changes.none().field("name", before.name(), after.name())
                .field("locale", before.locale().column(), after.locale().column())
                .field("keyPrefix", before.keyPrefix(), after.keyPrefix())
                .field("defaults.rateLimit.limit", before.defaults().rateLimit().limit(), after.defaults().rateLimit().limit())
                .field("defaults.rateLimit.window", before.defaults().rateLimit().window(),
                        after.defaults().rateLimit().window())
                .field("recoverableKeys", before.recoverableKeys(), after.recoverableKeys())
                .field("requireStore", before.requireStore(), after.requireStore())
                .field("unknownOperations", before.unknownOperations().column(), after.unknownOperations().column())
                .field("keyMaxAge", before.keyMaxAge(), after.keyMaxAge())
                .field("notificationEmails", before.notificationEmails(), after.notificationEmails())
                .field("notifyByEmail", before.notifyByEmail(), after.notifyByEmail())
                .field("credentialTestInterval", before.credentialTestInterval(), after.credentialTestInterval());
    }

    private void write(Organization organization, OrganizationForm wanted) {
        OrganizationForm before = OrganizationForm.of(organization);
        wanted.writeTo(organization);
        if (!OrganizationForm.of(organization).equals(before)) {
            organization.updatedAt = clock.instant().truncatedTo(ChronoUnit.MICROS);
        }
    }

    private static Uni<Organization> existing(UUID id, @Nullable String ifMatch) {
        return Organization.findToChange(id).onItem().ifNull().failWith(ProblemException::notFound)
                .invoke(organization -> EntityTags.requireMatch(ifMatch, organization.version));
    }

    // The conflict is awaited rather than provoked: a violated constraint would end the transaction, and with it the way to
    // tell whose the key is. By the unique index on organization.key.
    private static Uni<Boolean> insert(UUID id, String key) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                insert into organization (id, key, name) values (:id, :key, :key) on conflict (key) do nothing
                """).setParameter("id", id).setParameter("key", key).executeUpdate()).map(rows -> rows == 1);
    }

    // The database's time, by which every replica reckons when the deletion may begin. By primary key.
    private static Uni<Integer> markForDeletion(UUID id) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                update organization set deletion_requested_at = now(), updated_at = now(), version = version + 1 where id = :id
                """).setParameter("id", id).executeUpdate());
    }

    private static Uni<Organization> taken(String key) {
        return Organization.<Organization> find("key", key).firstResult().map(owner -> {
            if (owner == null) {
                throw ProblemException.conflict("An organization of this key was deleted just now; try again.");
            }
            String state = owner.deletionRequestedAt == null ? "" : ", which is being deleted";
            throw new ProblemException(ProblemCode.CONFLICT,
                    "The key '" + key + "' is that of the organization " + owner.id + state + ".",
                    List.of(new FieldError("key", "is taken"))).with("Location", "/api/v1/organizations/" + owner.id);
        });
    }

    private static Target target(Organization organization) {
        return new Target("organization", organization.id, organization.name);
    }
}
