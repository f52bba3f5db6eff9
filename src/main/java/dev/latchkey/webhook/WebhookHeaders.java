package dev.latchkey.webhook;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.SealBrokenException;
import dev.latchkey.net.Header;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/** The headers of webhooks: sealed together, under a version that every change raises. */
@Singleton
class WebhookHeaders {

    private final WebhookSeals seals;

    WebhookHeaders(WebhookSeals seals) {
        this.seals = seals;
    }

    /** @param key null where there are none */
    void write(Webhook webhook, List<Header> headers, @Nullable DataKey key) {
        webhook.headerNames = headers.stream().map(Header::name).toArray(String[]::new);
        if (webhook.headers != null || !headers.isEmpty()) {
            webhook.headersVersion++;
        }
        webhook.headers = headers.isEmpty() ? null
                : WebhookSeals.seal(Objects.requireNonNull(key, "key"),
                        WebhookSeals.ofHeaders(webhook.organizationId, webhook.id, webhook.headersVersion), headers);
    }

    /**
     * @param wanted names the headers that are set
     * @return whether anything has changed
     * @throws ProblemException 422 for too many, 503 where a value has to stay that does not open
     */
    boolean edit(Webhook webhook, WebhookForm wanted, Webhooks.Edit edit) {
        if (!edit.headers().said()) {
            return false;
        }
        List<Header> standing = open(webhook, wanted, edit);
        List<Header> headers = edit.headers().of(standing, wanted.headers());
        HeaderRules.requireFew(headers.size());
        if (headers.isEmpty() ? webhook.headers == null : headers.equals(standing)) {
            return false;
        }
        write(webhook, headers, edit.key());
        return true;
    }

    /**
     * Who may edit a webhook, and never saw the values of its headers, must not learn them by having them sent to himself: to
     * be sent to another host (scheme, host, port), they are to be said anew.
     *
     * @throws ProblemException 422, naming each that is not said
     */
    void requireSaidFor(Webhook webhook, WebhookForm wanted, HeaderEdit edit) {
        if (wanted.url().equals(webhook.url) || WebhookRules.destination(wanted.url()).origin()
                .equals(WebhookRules.destination(webhook.url).origin())) {
            return;
        }
        List<FieldError> unsaid = edit.kept(Arrays.asList(webhook.headerNames), wanted.headers()).stream()
                .map(name -> new FieldError(HeaderEdit.FIELD + "." + name,
                        "has to be entered again or removed, since url leads to another host than before"))
                .toList();
        if (!unsaid.isEmpty()) {
            throw ProblemException.invalid(unsaid);
        }
    }

    /** What stands; nothing where none of it has to stay, and it does not open. */
    private List<Header> open(Webhook webhook, WebhookForm wanted, Webhooks.Edit edit) {
        byte[] sealed = webhook.headers;
        if (sealed == null || edit.key() == null) {
            return List.of();
        }
        try {
            return WebhookSeals.openHeaders(edit.key(),
                    WebhookSeals.ofHeaders(webhook.organizationId, webhook.id, webhook.headersVersion), sealed);
        } catch (SealBrokenException broken) {
            seals.alarm(webhook.organizationId, webhook.id, broken.getMessage());
            if (edit.headers().kept(Arrays.asList(webhook.headerNames), wanted.headers()).isEmpty()) {
                return List.of();
            }
            throw new ProblemException(ProblemCode.UNAVAILABLE,
                    "The headers of this webhook do not open, so none can stay: enter all of them again, or remove them.");
        }
    }
}
