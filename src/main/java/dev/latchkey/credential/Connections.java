package dev.latchkey.credential;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.event.Event;
import dev.latchkey.event.Events;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** Whose accounts credentials are connected to: the writes at the end of connecting, and what is known of the last time. */
@ApplicationScoped
class Connections {

    private final Pool database;
    private final RetestTable retests;
    private final CredentialHistory history;
    private final Activities activities;
    private final Events events;

    Connections(Pool database, RetestTable retests, CredentialHistory history, Activities activities, Events events) {
        this.database = database;
        this.retests = retests;
        this.history = history;
        this.activities = activities;
        this.events = events;
    }

    /**
     * What is known of a credential's connection.
     *
     * @param account null: not told
     * @param scopes what was granted
     */
    record Known(@Nullable ConnectedAccount account, List<String> scopes) {
    }

    // By primary key.
    /** The connection that stands; empty where there has been none. */
    Uni<Optional<Known>> find(UUID organization, UUID credential) {
        return database.preparedQuery("""
                select account, account_from, scopes from credential_connection
                 where organization_id = $1 and credential_id = $2
                """).execute(Tuple.of(organization, credential)).map(rows -> {
            for (Row row : rows) {
                return Optional.of(known(row));
            }
            return Optional.empty();
        });
    }

    private static Known known(Row row) {
        String account = row.getString("account");
        ConnectedAccount.From from = ConnectedAccount.From.stored(row.getString("account_from"));
        return new Known(account == null || from == null ? null : new ConnectedAccount(account, from),
                List.of(row.getArrayOfStrings("scopes")));
    }

    /**
     * What was connected.
     *
     * @param pairVersion of its tokens
     * @param tried what its test has shown of the new tokens
     * @param account null: not told
     * @param isUnproved whether something was connected before, and nobody can say that this is the same account
     * @param scopes what was granted
     * @param lost those that were granted before, and are not any more
     */
    record Made(OpenCredential credential, Actor by, long pairVersion, Credentials.Tried tried,
            @Nullable ConnectedAccount account, boolean isUnproved, List<String> scopes, List<String> lost) {
    }

    /**
     * Writes down that new tokens stand, and how they are. Not the latter where others have taken their place since, and
     * nothing where the credential has been deleted.
     */
    @WithTransaction
    public Uni<Void> connected(Made made) {
        return Credential.findToChange(made.credential().organization(), made.credential().id())
                .flatMap(credential -> credential == null ? Uni.createFrom().voidItem()
                        : show(credential, made).chain(() -> tell(credential, made)));
    }

    private Uni<Void> show(Credential credential, Made made) {
        return CredentialState.findToChange(credential.id).flatMap(state -> {
            if (state == null || credential.pairVersion != made.pairVersion()) {
                return Uni.createFrom().voidItem();
            }
            CredentialStatus before = state.status();
            state.begin(made.tried());
            return state.flush().call(done -> retests.schedule(state))
                    .call(done -> state.status() == before ? Uni.createFrom().voidItem()
                            : history.statusChanged(made.by(), credential, before, state))
                    .replaceWithVoid();
        });
    }

    /**
     * Whether an edit may have made a credential another account's: other tokens, another client, another place.
     *
     * @param isOtherPair whether a token of it is another one
     */
    static boolean mayBeOfAnother(OpenCredential before, CredentialMaterial now, boolean isOtherPair) {
        return before.data() instanceof OAuth2 was && now.data() instanceof OAuth2 is && (isOtherPair
                || !before.variables().equals(now.variables().values()) || !Objects.equals(before.baseUrl(), now.baseUrl())
                || !was.clientId().equals(is.clientId()) || !Objects.equals(was.tokenUrl(), is.tokenUrl())
                || !Objects.equals(was.authorizeUrl(), is.authorizeUrl()) || !Objects.equals(was.issuer(), is.issuer()));
    }

    // By primary key, in the transaction that writes the edit.
    /** Forgets whose account a credential is, so that the next connection says it anew. */
    Uni<Void> forgetAccount(UUID credential) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                update credential_connection set account = null, account_from = null where credential_id = :id
                """).setParameter("id", credential).executeUpdate()).replaceWithVoid();
    }

    private Uni<Void> tell(Credential credential, Made made) {
        ConnectedAccount account = made.account();
        Changes changes = Changes.none().note("account", account == null ? null : account.id())
                .note("sameAccount", made.isUnproved() ? "unknown" : null)
                .note("scopes", made.scopes().isEmpty() ? null : made.scopes())
                .note("scopesLost", made.lost().isEmpty() ? null : made.lost())
                .note("status", made.tried().outcome().status().text())
                .note("reason", made.tried().outcome().reason().text());
        Actor by = made.by();
        JsonObject data = new JsonObject().put("id", credential.id.toString()).put("name", credential.name)
                .put("provider", credential.provider).put("type", credential.type)
                .put("status", made.tried().outcome().status().text()).put("reason", made.tried().outcome().reason().text())
                .put("scopesLost", new JsonArray(made.lost()))
                .put("actor", new JsonObject().put("type", by.type().name().toLowerCase(Locale.ROOT))
                        .put("id", by.id()).put("name", by.name()));
        return activities.record(credential.organizationId, by, "credential.connected", target(made.credential()), changes)
                .call(() -> events.publish(credential.organizationId,
                        new Event("credential.connected", credential.storeId, data)))
                .replaceWithVoid();
    }

    /** Writes down that someone came back and nothing was connected. What stood before stands. */
    @WithTransaction
    public Uni<Void> failed(Authorizations.Taken taken, ConnectResult result) {
        return activities.record(taken.organization(), taken.by(), "credential.connect_failed",
                new Target("credential", taken.credential(), taken.name()),
                Changes.none().note("reason", result.code().text()).note("detail", result.detail()));
    }

    /** Writes down what became of giving the old tokens back. */
    @WithTransaction
    public Uni<Void> revoked(OpenCredential before, Actor by, Revocation revocation) {
        return activities.record(before.organization(), by, "credential.revoked_at_provider", target(before),
                Changes.none().note("revoked", revocation.revoked()).note("httpStatus", revocation.httpStatus())
                        .note("detail", revocation.detail()));
    }

    // By primary key.
    /** Writes down that a server ends new tokens together with old ones, so that none are given back there any more. */
    Uni<Void> rememberEnding(UUID credential, String revokeUrl) {
        return database.preparedQuery("update credential_connection set ends_grants_at = $2 where credential_id = $1")
                .execute(Tuple.of(credential, revokeUrl)).replaceWithVoid();
    }

    // By the index on organization, of which few have many.
    /** Whether a server is known for that, be it by another credential. */
    Uni<Boolean> endsGrants(UUID organization, String revokeUrl) {
        return database.preparedQuery("""
                select exists (select from credential_connection where organization_id = $1 and ends_grants_at = $2)
                """).execute(Tuple.of(organization, revokeUrl)).map(rows -> rows.iterator().next().getBoolean(0));
    }

    private static Target target(OpenCredential credential) {
        return new Target("credential", credential.id(), credential.name());
    }
}
