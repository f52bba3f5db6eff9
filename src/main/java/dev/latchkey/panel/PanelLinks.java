package dev.latchkey.panel;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller.Tenant;
import dev.latchkey.identity.Role;
import dev.latchkey.panel.SignInTokens.Kind;
import dev.latchkey.tenant.Language;
import dev.latchkey.tenant.Stores;
import dev.latchkey.tenant.Tenants;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.PublicUrl;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Sign-in links: {@code {LATCHKEY_PUBLIC_URL}/sign-in#{token}}, good for one session and a few minutes. The token stands in the
 * fragment, which no browser sends: it is in no access log and in no {@code Referer}, and what previews links in a chat or
 * scans them in a mail does not use it up. The page hands it in.
 */
@ApplicationScoped
public class PanelLinks {

    private static final Duration AT_START = Duration.ofMinutes(15);
    private static final String AT_HOME = "default";

    private final SignInTokens tokens;
    private final Tenants tenants;
    private final Activities activities;
    private final PublicUrl publicUrl;
    private final Duration lifetime;

    PanelLinks(SignInTokens tokens, Tenants tenants, Activities activities, PublicUrl publicUrl, PanelConfig config) {
        this.tokens = tokens;
        this.tenants = tenants;
        this.activities = activities;
        this.publicUrl = publicUrl;
        this.lifetime = config.panel().linkLifetime();
    }

    /**
     * Who is to sign in.
     *
     * @param store id or key of the one at which the panel opens; null: none
     */
    record Guest(Session.Person person, Set<Role> roles, @Nullable String store, @Nullable Language locale) {
    }

    /**
     * @param url what to open, once
     * @param expiresAt when it stops working
     */
    public record Issued(UUID id, Secret url, Instant expiresAt) {
    }

    /**
     * A link for whoever has started this service on his own machine: an owner of the organization {@code default}, who may
     * also do what the platform may. Good for a quarter of an hour.
     *
     * @param subject who that is, as in his token
     */
    public Uni<Issued> issueAtStart(String subject) {
        Guest guest = new Guest(new Session.Person(subject, subject, AT_HOME), Set.of(Role.OWNER, Role.PLATFORM), null, null);
        Actor start = Actor.system("start");
        return tenants.provision(AT_HOME, start)
                .flatMap(tenant -> Panache.withTransaction(() -> issue(start, tenant, guest, AT_START)));
    }

    /**
     * @param tenant the organization that is signed in for
     * @throws ProblemException 422 for a store that the organization does not have
     */
    @WithTransaction
    public Uni<Issued> issue(Actor issuer, Tenant tenant, Guest guest) {
        return issue(issuer, tenant, guest, lifetime);
    }

    private Uni<Issued> issue(Actor issuer, Tenant tenant, Guest guest, Duration goodFor) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        Secret token = tokens.make(Kind.LINK);
        return store(tenant, guest.store()).flatMap(store -> insert(id, token, issuer, tenant, guest, store, goodFor))
                .call(expiry -> activities.record(tenant.id(), issuer, "session.link_issued",
                        Session.target(id, guest.person().name()),
                        Changes.none().note("subject", guest.person().subject()).note("roles", Session.groups(guest.roles()))
                                .note("store", guest.store()).note("expiresAt", expiry)))
                .map(expiry -> new Issued(id, Secret.of(publicUrl.base() + "/sign-in#" + token.reveal()), expiry));
    }

    private static Uni<@Nullable UUID> store(Tenant tenant, @Nullable String idOrKey) {
        return idOrKey == null ? Uni.createFrom().nullItem()
                : Stores.resolve(tenant.id(), "store", List.of(idOrKey)).map(stores -> stores.get(0).id);
    }

    // One row, by the database's clock, which also says when it has expired. Roles as one text and the time as a number, which
    // come as they are.
    private Uni<Instant> insert(UUID id, Secret token, Actor issuer, Tenant tenant, Guest guest, @Nullable UUID store,
            Duration goodFor) {
        String locale = guest.locale() == null ? null : guest.locale().column();
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                with made as (
                    insert into panel_link (id, hash, organization_id, subject, name, roles, store_id, locale, issued_by,
                                            expires_at)
                    values (:id, :hash, :organization, :subject, :name, string_to_array(:roles, ','),
                            cast(:store as uuid), cast(:locale as text), :issuer, now() + make_interval(secs => :seconds))
                    returning expires_at)
                select cast(extract(epoch from expires_at) * 1000 as bigint) from made
                """, Long.class).setParameter("id", id).setParameter("hash", tokens.hash(Kind.LINK, token))
                .setParameter("organization", tenant.id()).setParameter("subject", guest.person().subject())
                .setParameter("name", guest.person().name())
                .setParameter("roles", String.join(",", Session.groups(guest.roles())))
                .setParameter("store", store == null ? null : store.toString()).setParameter("locale", locale)
                .setParameter("issuer", issuer.name()).setParameter("seconds", SessionTable.seconds(goodFor)).getSingleResult())
                .map(Instant::ofEpochMilli);
    }
}
