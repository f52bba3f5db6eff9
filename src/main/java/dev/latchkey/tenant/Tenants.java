package dev.latchkey.tenant;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.activity.Actor;
import dev.latchkey.identity.Caller.Tenant;
import dev.latchkey.identity.Role;
import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Finds organizations by the key that tokens and headers name.
 *
 * <p>
 * <b>Invariant:</b> nobody acts for an organization any more once the request for its deletion has been
 * answered. What is remembered is forgotten on {@link Invalidated}; a read that was under way then counts as older than the
 * change, and is not remembered. Memory is believed while the {@link Lease} holds, which is asked before
 * memory is read.
 */
@Singleton
public class Tenants {

    /** Visible ASCII: the key travels to backends in a header. */
    public static final String KEY = "[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}";
    public static final String KEY_RULE = "must be 1 to 100 of letters, digits and . _ : @ -, starting with a letter or digit";

    private static final Pattern KEY_PATTERN = Pattern.compile(KEY);
    private static final int MOST = 10_000;

    private final Pool database;
    private final Organizations organizations;
    private final Lease lease;
    private final Cache<String, Tenant> known;
    private final AtomicLong changes = new AtomicLong();

    Tenants(Pool database, Organizations organizations, Lease lease, TenantConfig config) {
        this.database = database;
        this.lease = lease;
        this.organizations = organizations;
        this.known = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(config.remembered()).build();
    }

    /** Whether a claim or header can be the key of an organization. */
    static boolean isKey(String text) {
        return KEY_PATTERN.matcher(text).matches();
    }

    /**
     * The organization of that key; empty when there is none.
     *
     * @throws ProblemException 403 while it is being deleted
     */
    public Uni<Optional<Tenant>> find(String key) {
        Tenant remembered = lease.holds() ? known.getIfPresent(key) : null;
        return remembered != null ? Uni.createFrom().item(Optional.of(remembered)) : read(key);
    }

    /**
     * The organization of that key, made on the spot when a valid token names it for the first time. Of several first
     * requests at once one inserts; the others wait for its commit in the unique index and read what it left.
     *
     * @param first who came first, if nobody did before
     * @throws ProblemException 403 while it is being deleted
     */
    public Uni<Tenant> provision(String key, Actor first) {
        return find(key).flatMap(found -> found.isPresent() ? Uni.createFrom().item(found.get())
                : organizations.provision(key, first).flatMap(done -> read(key)).map(made -> made.orElseThrow(
                        () -> ProblemException.conflict("The organization was deleted at this moment; try again."))));
    }

    /**
     * For whom a person acts, and as what.
     *
     * @param tenant null only for a platform that acts for nobody
     */
    public record Acting(@Nullable Tenant tenant, Set<Role> roles) {
    }

    /**
     * Decides for whom a person acts, the same for tokens and for sessions: for the organization of his own, or, as the
     * platform and nothing else that he may be at home, for another one that he names.
     *
     * @param own key of the organization that is his own; null: none
     * @param found the organization that is his own; asked where it is needed, and may refuse
     * @param named in X-Organization; null: none
     * @throws ProblemException 403 for whoever is not the platform and names another one, and while it is being deleted; 404
     *         where there is none
     */
    public Uni<Acting> acting(@Nullable String own, Supplier<Uni<Tenant>> found, Set<Role> roles, @Nullable String named) {
        if (named != null && !named.equals(own)) {
            return actingFor(named, roles).map(other -> new Acting(other, Set.of(Role.PLATFORM)));
        }
        boolean mayActForNobody = named == null && roles.contains(Role.PLATFORM);
        if (own == null && mayActForNobody) {
            return Uni.createFrom().item(new Acting(null, roles));
        }
        Uni<Acting> acting = found.get().map(tenant -> new Acting(tenant, roles));
        // The platform watches deletions, perhaps that of its own organization: it then acts for none.
        return mayActForNobody
                ? acting.onFailure(Tenants::isBeingDeleted).recoverWithItem(new Acting(null, roles))
                : acting;
    }

    private static boolean isBeingDeleted(Throwable fault) {
        return fault instanceof ProblemException refusal && refusal.code() == ProblemCode.ORGANIZATION_DELETING;
    }

    private Uni<Tenant> actingFor(String key, Set<Role> roles) {
        if (!roles.contains(Role.PLATFORM)) {
            return Uni.createFrom().failure(new ProblemException(ProblemCode.FORBIDDEN,
                    "Only the role 'platform' may act for another organization; leave X-Organization out."));
        }
        return find(key).map(found -> found.orElseThrow(() -> new ProblemException(ProblemCode.NOT_FOUND,
                "There is no organization of the key in X-Organization.")));
    }

    void forget(@Observes Invalidated change) {
        Scope scope = change.scope();
        if (scope.keys().isEmpty() && !scope.unknown()) {
            changes.incrementAndGet();
            known.asMap().values()
                    .removeIf(tenant -> scope.isEverything() || tenant.id().equals(scope.organization()));
        }
    }

    // By the unique index on organization.key.
    private Uni<Optional<Tenant>> read(String key) {
        long before = changes.get();
        return database
                .preparedQuery("select id, deletion_requested_at is not null as deleting from organization where key = $1")
                .execute(Tuple.of(key)).map(rows -> {
                    for (Row row : rows) {
                        if (row.getBoolean("deleting")) {
                            throw beingDeleted(key);
                        }
                        Tenant tenant = new Tenant(row.getUUID("id"), key);
                        remember(tenant, before);
                        return Optional.of(tenant);
                    }
                    return Optional.empty();
                });
    }

    /** Put first and asked afterwards: a change in between either is seen here, or removes what was put. */
    private void remember(Tenant tenant, long before) {
        known.put(tenant.key(), tenant);
        if (changes.get() != before) {
            known.invalidate(tenant.key());
        }
    }

    /** How whoever acts for an organization is refused whose deletion has been requested. */
    public static ProblemException beingDeleted(String key) {
        return new ProblemException(ProblemCode.ORGANIZATION_DELETING, "The organization '" + key
                + "' is being deleted with all of its data. When that is done, the next valid token that names it begins a new,"
                + " empty one.");
    }
}
