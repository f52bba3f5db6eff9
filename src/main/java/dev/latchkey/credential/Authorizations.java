package dev.latchkey.credential;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.Sealer.Place;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Origin;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * People who were sent to a provider to agree, and are not back yet.
 *
 * <p>
 * <b>Invariant:</b> a state leads on once, and only what it was made for: this credential of this organization, this client at
 * these addresses, this redirect, and, where a browser began it, that browser. It rests on the row, which whoever comes back
 * deletes before anybody is asked for anything: of several at a time the others wait for the deletion and find nothing, and
 * what fails afterwards has to be begun anew. Whatever is wrong with the one who came back, the row is gone: a state that
 * turned up in another place has leaked.
 */
@Startup
@Singleton
class Authorizations {

    private static final String FIELD = "oauth_authorization.verifier";
    private static final int VERSION = 1;
    /** Of one credential at a time, the newest: one for each tab that someone may have open, and no more. */
    private static final int MOST = 10;
    /** Removed by each new one, so that no more are left than are made. */
    private static final int STALE = 20;

    private final Pool database;
    private final ConnectTokens tokens;
    private final Activities activities;
    private final Duration lifetime;
    private final Ticker ticker;

    Authorizations(Pool database, ConnectTokens tokens, Activities activities, ConnectConfig config, Ticker ticker) {
        this.database = database;
        this.tokens = tokens;
        this.activities = activities;
        this.ticker = ticker;
        this.lifetime = config.oauth2().connectLifetime();
        if (lifetime.toSeconds() < 1 || lifetime.compareTo(Duration.ofHours(1)) > 0) {
            throw new ConfigurationException("LATCHKEY_OAUTH2_CONNECT_LIFETIME must be from PT1S to PT1H.");
        }
    }

    /**
     * What someone is sent there for.
     *
     * @param client the client and the addresses, by {@link ConnectTokens#client}
     * @param scopes that are asked for
     * @param verifier null: without PKCE
     * @param returnTo null: nowhere
     */
    record Wanted(OpenCredential credential, Actor by, boolean inBrowser, byte[] client, Discovery.Issuer issuer,
            String redirect, List<String> scopes, @Nullable Secret verifier, @Nullable String returnTo) {
    }

    /** How long it may take. */
    Duration lifetime() {
        return lifetime;
    }

