package dev.latchkey.panel;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission;
import dev.latchkey.tenant.Language;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A session as its own page sees it.
 *
 * @param permissions what may be done with these roles, as operations name it: what is missing need not be offered
 * @param locale chosen for or by the person; null: that of the browser
 * @param store where the panel is to open; null: nowhere in particular
 * @param expiresAt when the session ends whatever is done in it
 * @param idleTimeout how long it lasts in which nothing is done
 * @param csrfToken what each change has to repeat in {@code X-CSRF-Token}
 */
@Schema(name = "PanelSession", examples = """
        {"person": {"subject": "ana", "name": "ana@acme.example"},
         "organization": {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "key": "acme", "name": "Acme Trading", "locale": "es"},
         "roles": ["developer"], "permissions": ["keys:read", "keys:write"], "locale": null,
         "store": {"id": "01890a5d-ac96-774b-bcce-b302099a8058", "key": "madrid"},
         "expiresAt": "2027-01-31T20:00:00Z", "idleTimeout": "PT1H",
         "csrfToken": "o5wJmXb2qkV9c0TzLrYdHn3PfGs8AaUe41iKpQuWxMt"}""")
record SessionView(PersonView person, OrganizationView organization, List<String> roles, List<String> permissions,
        @Nullable Language locale, @Nullable StoreView store, Instant expiresAt,
        @Schema(type = SchemaType.STRING, format = "duration") Duration idleTimeout, String csrfToken) {

    static SessionView of(Session session, Duration idle, Secret csrf) {
        Session.Workplace organization = session.organization();
        Session.Shop store = session.store();
        Caller caller = Caller.person(session.person().subject(), session.person().name(), organization.tenant(),
                session.roles());
        return new SessionView(new PersonView(session.person().subject(), session.person().name()),
                new OrganizationView(organization.tenant().id(), organization.tenant().key(), organization.name(),
                        organization.locale()),
                Session.groups(session.roles()),
                caller.permissions().stream().sorted().map(Permission::permissionName).toList(), session.locale(),
                store == null ? null : new StoreView(store.id(), store.slug()), session.expiresAt(), idle, csrf.reveal());
    }

    /**
     * @param subject what a token calls {@code sub}
     * @param name what people call him
     */
    @Schema(name = "PanelPerson")
    record PersonView(String subject, String name) {
    }

    /** @param locale of its notifications */
    @Schema(name = "PanelOrganization")
    record OrganizationView(UUID id, String key, String name, Language locale) {
    }

    @Schema(name = "PanelStore")
    record StoreView(UUID id, String key) {
    }

    /** The generated one would print the CSRF token. */
    @Override
    public String toString() {
        return "SessionView[***]";
    }
}
