package dev.latchkey.identity;

import static dev.latchkey.identity.Permission.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of the REST contract, read column by column. */
class PermissionTest {

    @Test
    void viewersRead() {
        assertThat(ofPerson(Set.of(Role.VIEWER))).containsExactlyInAnyOrder(KEYS_READ, STORES_READ, CATALOG_READ,
                ORGANIZATION_READ, CREDENTIALS_READ, EVENTS_READ, EVENT_TYPES_READ, ACTIVITY_READ, NOTIFICATIONS_READ,
                SESSION_OWN);
    }

    @Test
    void developersWriteWhatIntegrationsNeed() {
        assertThat(ofPerson(Set.of(Role.DEVELOPER))).containsExactlyInAnyOrder(KEYS_READ, STORES_READ, CATALOG_READ,
                ORGANIZATION_READ, CREDENTIALS_READ, EVENTS_READ, EVENT_TYPES_READ, ACTIVITY_READ, NOTIFICATIONS_READ,
                SESSION_OWN,
                KEYS_WRITE,
                CREDENTIALS_WRITE,
                WEBHOOKS_MANAGE);
    }

    @ParameterizedTest
    @EnumSource(value = Role.class, names = { "ADMIN", "OWNER" })
    void adminsAndOwnersDoWhatIsTheOrganizations(Role role) {
        assertThat(ofPerson(Set.of(role))).containsExactlyInAnyOrder(KEYS_READ, STORES_READ, CATALOG_READ, ORGANIZATION_READ,
                CREDENTIALS_READ, EVENTS_READ, EVENT_TYPES_READ, ACTIVITY_READ, NOTIFICATIONS_READ, SESSION_OWN, KEYS_WRITE,
                CREDENTIALS_WRITE, WEBHOOKS_MANAGE,
                KEYS_ADMIN,
                STORES_WRITE, ORGANIZATION_WRITE);
    }

    @Test
    void thePlatformOperatesButDoesNotTouchCredentials() {
        assertThat(ofPerson(Set.of(Role.PLATFORM)))
                .containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(EnumSet.of(KEYS_ADMIN, KEYS_SELF, CREDENTIALS_READ,
                        CREDENTIALS_WRITE, CREDENTIALS_USE)));
    }

    @Test
    void aKeyMayWhatItsScopesSay() {
        assertThat(ofKey(List.of())).containsExactlyInAnyOrder(KEYS_SELF, CATALOG_READ, EVENT_TYPES_READ);
        assertThat(ofKey(List.of("orders:read", "keys:admin", "platform:operate", "organization:write")))
                .as("what no scope gives").containsExactlyInAnyOrder(KEYS_SELF, CATALOG_READ, EVENT_TYPES_READ);
        assertThat(ofKey(List.of("keys:verify-any"))).contains(KEYS_VERIFY, KEYS_VERIFY_ANY).doesNotContain(KEYS_READ);
        assertThat(ofKey(List.of("webhooks:manage"))).contains(WEBHOOKS_MANAGE, EVENTS_READ);
    }

    @Test
    void groupsOfOtherApplicationsArePassedOver() {
        assertThat(Role.of("owner")).contains(Role.OWNER);
        assertThat(Role.of("Owner")).isEmpty();
        assertThat(Role.of("root")).isEmpty();
    }
}
