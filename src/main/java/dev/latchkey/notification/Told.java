package dev.latchkey.notification;

import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import dev.latchkey.activity.Target;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;

/**
 * A notice as it was told, with what its texts need of the organization.
 *
 * @param id the notification
 * @param kind one that this version knows
 * @param target what it is about
 * @param parameters what its texts name
 * @param organizationName as it is now
 * @param locale the organization's language
 */
record Told(UUID id, NoticeKind kind, Target target, Map<String, String> parameters, String organizationName, String locale) {

    /** What {@link #of} reads, of {@code notification n} and {@code organization o}. */
    static final String COLUMNS = " n.id, n.kind, n.target_type, n.target_id, n.target_name, n.parameters,"
            + " o.name as organization_name, o.locale ";

    static Told of(Row row) {
        NoticeKind kind = NoticeKind.of(row.getString("kind"));
        if (kind == null) {
            throw new IllegalStateException("statements ask for known kinds only");
        }
        Map<String, String> parameters = ((JsonObject) row.getValue("parameters")).stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> String.valueOf(entry.getValue())));
        return new Told(row.getUUID("id"), kind,
                new Target(row.getString("target_type"), row.getUUID("target_id"), row.getString("target_name")), parameters,
                row.getString("organization_name"), row.getString("locale"));
    }
}
