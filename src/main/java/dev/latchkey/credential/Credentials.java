package dev.latchkey.credential;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import jakarta.enterprise.context.ApplicationScoped;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.activity.Actor;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.tenant.Stores;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/**
 * The writes of credentials: one public method, one transaction. Tests are made before, in none, and what they have shown is
 * written with what they have tested, or not at all: the material version says whether that still stands.
 */
@ApplicationScoped
class Credentials {

    private final CredentialSecrets secrets;
    private final CredentialFields fields;
    private final CredentialHistory history;
    private final RetestTable retests;
    private final RenewalTable renewals;
    private final RenewalEpisodes episodes;
    private final Connections connections;
    private final InstantSource clock;

    Credentials(CredentialSecrets secrets, CredentialFields fields, CredentialHistory history, RetestTable retests,
            RenewalTable renewals, RenewalEpisodes episodes, Connections connections, InstantSource clock) {
        this.secrets = secrets;
        this.fields = fields;
        this.history = history;
        this.retests = retests;
        this.renewals = renewals;
        this.episodes = episodes;
        this.connections = connections;
        this.clock = clock;
    }

    /**
     * What may be stored.
     *
     * @param outcome of its test
     * @param host that its test asks; empty: none
     * @param key seals its secrets
     * @param granted tokens of it that were just given, for what may be worth nothing by now; null: none were
     * @param presented how often its refresh token may have been presented without an answer that is known
     */
    record Tried(CredentialMaterial material, Outcome outcome, String host, DataKey key, @Nullable Granted granted,
            int presented) {

        /** One for which nobody was asked for tokens. */
        Tried(CredentialMaterial material, Outcome outcome, String host, DataKey key) {
            this(material, outcome, host, key, null, 0);
        }
    }

    /**
     * What was deleted.
     *
     * @param hadToken whether there was something that its provider could revoke
     */
    record Deleted(UUID organization, UUID id, String name, boolean hadToken) {
    }

    /** @throws ProblemException 422 for an unknown store */
    @WithTransaction
    public Uni<UUID> create(Caller caller, CredentialForm form, Tried tried) {
        Credential credential = new Credential();
        credential.id = UuidCreator.getTimeOrderedEpoch();
        credential.organizationId = caller.tenant().id();
        credential.provider = form.provider();
        credential.type = form.type().text();
        credential.materialVersion = 1;
        credential.createdByType = caller.kind().name().toLowerCase(Locale.ROOT);
        credential.createdById = caller.id();
        credential.createdByName = caller.name();
        credential.createdAt = now();
        credential.updatedAt = credential.createdAt;
        credential.name = form.name();
        write(credential, tried.material());
        credential.sealed = CredentialSecrets.versions(credential, Map.of(), tried.material().secrets());
        CredentialState state = new CredentialState();
        state.credentialId = credential.id;
        state.organizationId = credential.organizationId;
        state.begin(tried);
        return nameStore(credential, form.store()).flatMap(named -> credential.persistAndFlush())
                .call(stored -> secrets.write(credential, Map.of(), tried.material().secrets(), tried.key()))
                .call(stored -> state.persistAndFlush()).call(stored -> retests.schedule(state))
                .call(stored -> renewals.plan(credential, tried.material(), true, tried.presented(), credential.createdAt))
                .call(stored -> history.created(Actor.of(caller), credential, state)).replaceWith(credential.id);
    }

    /**
     * Edits what no test depends on: name and store.
     *
     * @throws ProblemException 404, 412 when it has changed since it was read, 422
     */
    @WithTransaction
    public Uni<Void> edit(Caller caller, UUID id, @Nullable String ifMatch, UnaryOperator<CredentialForm> patch) {
        return existing(caller, id, ifMatch).flatMap(credential -> {
            CredentialHistory.Look before = CredentialHistory.Look.of(credential);
            CredentialForm wanted = patch.apply(form(credential));
            credential.name = wanted.name();
            return nameStore(credential, wanted.store()).flatMap(named -> finish(caller, credential, before, Set.of()));
        });
    }

