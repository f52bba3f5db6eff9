package dev.latchkey.credential;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.identity.Caller;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.MergePatch;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** Changes of stored credentials, with what others are asked before and after: tests, and the end of tokens. */
@Singleton
class CredentialEdits {

    private static final List<String> FIXED = List.of("provider", "type");
    /** A person waits. */
    private static final Duration HELD = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final OpenCredentials open;
    private final CredentialChecks checks;
    private final CredentialDrafts drafts;
    private final Credentials credentials;
    private final Revocations revocations;
    private final MergePatch patches;
    private final OwnContext contexts;
    private final Ticker ticker;

    CredentialEdits(OpenCredentials open, CredentialChecks checks, CredentialDrafts drafts, Credentials credentials,
            Revocations revocations, MergePatch patches, OwnContext contexts, Ticker ticker) {
        this.open = open;
        this.checks = checks;
        this.drafts = drafts;
        this.credentials = credentials;
        this.revocations = revocations;
        this.patches = patches;
        this.contexts = contexts;
        this.ticker = ticker;
    }

    /** @throws ProblemException 404, 412, 409 when someone else was faster, 422, also for what fails its test */
    Uni<Void> edit(Caller caller, UUID id, @Nullable String ifMatch, ObjectNode patch, Locale locale) {
        requireEditable(patch);
        if (CredentialForm.MATERIAL.stream().noneMatch(patch::has)) {
            return credentials.edit(caller, id, ifMatch, form -> patches.apply(form, patch, CredentialForm.class));
        }
        UUID organization = caller.tenant().id();
        return open.of(organization, id).flatMap(stored -> {
            EntityTags.requireMatch(ifMatch, stored.version());
            CredentialForm wanted = patches.apply(checks.form(stored), patch, CredentialForm.class);
            Edit edit = new Edit(caller, id, ifMatch == null ? "" : ifMatch, patch, ticker.read());
            return drafts.tried(stored, wanted, patch.get("data"), locale)
                    .flatMap(tried -> credentials.replace(caller, edit.ifMatch(), stored, wanted, tried)
                            .onFailure(fault -> isHeld(edit, tried, fault)).recoverWithUni(fault -> again(edit, tried)));
        });
    }

    /**
     * What a credential would show once it is edited so; nothing is stored.
     *
     * @throws ProblemException 404, 422, 429
     */
    Uni<ProbeResult> test(Caller caller, UUID id, ObjectNode patch, Locale locale) {
        requireEditable(patch);
        return open.of(caller.tenant().id(), id).flatMap(stored -> drafts.test(stored,
                patches.apply(checks.form(stored), patch, CredentialForm.class), patch.get("data"), locale));
    }

    private static void requireEditable(ObjectNode patch) {
        List<FieldError> fixed = FIXED.stream().filter(patch::has)
                .map(field -> new FieldError(field, "is fixed at creation")).toList();
        if (!fixed.isEmpty()) {
            throw ProblemException.invalid(fixed);
        }
    }

    /**
     * What somebody wants.
     *
     * @param ifMatch empty: whatever stands
     * @param since when it was begun, by the monotonic clock
     */
    private record Edit(Caller caller, UUID id, String ifMatch, ObjectNode patch, long since) {
    }

    /** Whoever was faster, or a database that is away, costs no tokens that were just given: they exist nowhere but here. */
    private boolean isHeld(Edit edit, Credentials.Tried tried, Throwable fault) {
        return tried.granted() != null && ticker.read() - edit.since() < HELD.toNanos()
                && (Renewal.isPassing(fault)
                        || fault instanceof ProblemException problem && problem.code() == ProblemCode.CONFLICT);
    }

    /** The same patch, of what stands by now. */
    private Uni<Void> again(Edit edit, Credentials.Tried tried) {
        return contexts.pause(PAUSE).chain(() -> open.of(edit.caller().tenant().id(), edit.id())).flatMap(now -> {
            CredentialForm wanted = patches.apply(checks.form(now), edit.patch(), CredentialForm.class);
            return drafts.again(now, wanted, edit.patch().get("data"), tried)
                    .flatMap(next -> credentials.replace(edit.caller(), edit.ifMatch(), now, wanted, next));
        }).onFailure(fault -> isHeld(edit, tried, fault)).recoverWithUni(fault -> again(edit, tried));
    }

    /**
     * Deletes it first and revokes its token then: a deletion that is refused must not leave a credential that is dead. What
     * was opened is what is deleted: where it has been edited or renewed in between, its token is another one.
     *
     * @return what became of its token; empty where there was none that could be revoked anywhere
     * @throws ProblemException 404, 409 where an integration uses it, 412, 503 where it cannot be opened now
     */
    Uni<Optional<Revocation>> delete(Caller caller, UUID id, @Nullable String ifMatch, Locale locale) {
        // What does not open for anybody is deleted all the same.
        Uni<Optional<OpenCredential>> opened = open.of(caller.tenant().id(), id).map(Optional::of)
                .onFailure(OpenCredentials::isBroken).recoverWithItem(Optional.empty());
        return opened.flatMap(stored -> credentials
                .delete(caller, id, ifMatch, stored.map(OpenCredential::materialVersion).orElse(null))
                .flatMap(deleted -> deleted.isEmpty() ? delete(caller, id, ifMatch, locale)
                        : revoke(stored, deleted.get(), locale).call(revocation -> revocation.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : credentials.revoked(caller, deleted.get(), revocation.get()))));
    }

    private Uni<Optional<Revocation>> revoke(Optional<OpenCredential> stored, Credentials.Deleted deleted, Locale locale) {
        return stored.map(open -> revocations.revoke(open, locale)).orElseGet(() -> Uni.createFrom()
                .item(deleted.hadToken() ? Optional.of(Revocations.notDone(null, locale)) : Optional.empty()));
    }
}
