package dev.latchkey.panel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller.Tenant;
import dev.latchkey.panel.SignInTokens.Kind;
import dev.latchkey.tenant.Language;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The rows behind {@link Sessions}. Made at the start, so that times which cannot work stop it. */
@Startup
@Singleton
class SessionTable {

    /** How far {@code last_seen_at} may lag, so that a page that asks ten things at once writes once, or not at all. */
    private static final Duration COARSE = Duration.ofMinutes(1);
    private static final Logger LOG = Logger.getLogger(SessionTable.class);

    private final Pool database;
    private final SignInTokens tokens;
    private final Duration idle;
    private final Duration lifetime;

    SessionTable(Pool database, SignInTokens tokens, PanelConfig config) {
        this.database = database;
        this.tokens = tokens;
        this.idle = config.panel().idle();
        this.lifetime = config.panel().lifetime();
        if (idle.compareTo(COARSE.multipliedBy(2)) < 0 || lifetime.compareTo(idle) < 0) {
            throw new ConfigurationException(
                    "LATCHKEY_PANEL_IDLE must be at least PT2M, and LATCHKEY_PANEL_LIFETIME not less.");
        }
        if (config.panel().linkLifetime().toSeconds() < 1) {
            throw new ConfigurationException("LATCHKEY_PANEL_LINK_LIFETIME must be at least PT1S.");
        }
    }

    /** What a session begins with; its store need not be looked at, nor its version. */
    record Start(UUID id, UUID organization, Session.Person person, String[] roles, @Nullable UUID store,
            @Nullable String locale) {
    }

    /** How long a session lasts in which nothing is done. */
    Duration idle() {
        return idle;
    }

    /** The session of that cookie, which counts as used by this; empty when there is none, or none any more. */
    Uni<Optional<Session>> use(Secret token) {
        return find(database, token).flatMap(found -> found.isEmpty() || !found.get().isStale
                ? Uni.createFrom().item(found.map(Found::session))
                : touch(found.get().session.id()).replaceWith(found.map(Found::session)));
    }

    /** The session of that cookie, as the transaction of a connection sees it. */
    Uni<Optional<Session>> read(SqlClient connection, Secret token) {
        return find(connection, token).map(found -> found.map(Found::session));
    }

    /** @param isStale whether its use has not been noted for longer than it may lag */
    private record Found(Session session, boolean isStale) {
    }

    private Uni<Optional<Found>> find(SqlClient connection, Secret token) {
        // By the unique index on the hash; one comparison for each pepper while they rotate. The rest by primary keys.
        return connection.preparedQuery("""
                select s.id, s.subject, s.name, s.home, s.roles, s.locale, s.version, s.expires_at,
                       s.last_seen_at < now() - make_interval(secs => $3) as is_stale,
                       o.id as organization_id, o.key as organization_key, o.name as organization_name,
                       o.locale as organization_locale, o.deletion_requested_at is not null as is_being_deleted,
                       t.id as store_id, t.key as store_key
                  from panel_session s
                  join organization o on o.id = s.organization_id
                  left join store t on t.id = s.store_id and t.organization_id = s.organization_id
                 where s.hash = any ($1) and s.expires_at > now() and s.last_seen_at > now() - make_interval(secs => $2)
                """)
                .execute(Tuple.of(tokens.hashes(Kind.SESSION, token), seconds(idle), seconds(COARSE))).map(rows -> {
                    for (Row row : rows) {
                        return Optional.of(new Found(session(row, token), row.getBoolean("is_stale")));
                    }
                    return Optional.empty();
                });
    }

    // By primary key. Of several requests at once the first one writes. That it could not be written is no reason to refuse.
    private Uni<Void> touch(UUID id) {
        return database.preparedQuery("""
                update panel_session set last_seen_at = now()
                 where id = $1 and last_seen_at < now() - make_interval(secs => $2)
                """).execute(Tuple.of(id, seconds(COARSE))).replaceWithVoid().onFailure()
                .invoke(fault -> LOG.warnf("the use of a session is not noted: session=%s cause=%s", id, fault)).onFailure()
                .recoverWithNull();
    }

    // One row, in the transaction that takes the link.
    Uni<Void> insert(SqlClient connection, Start start, Secret token) {
        return connection.preparedQuery("""
                insert into panel_session (id, hash, organization_id, subject, name, home, roles, store_id, locale,
                                           created_at, last_seen_at, expires_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now(), now(), now() + make_interval(secs => $10))
                """)
                .execute(Tuple.tuple().addValue(start.id()).addValue(Buffer.buffer(tokens.hash(Kind.SESSION, token)))
                        .addValue(start.organization()).addValue(start.person().subject()).addValue(start.person().name())
                        .addValue(start.person().home()).addValue(start.roles()).addValue(start.store())
                        .addValue(start.locale()).addValue(seconds(lifetime)))
                .replaceWithVoid();
    }

    /**
     * @param version that the caller saw; of another one nothing is changed
     * @return whether it was that version
     */
    Uni<Boolean> setLocale(UUID id, long version, @Nullable Language locale) {
        // By primary key.
        return database.preparedQuery("""
                update panel_session set locale = $3, version = version + 1 where id = $1 and version = $2
                """).execute(Tuple.of(id, version, locale == null ? null : locale.column())).map(rows -> rows.rowCount() == 1);
    }

    // By primary key. Of two who sign out at once, one does.
    Uni<Boolean> delete(SqlClient connection, UUID id) {
        return connection.preparedQuery("delete from panel_session where id = $1").execute(Tuple.of(id))
                .map(rows -> rows.rowCount() == 1);
    }

    /** @param id of the session, and of the link that it came by or would have */
    record Gone(UUID id, String name) {
    }

    // By the index on the organization. Links first: who uses one up meanwhile is waited for, and the second statement sees the
    // session that he has got.
    /** Deletes whatever opens the panel to a person, or to everybody where the subject is null, and has not expired. */
    Uni<List<Gone>> deleteLinks(SqlClient connection, UUID organization, @Nullable String subject) {
        return connection.preparedQuery("""
                delete from panel_link
                 where organization_id = $1 and ($2::text is null or subject = $2) and expires_at > now()
                returning id, name
                """).execute(Tuple.of(organization, subject)).map(SessionTable::gone);
    }

    // As above.
    Uni<List<Gone>> deleteSessions(SqlClient connection, UUID organization, @Nullable String subject) {
        return connection.preparedQuery("""
                delete from panel_session
                 where organization_id = $1 and ($2::text is null or subject = $2) and expires_at > now()
                returning id, name
                """).execute(Tuple.of(organization, subject)).map(SessionTable::gone);
    }

    private static List<Gone> gone(RowSet<Row> rows) {
        List<Gone> gone = new ArrayList<>();
        rows.forEach(row -> gone.add(new Gone(row.getUUID("id"), row.getString("name"))));
        return gone;
    }

    private static Session session(Row row, Secret token) {
        UUID store = row.getUUID("store_id");
        String locale = row.getString("locale");
        return new Session(row.getUUID("id"), token,
                new Session.Person(row.getString("subject"), row.getString("name"), row.getString("home")),
                new Session.Workplace(new Tenant(row.getUUID("organization_id"), row.getString("organization_key")),
                        row.getString("organization_name"), Language.of(row.getString("organization_locale")),
                        row.getBoolean("is_being_deleted")),
                Session.roles(Arrays.asList(row.getArrayOfStrings("roles"))), locale == null ? null : Language.of(locale),
                store == null ? null : new Session.Shop(store, row.getString("store_key")), row.getLong("version"),
                row.getOffsetDateTime("expires_at").toInstant());
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
