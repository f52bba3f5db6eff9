package dev.latchkey.event;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** An event as it lies in the outbox. */
@Entity
@Table(name = "event")
class EventRow extends PanacheEntityBase {

    @Id
    public UUID id;
    @Column(name = "organization_id")
    public UUID organizationId;
    public String type;
    @Column(name = "store_id")
    public @Nullable UUID storeId;
    @Column(columnDefinition = "jsonb")
    public JsonObject data;
    public Instant at;
}
