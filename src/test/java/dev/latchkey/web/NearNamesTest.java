package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearNamesTest {

    private static final List<String> KNOWN = List.of("organization.suspended", "organization.reactivated",
            "activity.tampered");

    @Test
    void whatWasPerhapsMeantIsNamedTheNearestFirst() {
        assertThat(NearNames.of("organisation.suspended", KNOWN)).isEqualTo("; did you mean organization.suspended?");
        assertThat(NearNames.of("ACTIVITY.TAMPERED", KNOWN)).isEqualTo("; did you mean activity.tampered?");
        assertThat(NearNames.of("b", List.of("d", "b1", "c"))).isEqualTo("; did you mean b1 or c or d?");
    }

    @Test
    void whereNothingIsNearThereIsAChoice() {
        assertThat(NearNames.of("x".repeat(100_000), KNOWN))
                .isEqualTo("; there are activity.tampered, organization.reactivated, organization.suspended");
        assertThat(NearNames.of("zzzzzzzz", List.of("a", "b", "c", "d", "e", "f", "g")))
                .endsWith("; there are a, b, c, d, e, f, …");
    }

    @ParameterizedTest
    @CsvSource({ "a, a, 0", "abc, acb, 1", "kitten, sitting, 3", "'', abc, 3", "ca, abc, 3" })
    void distancesAreThoseOfOptimalStringAlignment(String a, String b, int distance) {
        assertThat(EditDistance.between(a, b)).isEqualTo(distance);
        assertThat(EditDistance.between(b, a)).isEqualTo(distance);
    }
}
