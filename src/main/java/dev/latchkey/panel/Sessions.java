package dev.latchkey.panel;

import java.util.ArrayList;
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
import dev.latchkey.identity.Caller.Tenant;
import dev.latchkey.identity.Origin;
import dev.latchkey.panel.SessionTable.Start;
import dev.latchkey.panel.SignInTokens.Kind;
import dev.latchkey.tenant.Language;
import dev.latchkey.tenant.Tenants;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
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
 * several at a time the others wait for it and find nothing. The second rests on nobody remembering a session: each request
 * reads its row. People make a thousandth of the requests that keys make, so that costs little, and needs no word between
 * replicas.
 *
 * <p>
 * A sign-in always makes a new token, and ends the session that the same browser had before: nobody can plant one on somebody
 * and find it admitted later, and none is left behind of which nobody has the cookie. That the person means it is asked before
 * ({@link Intent}): another page could lead him to a link of its own.
 */
@Singleton
class Sessions {

    static final String CHALLENGE = "Bearer realm=\"latchkey\"";

    private final Pool database;
    private final SessionTable table;
    private final SignInTokens tokens;
    private final SessionCookie cookie;
    private final Activities activities;

    Sessions(Pool database, SessionTable table, SignInTokens tokens, SessionCookie cookie, Activities activities) {
        this.database = database;
        this.table = table;
        this.tokens = tokens;
        this.cookie = cookie;
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

    /** The session whose cookie a request shows, which counts as used by this; empty where there is none, or none any more. */
    Uni<Optional<Session>> shownBy(HttpServerRequest request) {
        Secret token = cookie.read(request);
        return token == null ? Uni.createFrom().item(Optional.empty()) : table.use(token);
    }

    /** How those are refused whose session is over. */
    static ProblemException ended() {
        // The cookie stays: an answer that comes late must not take away that of the next session.
        return new ProblemException(ProblemCode.SESSION_ENDED, "The session is over; sign in again.").with("WWW-Authenticate",
                CHALLENGE);
    }

    /**
     * Uses a link up, for good only together with the session: when that cannot be made, the link still works.
     *
     * @param link as it was shown, whatever it is
     * @param former the session that the browser had, if any
     * @return a new session
     * @throws ProblemException 401 for a link that has been used, has expired or never was, 403 while its organization is being
     *         deleted
     */
    Uni<Session> beginByLink(Secret link, Origin origin, Optional<Session> former) {
        Secret shown = tokens.parse(Kind.LINK, link.reveal());
        if (shown == null) {
            return Uni.createFrom().failure(Sessions::invalidLink);
        }
        return database.withTransaction(connection -> take(connection, shown)
                .flatMap(taken -> begin(connection, taken.start(), origin, former,
                        Changes.none().note("by", "link").note("issuedBy", taken.issuedBy()))));
    }

    /**
     * Signs in whom a token of the identity provider names.
     *
     * @param home key of the organization that the token names as his own; null: none
     * @param former the session that the browser had, if any
     * @return a new session
     */
    Uni<Session> beginByToken(Caller caller, @Nullable String home, Optional<Session> former) {
        Start start = new Start(UuidCreator.getTimeOrderedEpoch(), caller.tenant().id(),
                new Session.Person(caller.id(), caller.name(), home),
                Session.groups(caller.roles()).toArray(String[]::new), null, null);
        return database.withTransaction(
                connection -> begin(connection, start, caller.origin(), former, Changes.none().note("by", "token")));
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

    /**
     * @param sessions how many
     * @param links that nobody has used
     */
    record Ended(int sessions, int links) {
    }

    /**
     * Locks people out: ends their sessions, and withdraws the links by which they could begin another.
     *
     * @param by who decided it
     * @param subject whose; null: everybody's
     */
    Uni<Ended> endAll(Actor by, Tenant organization, @Nullable String subject) {
        return database.withTransaction(connection -> table.deleteLinks(connection, organization.id(), subject)
                .flatMap(links -> table.deleteSessions(connection, organization.id(), subject).flatMap(sessions -> {
                    List<Activities.Entry> entries = new ArrayList<>();
                    links.forEach(link -> entries.add(new Activities.Entry(organization.id(), by, "session.link_withdrawn",
                            Session.target(link.id(), link.name()), Changes.none())));
                    sessions.forEach(session -> entries.add(new Activities.Entry(organization.id(), by, "session.ended",
                            Session.target(session.id(), session.name()), Changes.none().note("reason", "locked out"))));
                    return activities.recordAll(connection, entries).replaceWith(new Ended(sessions.size(), links.size()));
                })));
    }

    /** Read in the same transaction: whoever is told that he is in, is, and whoever is not has used nothing up. */
    private Uni<Session> begin(SqlConnection connection, Start start, Origin origin, Optional<Session> former, Changes how) {
        Secret token = tokens.make(Kind.SESSION);
        Actor person = new Actor(Actor.Type.PERSON, start.person().subject(), start.person().name(), origin);
        Uni<Void> replaced = former.isEmpty() ? Uni.createFrom().voidItem()
                : end(connection, former.get(), origin, "replaced");
        return replaced.flatMap(done -> table.insert(connection, start, token))
                .flatMap(done -> activities.recordAll(connection,
                        List.of(new Activities.Entry(start.organization(), person, "session.created",
                                Session.target(start.id(), start.person().name()), how.note("roles", List.of(start.roles()))))))
                .flatMap(done -> table.read(connection, token)).map(found -> found.orElseThrow(Sessions::ended));
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
                        new Session.Person(row.getString("subject"), row.getString("name"), row.getString("key")),
                        row.getArrayOfStrings("roles"), row.getUUID("store_id"), row.getString("locale")),
                        row.getString("issued_by"));
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
