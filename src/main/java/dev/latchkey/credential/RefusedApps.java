package dev.latchkey.credential;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/** The rows of OAuth apps that are refused, or asked to wait; in the transaction of whoever has found that out. */
@Singleton
class RefusedApps {

    // By primary key. A pause that the provider asks for is no fault, and shortens none.
    /** Notes whose fault a failure is, where it is that of an app. */
    Uni<Void> blame(CredentialRenewal renewal, Setback setback) {
        Duration pause = setback.pause();
        boolean isRefused = setback.fault() == Setback.Fault.APP;
        if (pause == null || !isRefused && setback.fault() != Setback.Fault.APP_PAUSE) {
            return Uni.createFrom().voidItem();
        }
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                insert into renewal_app as a (organization_id, app, failures, retry_at, told)
                values (:organization, :app, :failures, now() + :millis * interval '1 millisecond', false)
                on conflict (organization_id, app) do update
                   set failures = a.failures + excluded.failures, retry_at = greatest(a.retry_at, excluded.retry_at)
                """).setParameter("organization", renewal.organizationId).setParameter("app", renewal.app)
                .setParameter("failures", isRefused ? 1 : 0).setParameter("millis", (double) pause.toMillis())
                .executeUpdate()).replaceWithVoid();
    }

    // By primary key.
    /** Whether nobody has told of it yet; from now on somebody has. */
    Uni<Boolean> isFirstToTell(CredentialRenewal renewal) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                update renewal_app set told = true where organization_id = :organization and app = :app and not told
                """).setParameter("organization", renewal.organizationId).setParameter("app", renewal.app).executeUpdate())
                .map(rows -> rows == 1);
    }

    // By primary key, and by the index on organization: organizations have few apps, and fewer that fail. Locked in one order,
    // so that who has one refused again at the same moment comes before or after. Those that were merely asked to wait have no
    // failures, and wait on.
    /**
     * The refused apps that may go on when this one of them is accepted again: it, and those of the organization that no
     * credential is stopped by any more.
     */
    Uni<List<String>> accepted(CredentialRenewal renewal) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                select a.app from renewal_app a
                 where a.organization_id = :organization and a.failures > 0
                   and (a.app = :app
                        or not exists (select from credential_renewal r
                                        where r.organization_id = a.organization_id and r.app = a.app and r.by_app
                                          and r.due_at is not null and r.failing_since is not null))
                 order by a.app for update of a
                """, String.class).setParameter("organization", renewal.organizationId).setParameter("app", renewal.app)
                .getResultList());
    }

    /** Forgets one; whether people were told of it. */
    Uni<Boolean> forget(UUID organization, String app) {
        return delete(organization, app, false).chain(() -> delete(organization, app, true)).map(rows -> rows == 1);
    }

    // By primary key.
    private static Uni<Integer> delete(UUID organization, String app, boolean isTold) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                delete from renewal_app where organization_id = :organization and app = :app and told = :told
                """).setParameter("organization", organization).setParameter("app", app).setParameter("told", isTold)
                .executeUpdate());
    }
}
