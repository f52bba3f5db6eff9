package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;

import io.vertx.mutiny.sqlclient.Tuple;
import org.junit.jupiter.api.Test;

class ConditionsTest {

    private static final Instant AT = Instant.parse("2026-11-20T08:00:00Z");

    @Test
    void onlyWhatIsAskedForStandsInTheStatementWithItsValueInItsPlace() {
        Tuple values = Tuple.of("organization", 50);

        Conditions narrowed = new Conditions(values).and("type = ?", "key.created").and("store = ?", null)
                .and("state <> 'pending'").and("at >= ?", AT).and("(a, b) = (?, 1)", 7L);

        assertThat(narrowed).hasToString(" and type = $3 and state <> 'pending' and at >= $4 and (a, b) = ($5, 1)");
        assertThat(values.size()).isEqualTo(5);
        assertThat(values.getString(2)).isEqualTo("key.created");
        assertThat(values.getOffsetDateTime(3)).isEqualTo(AT.atOffset(ZoneOffset.UTC));
        assertThat(narrowed.place("limit")).isEqualTo("$6");
    }

    @Test
    void nothingAskedForIsNothing() {
        assertThat(new Conditions(Tuple.of(1)).and("a = ?", null)).hasToString("");
    }
}