    /**
     * Replaces what a test depends on, by what has passed one.
     *
     * @param read what the edit was made of: should it have changed since, nothing is replaced
     * @throws ProblemException 404, 409 when someone else was faster, 412 when it has changed since it was read, 422
     */
    @WithTransaction
    public Uni<Void> replace(Caller caller, String ifMatch, OpenCredential read, CredentialForm wanted, Tried tried) {
        return existing(caller, read.id(), ifMatch.isEmpty() ? null : ifMatch).flatMap(credential -> {
            // A renewal moves the material alone: the test was of another token then.
            if (credential.version != read.version() || credential.materialVersion != read.materialVersion()) {
                throw ProblemException
                        .conflict("Someone else changed the credential while this change was tested; try again.");
            }
            Map<String, Secret> former = read.secrets();
            Map<String, Secret> now = tried.material().secrets();
            Set<String> replaced = CredentialSecrets.changed(former, now);
            CredentialHistory.Look before = CredentialHistory.Look.of(credential);
            credential.name = wanted.name();
            write(credential, tried.material());
            boolean isOther = !replaced.isEmpty() || !before.hasMaterialOf(credential);
            credential.materialVersion += isOther ? 1 : 0;
            credential.sealed = replaced.isEmpty() ? credential.sealed
                    : CredentialSecrets.versions(credential, former, now);
            return nameStore(credential, wanted.store())
                    .flatMap(named -> finish(caller, credential, before, replaced))
                    .call(done -> replaced.isEmpty() ? Uni.createFrom().voidItem()
                            : secrets.write(credential, former, now, tried.key()))
                    .call(done -> isOther
                            ? renewals.plan(credential, tried.material(), isOtherPair(replaced), tried.presented(), now())
                            : Uni.createFrom().voidItem())
                    .call(done -> Connections.mayBeOfAnother(read, tried.material(), isOtherPair(replaced))
                            ? connections.forgetAccount(credential.id)
                            : Uni.createFrom().voidItem())
                    .call(done -> isOtherPair(replaced) ? episodes.replaced(credential) : Uni.createFrom().voidItem())
                    .call(done -> isOther ? show(credential, Actor.of(caller), state -> state.begin(tried))
                            // Of what is the same, nothing has become unknown by not having been tested.
                            : wanted.skipTest() ? Uni.createFrom().voidItem()
                                    : show(credential, Actor.of(caller), state -> state.show(tried.outcome(), true)));
        });
    }

    /**
     * Writes down what a test of a stored credential has shown. A result of what stands no more, or of a test that was begun
     * before one that has been written down, is worth nothing.
     *
     * @param by who asked for it
     * @throws ProblemException 404, 409 where the result is dropped
     */
    @WithTransaction
    public Uni<Void> tested(OpenCredential tested, CredentialChecks.Shown shown, Actor by) {
        return Credential.findToChange(tested.organization(), tested.id()).onItem().ifNull()
                .failWith(ProblemException::notFound).flatMap(credential -> {
                    if (credential.materialVersion != tested.materialVersion()) {
                        throw dropped();
                    }
                    boolean isSeen = by.type() != Actor.Type.SYSTEM;
                    return (isSeen ? history.tested(by, credential, shown.outcome()) : Uni.createFrom().voidItem())
                            .flatMap(done -> show(credential, by, state -> {
                                if (state.begunAt != null && shown.begun().isBefore(state.begunAt)) {
                                    throw dropped();
                                }
                                state.begunAt = shown.begun();
                                state.host = shown.host() == null ? state.host : shown.host();
                                state.show(shown.outcome(), isSeen);
                            })).call(done -> shown.outcome().reason() == ProbeReason.INVALID
                                    ? renewals.hasten(credential.id)
                                    : Uni.createFrom().voidItem());
                });
    }

    private static ProblemException dropped() {
        return ProblemException
                .conflict("The credential was changed or tested anew while this test was running; its result does not count.");
    }

    /** Writes down that one could not be tested by itself, since it does not open. */
    @WithTransaction
    public Uni<Void> unopened(UUID organization, UUID id, Outcome outcome, Actor by) {
        return Credential.findToChange(organization, id).flatMap(credential -> credential == null
                ? Uni.createFrom().voidItem()
                : show(credential, by, state -> state.show(outcome, false)));
    }

