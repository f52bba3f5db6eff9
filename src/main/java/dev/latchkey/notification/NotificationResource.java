package dev.latchkey.notification;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.notification.NotificationQueries.Item;
import dev.latchkey.notification.NotificationQueries.Reader;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.Id;
import dev.latchkey.web.NearNames;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /notifications}: what the organization's people are told; each has a read state of his own. */
@Path("/api/v1/notifications")
@Tag(name = "Notifications", description = "What the organization's people are told; each has a read state of one's own")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
public class NotificationResource {

    private final NotificationQueries queries;
    private final Cursors cursors;
    private final SecurityIdentity identity;

    NotificationResource(NotificationQueries queries, Cursors cursors, SecurityIdentity identity) {
        this.queries = queries;
        this.cursors = cursors;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.NOTIFICATIONS_READ)
    @Operation(operationId = "listNotifications", summary = "List notifications, newest first, in English or Spanish by Accept-Language, otherwise in the organization's language")
    @APIResponse(responseCode = "200", description = "A page, and how many are unread in all", content = @Content(schema = @Schema(implementation = Notices.class)))
    public Uni<RestResponse<Notices>> list(
            @Parameter(description = "True: only what you have not read; false: only what you have") @Schema(implementation = Boolean.class) @QueryParam("unread") @Pattern(regexp = "true|false", message = "must be true or false") @Nullable String unread,
            @Parameter(description = "One kind, such as organization.suspended") @QueryParam("kind") @Size(max = 100) @Nullable String kind,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor, @Context HttpHeaders headers) {
        Reader reader = reader();
        Cursors.Scope scope = cursors.scope("notifications", reader.organization(), reader.person(), unread, kind);
        UUID after = scope.decode(cursor);
        List<Locale> languages = headers.getAcceptableLanguages();
        return queries.list(reader, kind(kind), unread == null ? null : Boolean.valueOf(unread), after, limit.rows())
                .map(rows -> Page.of(rows, limit, item -> item.told().id(), item -> View.of(item, languages), scope))
                .flatMap(page -> queries.unread(reader).map(count -> new Notices(page.items(), page.nextCursor(), count)))
                .map(notices -> RestResponse.ResponseBuilder.ok(notices)
                        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE).build());
    }

    @POST
    @Path("/{id}/read")
    @PermissionsAllowed(Names.NOTIFICATIONS_READ)
    @Operation(operationId = "readNotification", summary = "Mark one as read by you; again changes nothing")
    @APIResponse(responseCode = "204", description = "Read")
    public Uni<Void> read(@PathParam("id") Id id) {
        return queries.markRead(reader(), id.value()).invoke(found -> {
            if (!found) {
                throw ProblemException.notFound();
            }
        }).replaceWithVoid();
    }

    @POST
    @Path("/read-all")
    @PermissionsAllowed(Names.NOTIFICATIONS_READ)
    @Operation(operationId = "readAllNotifications", summary = "Mark all that there are now as read by you")
    @APIResponse(responseCode = "200", description = "How many were unread", content = @Content(schema = @Schema(implementation = Marked.class)))
    public Uni<Marked> readAll() {
        return queries.markAllRead(reader()).map(Marked::new);
    }

    private Reader reader() {
        Caller caller = Caller.of(identity);
        return new Reader(caller.tenant().id(), caller.id());
    }

    private static @Nullable NoticeKind kind(@Nullable String name) {
        NoticeKind kind = name == null ? null : NoticeKind.of(name);
        if (name != null && kind == null) {
            throw ProblemException.invalid("kind", "is not a kind of notification" + NearNames.of(name, NoticeKind.names()));
        }
        return kind;
    }

    /**
     * A page of notifications.
     *
     * @param items at most as many as were asked for
     * @param nextCursor where the next page begins; null on the last one
     * @param unread how many the caller has not read, whatever the filters
     */
    @Schema(name = "Notifications")
    public record Notices(List<View> items,
            @Schema(description = "Where the next page begins; null on the last one") @Nullable String nextCursor,
            @Schema(description = "How many you have not read, whatever the filters", examples = "1") long unread) {
    }

    /** @param marked how many were unread */
    @Schema(name = "NotificationsMarked")
    public record Marked(@Schema(examples = "3") int marked) {
    }

    /**
     * A notification as the API shows it.
     *
     * @param link where it is mended, as a path of the panel
     * @param resolvedAt when it was over; null while it stands
     * @param readAt when the caller read it; null: not yet
     */
    @Schema(name = "Notification", examples = """
            {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "kind": "organization.suspended", "at": "2026-11-22T09:30:00Z",
            "title": "Your organization is suspended", "text": "The platform suspended Acme Trading; its keys are refused.",
            "next": "Ask the platform to reactivate it.", "link": "/organization",
            "target": {"type": "organization", "id": "01890a5d-ac96-70d1-8b2e-5f4a3c2d1e0f", "name": "Acme Trading"},
            "resolvedAt": null, "readAt": null}""")
    public record View(UUID id, @Schema(examples = "organization.suspended") String kind, Instant at,
            @Schema(examples = "Your organization is suspended") String title, String text,
            @Schema(description = "What to do about it") String next,
            @Schema(examples = "/organization", description = "Where it is mended: a page of the panel, behind LATCHKEY_PUBLIC_URL") String link,
            TargetView target, @Nullable Instant resolvedAt, @Nullable Instant readAt) {

        static View of(Item item, List<Locale> languages) {
            Told told = item.told();
            Texts.Written written = Texts.in(languages, told.locale()).write(told);
            return new View(told.id(), told.kind().kindName(), item.at(), written.title(), written.text(), written.next(),
                    written.link(), new TargetView(told.target().type(), told.target().id(), told.target().name()),
                    item.resolvedAt(), item.readAt());
        }
    }

    /** What a notification is about. */
    @Schema(name = "NotificationTarget")
    public record TargetView(@Schema(examples = "organization") String type, UUID id,
            @Schema(examples = "Acme Trading") String name) {
    }
}