    /**
     * Writes it down.
     *
     * @return when it ends
     */
    Uni<Instant> begin(Wanted wanted, Secret state, DataKey key) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        OpenCredential of = wanted.credential();
        Secret verifier = wanted.verifier();
        Buffer sealed = verifier == null ? null
                : Buffer.buffer(key.seal(verifier.reveal().getBytes(StandardCharsets.US_ASCII),
                        place(of.organization(), id)));
        return database.withTransaction(connection -> tidy(connection, of.id()).chain(() -> insert(connection, Tuple.tuple()
                .addValue(id).addValue(Buffer.buffer(tokens.hash(state))).addValue(of.organization()).addValue(of.id())
                .addValue(wanted.by().type().name().toLowerCase(Locale.ROOT)).addValue(wanted.by().id())
                .addValue(wanted.by().name()).addValue(wanted.inBrowser()).addValue(Buffer.buffer(wanted.client()))
                .addValue(wanted.issuer().name()).addValue(wanted.issuer().isAlwaysTold()).addValue(wanted.redirect())
                .addValue(wanted.scopes().toArray(String[]::new)).addValue(sealed).addValue(wanted.returnTo())
                .addValue(lifetime.toMillis() / 1000.0)))
                .call(ends -> activities.recordAll(connection, List.of(new Activities.Entry(of.organization(), wanted.by(),
                        "credential.connect_begun", new Target("credential", of.id(), of.name()),
                        Changes.none().note("expiresAt", ends))))));
    }

    // Found by the indexes on expiry and on (credential, begin), and deleted by primary key. Two that begin at once find the
    // same rows: each takes those that the other has not locked, and waits for none.
    private static Uni<Void> tidy(SqlConnection connection, UUID credential) {
        return connection.preparedQuery("""
                with stale as (
                    select id from oauth_authorization where expires_at < now()
                     order by expires_at limit $3 for update skip locked
                ), excess as (
                    select a.id from oauth_authorization a
                      join (select id from oauth_authorization where credential_id = $1
                             order by begun_at desc offset $2) o on o.id = a.id
                       for update of a skip locked
                )
                delete from oauth_authorization
                 where id = any (array(select id from stale union select id from excess))
                """).execute(Tuple.of(credential, MOST - 1, STALE)).replaceWithVoid();
    }

    // One row, by the database's clock.
    private static Uni<Instant> insert(SqlConnection connection, Tuple values) {
        return connection.preparedQuery("""
                insert into oauth_authorization (id, hash, organization_id, credential_id, actor_type, actor_id, actor_name,
                                                 in_browser, client, issuer, demands_issuer, redirect_uri, scopes, verifier,
                                                 return_to, begun_at, expires_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, now(),
                        now() + make_interval(secs => $16))
                returning expires_at
                """).execute(values)
                .map(rows -> rows.iterator().next().getOffsetDateTime("expires_at").withOffsetSameInstant(ZoneOffset.UTC)
                        .toInstant());
    }

    /**
     * Someone who is back.
     *
     * @param name of the credential
     * @param scopes that were asked for
     * @param clock the database's, carried on from now by the monotonic one
     * @param isLive whether it had not ended yet
     * @param mayAct whether its organization is neither suspended nor being deleted
     * @param verifier sealed; null: without PKCE
     */
    record Taken(UUID id, UUID organization, UUID credential, String name, Actor by, boolean inBrowser, byte[] client,
            Discovery.Issuer issuer, String redirect, List<String> scopes, byte @Nullable [] verifier,
            @Nullable String returnTo, InstantSource clock, boolean isLive, boolean mayAct) {

        /** What the provider wants to see besides the code. */
        @Nullable
        Secret verifier(DataKey key) {
            return verifier == null ? null
                    : Secret.of(new String(key.open(verifier, place(organization, id)),
                            StandardCharsets.US_ASCII));
        }

        @Override
        public String toString() {
            return "Taken[id=" + id + "]";
        }
    }

    // By the unique index on the hash; one comparison for each pepper while they rotate. The rest by primary keys.
    /** Takes it: for the first one who comes with this state, and nobody after him. */
    Uni<Optional<Taken>> take(Secret state, Origin from) {
        return database.preparedQuery("""
                with taken as (
                    delete from oauth_authorization where hash = any ($1) returning *
                )
                select t.*, c.name, now() as at, t.expires_at > now() as is_live,
                       o.active and o.deletion_requested_at is null as may_act
                  from taken t join organization o on o.id = t.organization_id join credential c on c.id = t.credential_id
                """).execute(Tuple.of(tokens.hashes(state).stream().map(Buffer::buffer).toArray(Buffer[]::new))).map(rows -> {
            for (Row row : rows) {
                return Optional.of(taken(row, from));
            }
            return Optional.empty();
        });
    }

    private Taken taken(Row row, Origin from) {
        Actor by = new Actor(Actor.Type.valueOf(row.getString("actor_type").toUpperCase(Locale.ROOT)),
                row.getString("actor_id"), row.getString("actor_name"), from);
        Buffer verifier = row.get(Buffer.class, "verifier");
        Instant at = row.getOffsetDateTime("at").toInstant();
        long since = ticker.read();
        return new Taken(row.getUUID("id"), row.getUUID("organization_id"), row.getUUID("credential_id"),
                row.getString("name"), by, row.getBoolean("in_browser"), row.get(Buffer.class, "client").getBytes(),
                new Discovery.Issuer(row.getString("issuer"), row.getBoolean("demands_issuer")),
                row.getString("redirect_uri"), List.of(row.getArrayOfStrings("scopes")),
                verifier == null ? null : verifier.getBytes(), row.getString("return_to"),
                () -> at.plusNanos(ticker.read() - since), row.getBoolean("is_live"), row.getBoolean("may_act"));
    }

    private static Place place(UUID organization, UUID id) {
        return new Place(organization, id, FIELD, VERSION);
    }
}