    /**
     * @param opened the material version of what was opened before; null: it does not open
     * @return empty where another one stands by now, and nothing was deleted
     * @throws ProblemException 404, 409 where an integration uses it, 412 when it has changed since it was read
     */
    @WithTransaction
    public Uni<Optional<Deleted>> delete(Caller caller, UUID id, @Nullable String ifMatch, @Nullable Long opened) {
        return existing(caller, id, ifMatch).flatMap(credential -> {
            if (opened != null && credential.materialVersion != opened) {
                return Uni.createFrom().item(Optional.empty());
            }
            return history.deleted(Actor.of(caller), credential)
                    // By statement: Hibernate Reactive (4.2) confuses two deletions of entities that run at the same time.
                    .chain(() -> Credential.delete("id", credential.id)).onFailure(ConstraintViolationException.class)
                    .transform(used -> ProblemException
                            .conflict("An integration uses this credential. Take it out of the integration first."))
                    .map(done -> Optional.of(new Deleted(credential.organizationId, id, credential.name,
                            credential.sealed.containsKey("accessToken") || credential.sealed.containsKey("refreshToken"))));
        });
    }

    /** Notes what became of giving a deleted credential's tokens back. */
    @WithTransaction
    public Uni<Void> revoked(Caller caller, Deleted deleted, Revocation revocation) {
        return history.revoked(Actor.of(caller), deleted, revocation);
    }

    private static boolean isOtherPair(Set<String> replaced) {
        return replaced.contains("accessToken") || replaced.contains("refreshToken");
    }

    private Uni<Void> show(Credential credential, Actor by, Consumer<CredentialState> change) {
        return CredentialState.findToChange(credential.id).onItem().ifNull().failWith(ProblemException::notFound)
                .flatMap(state -> {
                    CredentialStatus before = state.status();
                    change.accept(state);
                    return state.flush().call(done -> retests.schedule(state))
                            .call(done -> state.status() == before ? Uni.createFrom().voidItem()
                                    : history.statusChanged(by, credential, before, state));
                });
    }

    /** What stays as it is gets no new version. */
    private Uni<Void> finish(Caller caller, Credential credential, CredentialHistory.Look before, Set<String> replaced) {
        if (before.equals(CredentialHistory.Look.of(credential)) && replaced.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        credential.updatedAt = now();
        return history.edited(Actor.of(caller), credential, before, replaced).chain(() -> credential.flush());
    }

    private static Uni<Credential> existing(Caller caller, UUID id, @Nullable String ifMatch) {
        return Credential.findToChange(caller.tenant().id(), id).onItem().ifNull().failWith(ProblemException::notFound)
                .invoke(credential -> EntityTags.requireMatch(ifMatch, credential.version));
    }

    /** By id or key, and locked against deletion until the transaction ends. */
    private static Uni<Credential> nameStore(Credential credential, @Nullable String idOrKey) {
        if (idOrKey == null) {
            credential.storeId = null;
            return Uni.createFrom().item(credential);
        }
        return Stores.resolveOne(credential.organizationId, "store", idOrKey).invoke(store -> credential.storeId = store.id)
                .replaceWith(credential);
    }

    private void write(Credential credential, CredentialMaterial material) {
        credential.baseUrl = material.baseUrl();
        // What is equal is left as it is: of JSON, Hibernate looks at the object.
        JsonObject variables = new JsonObject(new HashMap<>(material.variables().values()));
        credential.variables = Objects.equals(credential.variables, variables) ? credential.variables : variables;
        JsonObject open = new JsonObject(fields.open(material.data(), material.secrets().keySet()).toString());
        credential.data = Objects.equals(credential.data, open) ? credential.data : open;
        JsonObject test = json(material.test());
        credential.test = Objects.equals(credential.test, test) ? credential.test : test;
    }

    private static @Nullable JsonObject json(@Nullable ProbeTest test) {
        return test == null ? null
                : new JsonObject().put("method", test.head() ? "HEAD" : "GET").put("url", test.url())
                        .put("expectStatus", test.expectStatus()).put("bodyContains", test.bodyContains());
    }

    /** As far as it is edited without a test. */
    private static CredentialForm form(Credential credential) {
        return new CredentialForm(credential.name, credential.provider, Map.of(), null,
                credential.storeId == null ? null : credential.storeId.toString(), CredentialType.of(credential.type),
                JsonNodeFactory.instance.objectNode(), null, false);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
