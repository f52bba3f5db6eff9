package dev.latchkey.tenant;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;
import jakarta.persistence.Version;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** A merchant: what every other row belongs to. */
@Entity
@Table(name = "organization")
public class Organization extends PanacheEntityBase {

    @Id
    public UUID id;
    public String key;
    public String name;
    public boolean active;
    public String locale;
    @Column(name = "key_prefix")
    public String keyPrefix;
    @Column(name = "default_limit")
    public int defaultLimit;
    @Column(name = "default_window_seconds")
    public int defaultWindowSeconds;
    @Column(name = "recoverable_keys")
    public boolean recoverableKeys;
    @Column(name = "require_store")
    public boolean requireStore;
    @Column(name = "unknown_operations")
    public String unknownOperations;
    @Column(name = "key_max_age_days")
    public int keyMaxAgeDays;
    @Column(name = "notification_emails")
    public String[] notificationEmails;
    @Column(name = "notify_by_email")
    public String @Nullable [] notifyByEmail;
    /** How often its credentials are tested; null: as the operator says. */
    @Column(name = "credential_test_seconds")
    public @Nullable Integer credentialTestSeconds;
    @Version
    public long version;
    @Column(name = "created_at")
    public Instant createdAt;
    @Column(name = "updated_at")
    public Instant updatedAt;
    @Column(name = "deletion_requested_at", updatable = false)
    public @Nullable Instant deletionRequestedAt;
    @Column(name = "deleted_rows", updatable = false)
    public long deletedRows;

    /** Locked, so that two changes of one organization happen one after the other, and none while a batch is deleted. */
    static Uni<@Nullable Organization> findToChange(UUID id) {
        return Organization.<Organization> find("id", id).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    /**
     * Newest first.
     *
     * @param active true: neither suspended nor being deleted; false: either; null: all
     * @param text in key or name, in whatever case
     * @param after the last one of the page before
     */
    static Uni<List<Organization>> list(@Nullable Boolean active, @Nullable String text, @Nullable UUID after, int limit) {
        List<String> conditions = new ArrayList<>();
        Map<String, Object> values = new HashMap<>();
        if (active != null) {
            conditions.add(active ? "active = true and deletionRequestedAt is null"
                    : "(active = false or deletionRequestedAt is not null)");
        }
        if (text != null) {
            conditions.add("(lower(key) like :text escape '!' or lower(name) like :text escape '!')");
            values.put("text", "%" + text.toLowerCase(Locale.ROOT).replaceAll("([!%_])", "!$1") + "%");
        }
        if (after != null) {
            conditions.add("id < :after");
            values.put("after", after);
        }
        String where = conditions.isEmpty() ? "" : "where " + String.join(" and ", conditions) + " ";
        return Organization.<Organization> find(where + "order by id desc", values).range(0, limit - 1).list();
    }
}
