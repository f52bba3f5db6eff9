package dev.latchkey.event;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import dev.latchkey.web.NearNames;
import dev.latchkey.web.ProblemException;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of event types: this service's own and those of a commerce platform, from {@code event/types.json}, and what
 * {@code LATCHKEY_EVENT_TYPES} adds. Made at the start, which a bad setting stops.
 */
@Startup
@Singleton
public class EventTypes {

    private static final String RESOURCE = "event/types.json";
    private static final String SETTING = "LATCHKEY_EVENT_TYPES: ";
    private static final Pattern NAME = Pattern.compile("(?=.{3,100}$)[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+");
    private static final String EXAMPLE_ID = "01890a5d-ac96-774b-bcce-b302099a8057";
    private static final String EXAMPLE_TIME = "2026-11-22T09:30:00Z";
    private static final String EXAMPLE_STORE = "01890a5d-ac96-7b14-9d4e-5f0b8c6a2e31";

    private final Map<String, EventType> types;

    @Inject
    EventTypes(EventConfig config) {
        this(config.eventTypes().orElse(List.of()));
    }

    /** @throws ConfigurationException with one line that names the setting and the entry */
    EventTypes(List<String> configured) {
        Map<String, EventType> all = builtIn();
        Set<String> ownNouns = all.values().stream().filter(EventType::own).map(type -> noun(type.name()))
                .collect(Collectors.toSet());
        for (String name : configured.stream().map(String::strip).toList()) {
            if (!NAME.matcher(name).matches()) {
                throw new ConfigurationException(SETTING + "'" + shown(name)
                        + "' is no name of an event type; write noun.verb, of a-z, 0-9 and _, at most 100 characters");
            }
            if (ownNouns.contains(noun(name))) {
                throw new ConfigurationException(SETTING + "'" + name + "' begins like this service's own events ("
                        + noun(name) + ".*), which receivers must be able to believe; choose another noun");
            }
            all.putIfAbsent(name, new EventType(name, false, "Published by the platform.", "Publicado por la plataforma.",
                    example(name, false, new JsonObject())));
        }
        this.types = Collections.unmodifiableMap(all);
    }

    /** This service's own first, then the platform's. */
    public Collection<EventType> all() {
        return types.values();
    }

    public Optional<EventType> find(String name) {
        return Optional.ofNullable(types.get(name));
    }

    /**
     * Of what a list is narrowed to: an empty one would look like an answer.
     *
     * @throws ProblemException 422 for a type that is none
     */
    public void requireKnown(@Nullable String type) {
        if (type != null && find(type).isEmpty()) {
            throw ProblemException.invalid("type", "is not an event type, see GET /api/v1/event-types" + didYouMean(type));
        }
    }

    /** Up to three names that somebody who wrote this one may have meant, the likeliest first. */
    public List<String> near(String unknown) {
        return NearNames.near(unknown, types.keySet());
    }

    /** The end of a sentence about an unknown type; empty when nothing comes near. */
    public String didYouMean(String unknown) {
        return NearNames.didYouMean(unknown, types.keySet());
    }

    private static Map<String, EventType> builtIn() {
        Map<String, EventType> types = new LinkedHashMap<>();
        JsonObject file = new JsonObject(read());
        for (String section : List.of("own", "platform")) {
            JsonArray entries = file.getJsonArray(section);
            for (int i = 0; i < entries.size(); i++) {
                JsonObject entry = entries.getJsonObject(i);
                String name = entry.getString("name");
                types.put(name, new EventType(name, section.equals("own"), entry.getString("en"), entry.getString("es"),
                        example(name, entry.getBoolean("store", false), entry.getJsonObject("data"))));
            }
        }
        return types;
    }

    private static String read() {
        ClassLoader loader = requireNonNull(EventTypes.class.getClassLoader(), "class loader");
        try (var stream = requireNonNull(loader.getResourceAsStream(RESOURCE), RESOURCE)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new IllegalStateException(RESOURCE, unreadable);
        }
    }

    /** What a receiver gets, as the REST contract has it. */
    private static JsonObject example(String name, boolean ofStore, JsonObject data) {
        JsonObject example = new JsonObject().put("id", EXAMPLE_ID).put("type", name).put("timestamp", EXAMPLE_TIME)
                .put("store", ofStore ? new JsonObject().put("id", EXAMPLE_STORE).put("key", "madrid") : null)
                .put("data", data);
        // Read anew: plain maps and lists all through, which Jackson writes in any setting.
        return new JsonObject(example.encode());
    }

    private static String noun(String name) {
        return name.substring(0, name.indexOf('.'));
    }

    private static String shown(String name) {
        return name.length() > 100 ? name.substring(0, 100) + "…" : name;
    }
}
