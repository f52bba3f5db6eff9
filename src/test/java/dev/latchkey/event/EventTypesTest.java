package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTypesTest {

    private final EventTypes types = new EventTypes(List.of("loyalty.update"));

    @Test
    void theTypesOfTheContractAreThere() {
        assertThat(types.all()).filteredOn(EventType::own).extracting(EventType::name).contains("key.created", "key.updated",
                "key.regenerated", "key.revealed", "key.revoked", "key.deleted", "key.expiring", "key.leaked",
                "credential.renewal_failed",
                "credential.recovered", "credential.reauthorization_required", "webhook.disabled", "organization.suspended",
                "organization.reactivated");
        assertThat(types.all()).filteredOn(type -> !type.own()).extracting(EventType::name).contains("order.create",
                "order.update", "product.update", "stock.update", "price.update", "customer.create", "loyalty.update");
    }

    @Test
    void eachSaysWhatItIsInBothLanguagesAndShowsWhatAReceiverGets() {
        for (EventType type : types.all()) {
            assertThat(type.description(Locale.ENGLISH)).as(type.name()).isNotBlank();
            assertThat(type.description(new Locale("es", "MX"))).as(type.name()).isNotBlank()
                    .isNotEqualTo(type.description(Locale.GERMAN));
            JsonObject example = type.example();
            assertThat(example.fieldNames()).as(type.name()).containsExactly("id", "type", "timestamp", "store", "data");
            assertThat(example.getString("type")).isEqualTo(type.name());
            assertThat(example.getJsonObject("data").isEmpty()).as(type.name()).isEqualTo(type.name().equals("loyalty.update"));
        }
    }

    @Test
    void anExampleNeverShowsAWholeKey() {
        assertThat(types.all())
                .allSatisfy(type -> assertThat(type.example().encode()).doesNotContainPattern("lk_live_\\w{10}"));
    }

    @ParameterizedTest
    @CsvSource({ "orders.create, order.create", "order.created, order.create", "oder.create, order.create",
            "order.crreate, order.create", "Order.Update, order.update", "key.revoke, key.revoked",
            "stock.updated, stock.update", "loyality.update, loyalty.update", "credential.recoverd, credential.recovered" })
    void anUnknownNameBringsNearOnes(String unknown, String meant) {
        assertThat(types.near(unknown)).first().isEqualTo(meant);
        assertThat(types.near(unknown)).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void whatIsLikeNothingBringsNothing() {
        assertThat(types.near("xyz")).isEmpty();
        assertThat(types.near("x".repeat(100_000))).isEmpty();
        assertThat(types.didYouMean("xyz")).isEmpty();
        assertThat(types.didYouMean("loyalty.updat")).isEqualTo("; did you mean loyalty.update?");
    }

    @Test
    void aBuiltInNameMayBeSaidAgain() {
        assertThat(new EventTypes(List.of("order.create")).find("order.create").orElseThrow().example().getJsonObject("data"))
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "loyalty", "Loyalty.update", "loyalty.", ".update", "loyalty update", "loyalty..update",
            "löyalty.x",
            "1a.b", "loyalty.update;drop" })
    void aBadNameStopsTheStartWithOneLine(String name) {
        assertThatThrownBy(() -> new EventTypes(Arrays.asList("a.b", name))).isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("LATCHKEY_EVENT_TYPES: '" + name + "'").hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = { "key.created", "key.anything", "webhook.x", "organization.x", "credential.x", "activity.x" })
    void thePlatformDoesNotSpeakForThisService(String name) {
        assertThatThrownBy(() -> new EventTypes(List.of(name))).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("this service's own events");
    }
}
