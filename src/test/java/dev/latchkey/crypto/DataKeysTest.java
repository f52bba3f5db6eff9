package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.Sealer.Place;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each organization has one data key, made once, which opens nothing of another. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DataKeysTest {

    private static final byte[] SECRET = "what nobody may read".getBytes(StandardCharsets.UTF_8);

    @Inject
    DataKeys keys;
    @Inject
    DataSource source;

    private Behind database;
    private UUID organization;

    @BeforeEach
    void aNewOrganization() {
        database = new Behind(source);
        organization = database.organization(Api.ofNewOrganization());
    }

    @Test
    void ofManyAtOnceAllGetTheOneThatStands() {
        List<UUID> ids;
        try (Together together = new Together(8)) {
            ids = together.call(() -> of(organization).id());
        }

        Set<Object> stored = new HashSet<>(
                database.query("select id from data_key where organization_id = ?", organization));
        assertThat(stored).hasSize(1);
        assertThat(Set.<Object> copyOf(ids)).isEqualTo(stored);
    }

    @Test
    void whatItSealsOpensLaterInItsPlace() {
        Place place = place(organization);
        byte[] sealed = of(organization).seal(SECRET, place);

        assertThat(of(organization).open(sealed, place)).isEqualTo(SECRET);
        assertThat(sealed).startsWith(3, 16);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("nobody");
    }

    @Test
    void itOpensNothingOfAnotherOrganization() {
        UUID other = database.organization(Api.ofNewOrganization());
        Place place = place(organization);
        byte[] sealed = of(organization).seal(SECRET, place);

        assertThatThrownBy(() -> of(other).open(sealed, place)).isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> of(other).seal(SECRET, place)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void oneThatIsMovedToAnotherOrganizationIsNotUnwrapped() {
        UUID other = database.organization(Api.ofNewOrganization());
        of(organization);
        database.execute("update data_key set organization_id = ? where organization_id = ?", other, organization);

        assertThatThrownBy(() -> of(other)).isInstanceOf(SealBrokenException.class);
    }

    @Test
    void whereThereIsNoOrganizationThereIsNone() {
        UUID nobody = UUID.randomUUID();

        assertThat(Behind.await(() -> keys.of(nobody))).isEmpty();
        assertThat(Behind.await(() -> keys.find(organization))).as("made when it is needed").isEmpty();
    }

    @Test
    void itGoesWithItsOrganization() {
        of(organization);

        database.execute("delete from organization where id = ?", organization);

        assertThat(database.query("select id from data_key where organization_id = ?", organization)).isEmpty();
    }

    private DataKey of(UUID owner) {
        return Behind.await(() -> keys.of(owner)).orElseThrow();
    }

    private static Place place(UUID owner) {
        return new Place(owner, new UUID(1, 2), "some.field", 1);
    }
}
