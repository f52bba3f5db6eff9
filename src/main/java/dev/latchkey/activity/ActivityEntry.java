package dev.latchkey.activity;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/** One thing that was done. Written once, never changed but for its place in the chain. */
@Entity
@Table(name = "activity")
class ActivityEntry extends PanacheEntityBase {

    @Id
    public UUID id;
    @Column(name = "organization_id")
    public UUID organizationId;
    public Instant at;
    @Column(name = "actor_type")
    public String actorType;
    @Column(name = "actor_id")
    public String actorId;
    @Column(name = "actor_name")
    public String actorName;
    public String action;
    @Column(name = "target_type")
    public String targetType;
    @Column(name = "target_id")
    public UUID targetId;
    @Column(name = "target_name")
    public String targetName;
    public String changes;
    public @Nullable String ip;
    @Column(name = "request_id")
    public @Nullable String requestId;
    @Column(name = "seal_key_id")
    public String sealKeyId;
    public byte[] seal;
    /** Null, as the two after it, until the linker has been here. */
    public @Nullable Long position;
    @Column(name = "link_key_id")
    public @Nullable String linkKeyId;
    public byte @Nullable [] link;

    /** What {@link #of} reads: named, since statements are kept prepared while a newer replica may add a column. */
    static final String COLUMNS = "id, organization_id, at, actor_type, actor_id, actor_name, action, target_type, target_id,"
            + " target_name, changes, ip, request_id, seal_key_id, seal, position, link_key_id, link";

    /** A whole row, as the SQL client reads it. */
    static ActivityEntry of(Row row) {
        ActivityEntry entry = new ActivityEntry();
        entry.id = row.getUUID("id");
        entry.organizationId = row.getUUID("organization_id");
        entry.at = row.getOffsetDateTime("at").toInstant();
        entry.actorType = row.getString("actor_type");
        entry.actorId = row.getString("actor_id");
        entry.actorName = row.getString("actor_name");
        entry.action = row.getString("action");
        entry.targetType = row.getString("target_type");
        entry.targetId = row.getUUID("target_id");
        entry.targetName = row.getString("target_name");
        entry.changes = row.getString("changes");
        entry.ip = row.getString("ip");
        entry.requestId = row.getString("request_id");
        entry.sealKeyId = row.getString("seal_key_id");
        entry.seal = row.get(Buffer.class, "seal").getBytes();
        entry.position = row.getLong("position");
        entry.linkKeyId = row.getString("link_key_id");
        Buffer link = row.get(Buffer.class, "link");
        entry.link = link == null ? null : link.getBytes();
        return entry;
    }
}
