package dev.latchkey.webhook;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.DataKeys;
import dev.latchkey.crypto.SealBrokenException;
import dev.latchkey.crypto.Sealer.Place;
import dev.latchkey.net.Header;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What a webhook keeps sealed: its secret, the one before it, and the headers that every message carries.
 *
 * <p>
 * <b>Invariant:</b> a sealed value opens as that field of that webhook, under the version that its row names, and as nothing
 * else. A secret's version is raised with each rotation; the one before it keeps its own, and moves to its new column as it is.
 * The headers are one JSON object under one version, which is raised whenever they change. What is copied to another row or
 * organization, or put back into its own after a change, does not open.
 *
 * <p>
 * Data keys are asked for before the transaction ({@link DataKeys}).
 */
@Singleton
class WebhookSeals {

    private static final Logger LOG = Logger.getLogger(WebhookSeals.class);
    private static final String SECRET = "webhook.secret";
    private static final String HEADERS = "webhook.headers";
    private static final int MOST_TOLD = 10_000;

    private final DataKeys dataKeys;
    private final Cache<UUID, Boolean> told = Caffeine.newBuilder().maximumSize(MOST_TOLD)
            .expireAfterWrite(Duration.ofHours(1)).build();

    WebhookSeals(DataKeys dataKeys) {
        this.dataKeys = dataKeys;
    }

    /**
     * What a new webhook is sealed with, made when the organization has nothing yet. Outside of transactions.
     *
     * @throws ProblemException 503 where this replica cannot open it, 404 where the organization is gone
     */
    Uni<DataKey> key(UUID organization) {
        return dataKeys.of(organization).onFailure(SealBrokenException.class)
                .transform(broken -> unavailable(organization, broken.getMessage()))
                .map(found -> found.orElseThrow(ProblemException::notFound));
    }

    /**
     * What the webhooks of an organization were sealed with. It is never made: where it is missing, a new one would open
     * nothing, and stand in the way of the one that is restored. Outside of transactions.
     *
     * @throws ProblemException 503 where there is none, or this replica cannot open it
     */
    Uni<DataKey> keyToOpen(UUID organization) {
        return dataKeys.find(organization).onFailure(SealBrokenException.class)
                .transform(broken -> unavailable(organization, broken.getMessage()))
                .map(found -> found.orElseThrow(() -> unavailable(organization, "it is not there")));
    }

    /** A secret, as its column keeps it. */
    static byte[] seal(DataKey key, Place place, WebhookSecret secret) {
        return key.seal(secret.reveal().getBytes(StandardCharsets.UTF_8), place);
    }

    /** @throws SealBrokenException when it is damaged, or was sealed for another place or with another key */
    static WebhookSecret openSecret(DataKey key, Place place, byte[] sealed) {
        return WebhookSecret.parse(new String(key.open(sealed, place), StandardCharsets.UTF_8))
                .orElseThrow(() -> new IllegalStateException("what was sealed as a webhook's secret is none"));
    }

    /** Headers in their order, as their column keeps them. */
    static byte[] seal(DataKey key, Place place, List<Header> headers) {
        JsonObject values = new JsonObject();
        headers.forEach(header -> values.put(header.name(), header.value()));
        return key.seal(values.encode().getBytes(StandardCharsets.UTF_8), place);
    }

    /** @throws SealBrokenException when it is damaged, or was sealed for another place or with another key */
    static List<Header> openHeaders(DataKey key, Place place, byte[] sealed) {
        JsonObject values = new JsonObject(new String(key.open(sealed, place), StandardCharsets.UTF_8));
        List<Header> headers = new ArrayList<>();
        values.fieldNames().forEach(name -> headers.add(new Header(name, values.getString(name))));
        return headers;
    }

    /** Where the secret of that version is sealed to; the same for the one before, under its own. */
    static Place ofSecret(UUID organization, UUID webhook, long version) {
        return new Place(organization, webhook, SECRET, version);
    }

    /** Where the headers of that version are sealed to. */
    static Place ofHeaders(UUID organization, UUID webhook, long version) {
        return new Place(organization, webhook, HEADERS, version);
    }

    /** Calls for the operator: something of a webhook does not open. Once an hour for each, however often it is tried. */
    void alarm(UUID organization, UUID webhook, @Nullable String cause) {
        if (isNew(webhook)) {
            LOG.errorf("a secret or the headers of a webhook do not open, they are missing, were altered or moved: org=%s "
                    + "webhookId=%s cause=%s", organization, webhook, cause);
        }
    }

    /** The same of what an organization's webhooks are sealed with. */
    void alarm(UUID organization, @Nullable String cause) {
        if (isNew(organization)) {
            LOG.errorf("the data key of an organization does not open: it is missing, was altered, or its master key is not in "
                    + "the ring: org=%s cause=%s", organization, cause);
        }
    }

    private ProblemException unavailable(UUID organization, @Nullable String cause) {
        alarm(organization, cause);
        return new ProblemException(ProblemCode.UNAVAILABLE,
                "Webhooks cannot be changed now: what they are sealed with does not open here.");
    }

    private boolean isNew(UUID about) {
        return told.asMap().putIfAbsent(about, Boolean.TRUE) == null;
    }
}
