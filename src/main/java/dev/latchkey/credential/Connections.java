package dev.latchkey.credential;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
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
     * @param endsAsGrant whether its provider ends new tokens together with old ones that are given back
     */
    record Known(@Nullable ConnectedAccount account, List<String> scopes, boolean endsAsGrant) {
    }

    // By primary key.
    /** The connection that stands; empty where there has been none. */
    Uni<Optional<Known>> find(UUID organization, UUID credential) {
        return database.preparedQuery("""
                select account, account_from, scopes, ends_as_grant from credential_connection
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
                List.of(row.getArrayOfStrings("scopes")), row.getBoolean("ends_as_grant"));
    }

    /**
     * What was connected.
     *
     * @param tried what its test has shown of the new tokens
     * @param account null: not told
     * @param isUnproved whether something was connected before, and nobody can say that this is the same account
     * @param scopes what was granted
     * @param lost those that were granted before, and are not any more
     * @param parameters of the redirect, kept
     */
    record Made(OpenCredential credential, Actor by, Credentials.Tried tried, @Nullable ConnectedAccount account,
            boolean isUnproved, List<String> scopes, List<String> lost, Map<String, String> parameters) {
    }

    /** Writes down that new tokens stand, how they are, and whose. Nothing where the credential has been deleted meanwhile. */
    @WithTransaction
    public Uni<Void> connected(Made made) {
        return Credential.findToChange(made.credential().organization(), made.credential().id())
                .flatMap(credential -> credential == null ? Uni.createFrom().voidItem()
                        : show(credential, made).chain(() -> write(made)).chain(() -> tell(credential, made)));
    }

    private Uni<Void> show(Credential credential, Made made) {
        return CredentialState.findToChange(credential.id).flatMap(state -> {
            if (state == null) {
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

    // By primary key.
    private static Uni<Void> write(Made made) {
        ConnectedAccount account = made.account();
        JsonArray scopes = new JsonArray(made.scopes());
        JsonObject parameters = new JsonObject();
        made.parameters().forEach(parameters::put);
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                insert into credential_connection (credential_id, organization_id, account, account_from, scopes, parameters,
                                                   connected_by, connected_at)
                select :id, :organization, cast(:account as text), cast(:from as text),
                       array(select jsonb_array_elements_text(cast(cast(:scopes as text) as jsonb))),
                       cast(cast(:parameters as text) as jsonb), :by, now()
                on conflict (credential_id) do update
                   set account = coalesce(excluded.account, credential_connection.account),
                       account_from = coalesce(excluded.account_from, credential_connection.account_from),
                       scopes = excluded.scopes, parameters = excluded.parameters,
                       connected_by = excluded.connected_by, connected_at = excluded.connected_at
                """).setParameter("id", made.credential().id()).setParameter("organization", made.credential().organization())
                .setParameter("account", account == null ? null : account.id())
                .setParameter("from", account == null ? null : account.from().text())
                .setParameter("scopes", scopes.encode()).setParameter("parameters", parameters.encode())
                .setParameter("by", made.by().name()).executeUpdate()).replaceWithVoid();
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
    public Uni<Void> failed(Authorizations.Taken taken, String name, ConnectResult result) {
        return activities.record(taken.organization(), taken.by(), "credential.connect_failed",
                new Target("credential", taken.credential(), name),
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
    /** Writes down that a provider ends new tokens together with old ones, so that none are given back the next time. */
    Uni<Void> endsAsGrant(UUID credential) {
        return database.preparedQuery("update credential_connection set ends_as_grant = true where credential_id = $1")
                .execute(Tuple.of(credential)).replaceWithVoid();
    }

    private static Target target(OpenCredential credential) {
        return new Target("credential", credential.id(), credential.name());
    }
}
