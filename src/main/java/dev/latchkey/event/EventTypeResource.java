package dev.latchkey.event;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Languages;
import io.quarkus.security.PermissionsAllowed;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** {@code /event-types}: what webhooks can be made for. */
@Path("/api/v1/event-types")
@Tag(name = "Events")
@Produces(MediaType.APPLICATION_JSON)
class EventTypeResource {

    private final EventTypes types;

    EventTypeResource(EventTypes types) {
        this.types = types;
    }

    @GET
    @PermissionsAllowed(Names.EVENT_TYPES_READ)
    @Operation(operationId = "listEventTypes", summary = "Event types with examples, in English or Spanish by Accept-Language")
    public RestResponse<View> list(@Context HttpHeaders headers) {
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        return RestResponse.ResponseBuilder
                .ok(new View(types.all().stream().map(type -> TypeView.of(type, locale)).toList()))
                .header(HttpHeaders.CONTENT_LANGUAGE, locale.getLanguage())
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE).build();
    }

    /** The whole catalogue: it is short, and has no pages. */
    @Schema(name = "EventTypes")
    record View(List<TypeView> items) {
    }

    /**
     * A kind of event.
     *
     * @param source who publishes it
     * @param example what a receiver gets
     */
    @Schema(name = "EventType", examples = """
            {"name": "key.revoked", "source": "latchkey", "description": "A key was revoked",
            "example": {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "type": "key.revoked",
            "timestamp": "2026-11-22T09:30:00Z", "store": null, "data": {"id": "01890a5d-ac96-7c3e-a1f0-2b6d9e8c7a54"}}}""")
    record TypeView(@Schema(examples = "key.revoked") String name,
            @Schema(enumeration = {
                    "latchkey", "platform" }, description = "Who publishes it") String source,
            String description, @Schema(description = "What a receiver gets") Map<String, Object> example) {

        static TypeView of(EventType type, Locale locale) {
            return new TypeView(type.name(), type.own() ? "latchkey" : "platform", type.description(locale),
                    type.example().getMap());
        }
    }
}
