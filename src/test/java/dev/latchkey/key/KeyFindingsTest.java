package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Behind;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.Together;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What is remarkable about the use of a key is told in the activity log without being asked for, once. */
@QuarkusTest
@NullUnmarked
class KeyFindingsTest extends KeyUseCase {

    @Test
    void theFirstUseIsToldOnce() {
        Created key = api.aKey().unlimited().create();
        verify(key, Map.of("ip", "203.0.113.7"));
        flushed(key, 1);
        try (Together together = new Together(4)) {
            together.run(this::tell);
        }
        verify(key, Map.of("ip", "203.0.113.8"));
        flushed(key, 2);
        tell();

        activity(key, "key.first_used").body("items", hasSize(1)).body("items[0].actor.type", equalTo("system"))
                .body("items[0].actor.id", equalTo("usage")).body("items[0].target.name", equalTo("ERP"))
                .body("items[0].changes.find { it.field == 'ip' }.after", equalTo("203.0.113.7"))
                .body("items[0].changes.find { it.field == 'at' }.after", notNullValue());
        activity(key, "key.used_from_new_network").body("items", empty());
    }

    @Test
    void anotherNetworkIsToldOnce() {
        Created key = api.aKey().unlimited().create();
        verify(key, Map.of("ip", "203.0.113.7"));
        flushed(key, 1);
        for (int i = 0; i < 2; i++) {
            verify(key, Map.of("ip", "2001:db8::" + i));
            flushed(key, 2 + i);
            tell();
        }

        activity(key, "key.used_from_new_network").body("items", hasSize(1))
                .body("items[0].changes.find { it.field == 'network' }.after", equalTo("2001:db8::/48"))
                .body("items[0].changes.find { it.field == 'ip' }.after", equalTo("2001:db8::"));
    }

    @Test
    void whatAKeyIsRefusedInAnHourIsToldOnceWhenTheHourIsOver() {
        Created key = api.aKey().unlimited().create();
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS).minusSeconds(2 * 3600);
        UUID id = UUID.fromString(key.id());
        Usage past = new Usage(UsageSettings.DEFAULTS);
        for (int i = 0; i < 3; i++) {
            UsageSettings.count(past, id, Verdict.Code.EXPIRED, null, hour.plusSeconds(i));
        }
        UsageSettings.count(past, id, Verdict.Code.SCOPE_MISSING, null, hour);
        UsageSettings.count(past, id, Verdict.Code.VALID, null, hour);
        UsageSettings.count(past, id, Verdict.Code.EXPIRED, null, Instant.now());
        write(past);
        try (Together together = new Together(4)) {
            together.run(this::tell);
        }
        UsageSettings.count(past, id, Verdict.Code.EXPIRED, null, hour);
        write(past);
        tell();

        activity(key, "key.refused").body("items", hasSize(1))
                .body("items[0].changes.find { it.field == 'hour' }.after", equalTo(hour.toString()))
                .body("items[0].changes.find { it.field == 'count' }.after", equalTo(4))
                .body("items[0].changes.find { it.field == 'codes' }.after", equalTo(Map.of("EXPIRED", 3, "SCOPE_MISSING", 1)));
    }

    private void write(Usage usage) {
        Behind.await(() -> new UsageTable(database).write(UUID.randomUUID(),
                new UsageBatch(1, usage.drain(dropped -> assertThat(dropped).isZero()).values(),
                        UsageSettings.DEFAULTS.settle())));
    }

    private ValidatableResponse activity(Created key, String action) {
        return api.asOwner().get("/api/v1/activity?action=" + action + "&targetId=" + key.id()).then().statusCode(200);
    }
}
