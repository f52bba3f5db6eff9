package dev.latchkey.panel;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Origin;
import dev.latchkey.panel.SessionTable.Start;
import dev.latchkey.panel.SignInTokens.Kind;
import dev.latchkey.tenant.Tenants;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Signing in and out: one public method, one transaction, with its entry in the activity log.
 *
 * <p>
 * <b>Invariant:</b> a link makes one session at the most, and a session that was ended admits nobody, on whichever replica.
 * The first rests on the row of the link, which whoever signs in deletes in the transaction that inserts the session: of
 * several
 * at a time the others wait for it and find nothing. The second rests on nobody remembering a session: each request reads its
 * row. People make a thousandth of the requests that keys make, so that costs little, and needs no word between replicas.
 *
 * <p>
 * A sign-in always makes a new token, and ends the session that the same browser had before: nobody can plant one on somebody
 * and find it admitted later, and none is left behind of which nobody has the cookie.
 */
@Singleton
class Sessions {

    static final String CHALLENGE = "Bearer realm=\"latchkey\"";

    private final Pool database;
    private final SessionTable table;
    private final SignInTokens tokens;
    private final Activities activities;

    Sessions(Pool database, SessionTable table, SignInTokens tokens, Activities activities) {
        this.database = database;
        this.table = table;
        this.tokens = tokens;
        this.activities = activities;
    }

    /**
     * The session of a cookie, which counts as used by this.
     *
     * @throws ProblemException 401 when it is over, or never was
     */
    Uni<Session> use(Secret token) {
        return table.use(token).map(found -> found.orElseThrow(Sessions::ended));
    }

    /** How those are refused whose session is over. */
    static ProblemException ended() {
        // The cookie stays: an answer that comes late must not take away that of the next session.
        return new ProblemException(ProblemCode.SESSION_ENDED, "The session is over; sign in again.").with("WWW-Authenticate",
                CHALLENGE);
    }

    /**
     * Uses a link up.
     *
     * @param link as it was shown, whatever it is
     * @param former the session that the browser had, if any
     * @return the token of a new session
     * @throws ProblemException 401 for a link that has been used, has expired or never was, 403 while its organization is being
     *         deleted
     */
    Uni<Secret> beginByLink(Secret link, Origin origin, @Nullable Secret former) {
        Secret shown = tokens.parse(Kind.LINK, link.reveal());
        if (shown == null) {
            return Uni.createFrom().failure(Sessions::invalidLink);
        }
        return find(former).flatMap(before -> database.withTransaction(connection -> take(connection, shown)
                .flatMap(taken -> begin(connection, taken.start(), origin, before,
                        Changes.none().note("by", "link").note("issuedBy", taken.issuedBy())))));
    }

    /**
     * Signs in whom a token of the identity provider names.
     *
     * @param former the session that the browser had, if any
     * @return the token of a new session
     */
    Uni<Secret> beginByToken(Caller caller, @Nullable Secret former) {
        Start start = new Start(UuidCreator.getTimeOrderedEpoch(), caller.tenant().id(),
                new Session.Person(caller.id(), caller.name()), Session.groups(caller.roles()).toArray(String[]::new), null,
                null);
        return find(former).flatMap(before -> database.withTransaction(
                connection -> begin(connection, start, caller.origin(), before, Changes.none().note("by", "token"))));
    }

    /**
     * @return the session as it stands now
     * @throws ProblemException 401 when it is over, 412 when it has changed since it was read
     */
    Uni<Session> choose(Session session, @Nullable String ifMatch, @Nullable Language locale) {
        EntityTags.requireMatch(ifMatch, session.version());
        if (locale == session.locale()) {
            return Uni.createFrom().item(session);
        }
        return table.setLocale(session.id(), session.version(), locale).invoke(done -> {
            if (!done) {
                throw ProblemException.conflict("The session was changed at the same moment; try again.");
            }
        }).flatMap(done -> use(session.token()));
    }

    /** @throws ProblemException 412 when it has changed since it was read */
    Uni<Void> end(Session session, @Nullable String ifMatch, Origin origin) {
        EntityTags.requireMatch(ifMatch, session.version());
        return database.withTransaction(connection -> end(connection, session, origin, "signed out"));
    }

    /** Before the transaction, which would hold one connection while it waits for another. */
    private Uni<Optional<Session>> find(@Nullable Secret token) {
        return token == null ? Uni.createFrom().item(Optional.empty()) : table.use(token);
    }

    private Uni<Secret> begin(SqlConnection connection, Start start, Origin origin, Optional<Session> former, Changes how) {
        Secret token = tokens.make(Kind.SESSION);
        Actor person = new Actor(Actor.Type.PERSON, start.person().subject(), start.person().name(), origin);
        Uni<Void> replaced = former.isEmpty() ? Uni.createFrom().voidItem()
                : end(connection, former.get(), origin, "replaced");
        return replaced.flatMap(done -> table.insert(connection, start, token))
                .flatMap(done -> activities.recordAll(connection,
                        List.of(new Activities.Entry(start.organization(), person, "session.created",
                                Session.target(start.id(), start.person().name()), how.note("roles", List.of(start.roles()))))))
                .replaceWith(token);
    }

    private Uni<Void> end(SqlConnection connection, Session session, Origin origin, String why) {
        return table.delete(connection, session.id()).flatMap(ended -> ended
                ? activities.recordAll(connection, List.of(new Activities.Entry(session.organization().tenant().id(),
                        session.actor(origin), "session.ended", session.target(), Changes.none().note("reason", why))))
                : Uni.createFrom().voidItem());
    }

    /** A link that is no more. */
    private record Taken(Start start, String issuedBy) {
    }

    // By the unique index on the hash, the organization by its primary key. Who comes second waits for the row and finds it
    // gone; when the first one fails, it is his.
    private Uni<Taken> take(SqlConnection connection, Secret link) {
        return connection.preparedQuery("""
                delete from panel_link l using organization o
                 where l.hash = any ($1) and l.expires_at > now() and o.id = l.organization_id
                returning l.id, l.organization_id, l.subject, l.name, l.roles, l.store_id, l.locale, l.issued_by, o.key,
                          o.deletion_requested_at is not null as is_being_deleted
                """).execute(Tuple.of(tokens.hashes(Kind.LINK, link))).map(rows -> {
            for (Row row : rows) {
                if (row.getBoolean("is_being_deleted")) {
                    throw Tenants.beingDeleted(row.getString("key"));
                }
                UUID organization = row.getUUID("organization_id");
                return new Taken(new Start(row.getUUID("id"), organization,
                        new Session.Person(row.getString("subject"), row.getString("name")), row.getArrayOfStrings("roles"),
                        row.getUUID("store_id"), row.getString("locale")), row.getString("issued_by"));
            }
            throw invalidLink();
        });
    }

    private static ProblemException invalidLink() {
        return new ProblemException(ProblemCode.INVALID_LINK,
                "The sign-in link has been used or has expired, or it is not whole; ask for a new one.")
                .with("WWW-Authenticate", CHALLENGE);
    }
}
