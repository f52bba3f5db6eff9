package dev.latchkey.webhook;

import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.identity.Caller;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.MergePatch;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** What has to be asked before a webhook is written, outside of its transaction: whether its URL is called, and data keys. */
@Singleton
class WebhookDrafts {

    private final WebhookRules rules;
    private final WebhookSeals seals;
    private final WebhookQueries queries;
    private final MergePatch patches;

    WebhookDrafts(WebhookRules rules, WebhookSeals seals, WebhookQueries queries, MergePatch patches) {
        this.rules = rules;
        this.seals = seals;
        this.queries = queries;
        this.patches = patches;
    }

    /**
     * What seals a new webhook, once there is nothing against it.
     *
     * @throws ProblemException 422 for a URL that may not be called, unknown events, and headers that cannot be sent
     */
    Uni<DataKey> key(Caller caller, WebhookForm form) {
        rules.events(form.events(), List.of());
        HeaderRules.require(form.headers());
        return rules.callable(form.url()).chain(() -> seals.key(caller.tenant().id()));
    }

    /**
     * What a patch comes to, as far as the patch itself says.
     *
     * @throws ProblemException 404, 412 when it has changed since it was read, 422 as above
     */
    Uni<Webhooks.Edit> edit(Caller caller, UUID id, @Nullable String ifMatch, ObjectNode patch) {
        HeaderEdit headers = HeaderEdit.of(patch);
        ObjectNode setting = HeaderEdit.setting(patch);
        return queries.existing(caller, id).invoke(view -> EntityTags.requireMatch(ifMatch, view.version()))
                .call(view -> url(view, setting)).chain(() -> keyFor(caller, headers, setting))
                .map(key -> new Webhooks.Edit(current -> {
                    WebhookForm wanted = patches.apply(current, setting, WebhookForm.class);
                    HeaderRules.require(wanted.headers());
                    return wanted;
                }, setting.path("active").isBoolean() && !setting.path("active").booleanValue(), headers, key));
    }

    /**
     * What seals a new secret of a webhook.
     *
     * @throws ProblemException 404, 503 where what its secrets are sealed with does not open here
     */
    Uni<DataKey> key(Caller caller, UUID id) {
        return queries.existing(caller, id).chain(() -> seals.keyToOpen(caller.tenant().id()));
    }

    /** What is no text is refused with the rest of the form. */
    private Uni<Void> url(WebhookView view, ObjectNode patch) {
        return !patch.path("url").isTextual() || patch.get("url").textValue().isBlank()
                || patch.get("url").textValue().equals(view.url()) ? Uni.createFrom().voidItem()
                        : rules.callable(patch.get("url").textValue()).replaceWithVoid();
    }

    private Uni<@Nullable DataKey> keyFor(Caller caller, HeaderEdit headers, ObjectNode setting) {
        return !headers.said() || headers.all() ? Uni.createFrom().nullItem()
                : seals.keyToOpen(caller.tenant().id()).map(key -> key);
    }
}
