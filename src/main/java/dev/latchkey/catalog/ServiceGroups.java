package dev.latchkey.catalog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

import dev.latchkey.catalog.Catalog.Group;
import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.catalog.Catalog.Scope;

/**
 * This service's own operations, as far as a key may call them.
 * <p>
 * What only people may do (reveal, delete and import keys, settings, notifications, organizations) is left out rather than
 * listed without a scope: without one it would be open to any key of a gateway that stands in front of this service.
 */
final class ServiceGroups {

    /** Group, name of the text, operation, scope ({@code -}: any valid key will do). In the order of the contract. */
    private static final String OPERATIONS = """
            keys        keys.list             GET    /api/v1/keys                        keys:read
            keys        keys.create           POST   /api/v1/keys                        keys:write
            keys        keys.get              GET    /api/v1/keys/*                      keys:read
            keys        keys.edit             PATCH  /api/v1/keys/*                      keys:write
            keys        keys.revoke           POST   /api/v1/keys/*/revoke               keys:write
            keys        keys.regenerate       POST   /api/v1/keys/*/regenerate           keys:write
            keys        keys.end-grace        POST   /api/v1/keys/*/end-grace            keys:write
            keys        keys.self             GET    /api/v1/keys/self                   -
            keys        keys.usage            GET    /api/v1/keys/*/usage                keys:read
            keys        keys.recent           GET    /api/v1/keys/*/recent               keys:read
            keys        keys.review           GET    /api/v1/keys/review                 keys:read
            keys        keys.verify           POST   /api/v1/keys/verify                 keys:verify
            stores      stores.list           GET    /api/v1/stores                      stores:read
            stores      stores.create         POST   /api/v1/stores                      stores:write
            stores      stores.get            GET    /api/v1/stores/*                    stores:read
            stores      stores.edit           PATCH  /api/v1/stores/*                    stores:write
            stores      stores.delete         DELETE /api/v1/stores/*                    stores:write
            stores      catalog.get           GET    /api/v1/catalog                     -
            credentials credentials.list      GET    /api/v1/credentials                 credentials:read
            credentials credentials.create    POST   /api/v1/credentials                 credentials:write
            credentials credentials.draft     POST   /api/v1/credentials/test            credentials:write
            credentials credentials.review    GET    /api/v1/credentials/review          credentials:read
            credentials credentials.get       GET    /api/v1/credentials/*               credentials:read
            credentials credentials.edit      PATCH  /api/v1/credentials/*               credentials:write
            credentials credentials.delete    DELETE /api/v1/credentials/*               credentials:write
            credentials credentials.test      POST   /api/v1/credentials/*/test          credentials:write
            credentials credentials.refresh   POST   /api/v1/credentials/*/refresh       credentials:write
            credentials credentials.connect   POST   /api/v1/credentials/*/connect       credentials:write
            credentials credentials.lease     POST   /api/v1/credentials/*/lease         credentials:use
            credentials credentials.proxy     *      /api/v1/proxy/**                    credentials:use
            credentials integrations.list     GET    /api/v1/integrations                credentials:read
            credentials integrations.create   POST   /api/v1/integrations                credentials:write
            credentials integrations.get      GET    /api/v1/integrations/*              credentials:read
            credentials integrations.edit     PATCH  /api/v1/integrations/*              credentials:write
            credentials integrations.delete   DELETE /api/v1/integrations/*              credentials:write
            credentials providers.list        GET    /api/v1/providers                   credentials:read
            credentials providers.get         GET    /api/v1/providers/*                 credentials:read
            webhooks    event-types.list      GET    /api/v1/event-types                 -
            webhooks    webhooks.list         GET    /api/v1/webhooks                    webhooks:manage
            webhooks    webhooks.create       POST   /api/v1/webhooks                    webhooks:manage
            webhooks    webhooks.get          GET    /api/v1/webhooks/*                  webhooks:manage
            webhooks    webhooks.edit         PATCH  /api/v1/webhooks/*                  webhooks:manage
            webhooks    webhooks.delete       DELETE /api/v1/webhooks/*                  webhooks:manage
            webhooks    webhooks.rotate       POST   /api/v1/webhooks/*/rotate-secret    webhooks:manage
            webhooks    webhooks.test         POST   /api/v1/webhooks/*/test             webhooks:manage
            webhooks    webhooks.deliveries   GET    /api/v1/webhooks/*/deliveries       webhooks:manage
            webhooks    webhooks.replay       POST   /api/v1/webhooks/*/replay           webhooks:manage
            webhooks    deliveries.get        GET    /api/v1/deliveries/*                webhooks:manage
            webhooks    deliveries.retry      POST   /api/v1/deliveries/*/retry          webhooks:manage
            events      events.list           GET    /api/v1/events                      events:read
            events      events.get            GET    /api/v1/events/*                    events:read
            events      events.publish        POST   /api/v1/events                      events:publish
            activity    activity.list         GET    /api/v1/activity                    activity:read
            activity    activity.verify       GET    /api/v1/activity/verify             activity:read
            leaks       leaks.report          POST   /api/v1/leaks                       leaks:report
            """;

    private record Line(String group, String text, String pattern, Set<String> scopes) {
    }

    private ServiceGroups() {
    }

    static List<Group> read() {
        var texts = BuiltInTexts.load();
        var operations = new LinkedHashMap<String, List<Operation>>();
        OPERATIONS.lines().map(ServiceGroups::line).forEach(line -> operations
                .computeIfAbsent(line.group, group -> new ArrayList<>())
                .add(new Operation(MethodPattern.of(line.pattern), texts.operation(line.text), line.scopes)));
        return operations.entrySet().stream()
                .map(entry -> new Group(texts.group(entry.getKey()), texts.about(entry.getKey()),
                        scopes(entry.getKey(), texts), entry.getValue()))
                .toList();
    }

    private static Line line(String text) {
        var columns = text.split(" +");
        return new Line(columns[0], columns[1], columns[2] + " " + columns[3],
                columns[4].equals("-") ? Set.of() : Set.of(columns[4]));
    }

    /** Listed apart from the operations: {@code keys:verify-any} widens what an operation does, and is demanded by none. */
    private static List<Scope> scopes(String group, BuiltInTexts texts) {
        var names = switch (group) {
            case "keys" -> List.of("keys:read", "keys:write", "keys:verify", "keys:verify-any");
            case "stores" -> List.of("stores:read", "stores:write");
            case "credentials" -> List.of("credentials:read", "credentials:write", "credentials:use");
            case "webhooks" -> List.of("webhooks:manage");
            case "events" -> List.of("events:read", "events:publish");
            case "activity" -> List.of("activity:read");
            case "leaks" -> List.of("leaks:report");
            default -> throw new IllegalStateException("no scopes for group " + group);
        };
        return names.stream().map(texts::scope).toList();
    }
}
