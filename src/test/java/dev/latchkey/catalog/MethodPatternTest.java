package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MethodPatternTest {

    @ParameterizedTest
    @CsvSource({
            "GET /api/v*/orders/statuses, GET, /api/v1/orders/statuses",
            "GET /api/v*/orders/statuses, GET, /api/v/orders/statuses",
            "GET /api/v*/orders/statuses, GET, /api/v12.3/orders/statuses/",
            "* /api/v*/orders, PROPFIND, /api/v1/orders",
            "GET /orders/**, GET, /orders/1",
            "GET /orders/**, GET, /orders/1/2/3",
            "GET /**, GET, /x",
            "GET /, GET, /",
            "GET /*, GET, /x",
            "GET /a*b*c, GET, /abc",
            "GET /a*b*c, GET, /aXbbYc",
            "GET /*.json, GET, /x.json",
            "GET /*ab, GET, /aab",
            "GET /a*a, GET, /aa",
            "GET /products/*, GET, /products/a%3Bb",
            "GET /products/**, GET, /products/a%2Fb",
            "GET /categorías, GET, /categor%C3%ADas",
            "M-SEARCH /x, M-SEARCH, /x",
    })
    void aPatternAllowsWhatItSays(String pattern, String method, String target) {
        assertThat(patternOf(pattern).matches(method, ApiPath.parse(target))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
            "GET /api/v*/orders/statuses, GET, /api/v1/orders",
            "GET /api/v*/orders/statuses, GET, /api/v1/orders/statuses/1",
            "GET /api/v*/orders/statuses, GET, /api/1/orders/statuses",
            "GET /api/v*/orders/statuses, GET, /api/v1/x/orders/statuses",
            "GET /api/v*/orders/statuses, GET, /api/v1/orders/Statuses",
            "GET /api/v*/orders/statuses, HEAD, /api/v1/orders/statuses",
            "GET /api/v*/orders/statuses, get, /api/v1/orders/statuses",
            "GET /api/v*/orders/statuses, *, /api/v1/orders/statuses",
            "GET /api/v*/orders/statuses, GET, /api/v1/orders/statuses/../5",
            "GET /api/v*/orders/statuses, GET, /api/v1/orders/..;/orders/statuses",
            "GET /orders/**, GET, /orders",
            "GET /orders/**, GET, /orders/",
            "GET /**, GET, /",
            "GET /*, GET, /",
            "GET /*, GET, /a/b",
            "GET /a*a, GET, /a",
            "GET /a*b*c, GET, /acb",
            "GET /ab*bc, GET, /abc",
            "GET /*ab*ba*, GET, /aba",
            "GET /products/*, GET, /products/a%2Fb",
            "GET /products/*/*, GET, /products/a%2Fb",
            "GET /a/*/c, GET, /a/b%3Fx/c",
            "* /**, GET, /a/%00",
            "* /**, GET, *",
    })
    void aPatternAllowsNothingElse(String pattern, String method, String target) {
        assertThat(patternOf(pattern).matches(method, ApiPath.parse(target))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
            "'', 0, the method is missing",
            "' /orders', 0, the method is missing",
            "/orders, 0, capital letters",
            "get /orders, 0, capital letters",
            "GEt /orders, 2, capital letters",
            "** /orders, 0, capital letters",
            "G*T /orders, 1, capital letters",
            "1GET /orders, 0, capital letters",
            "GET, 3, the path is missing",
            "'GET ', 4, the path is missing",
            "GET orders, 4, begin with a slash",
            "'GET  /orders', 4, one space too many",
            "'GET /orders ', 11, one space",
            "GET /or ders, 7, one space",
            "GET /orders/, 11, slash at the end",
            "GET /orders//x, 12, two slashes",
            "GET //orders, 5, two slashes",
            "GET /orders/**/x, 12, only at the end",
            "GET /orders/x**, 13, whole last segment",
            "GET /orders/***, 12, whole last segment",
            "GET /orders/**/, 12, only at the end",
            "GET /orders/../x, 12, . and ..",
            "GET /./x, 5, . and ..",
            "GET /orders/{id}, 12, {name}",
            "GET /orders/%41, 12, decoded",
            "GET /orders?x=1, 11, query",
            "GET /orders#x, 11, fragment",
            "GET /orders;x, 11, semicolon",
            "GET /orders\\x, 11, slashes",
    })
    void aBadPatternIsToldWithItsPlace(String text, int position, String message) {
        assertThat(MethodPattern.parse(text)).isInstanceOfSatisfying(MethodPattern.Invalid.class, invalid -> {
            assertThat(invalid.position()).isEqualTo(position);
            assertThat(invalid.message()).contains(message);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = { "GET /a\u0000", "GET /a\nb", "GET\t/a", "GET\u00a0/a", "GET /\ud83d", "GÉT /a" })
    void whatCannotBeStoredOrReadIsNoPattern(String text) {
        assertThat(MethodPattern.parse(text)).isInstanceOf(MethodPattern.Invalid.class);
    }

    @Test
    void aPatternIsBounded() {
        var longest = "GET /" + "a".repeat(MethodPattern.MAX_LENGTH - 5);

        assertThat(MethodPattern.parse(longest)).isInstanceOf(MethodPattern.Valid.class);
        assertThat(MethodPattern.parse(longest + "a")).isInstanceOf(MethodPattern.Invalid.class);
        assertThat(MethodPattern.parse("A".repeat(33) + " /a")).isInstanceOf(MethodPattern.Invalid.class);
        assertThat(MethodPattern.parse("GET /a*" + "b".repeat(32) + "*" + "c".repeat(99)))
                .isInstanceOf(MethodPattern.Valid.class);
        assertThat(MethodPattern.parse("GET /x/a*b*" + "b".repeat(33) + "*")).isEqualTo(
                new MethodPattern.Invalid("between two stars stand at most 32 characters", 43));
    }

    @ParameterizedTest
    @ValueSource(strings = { "GET /", "* /**", "GET /api/v*/orders/**", "PATCH /a*b/*", "DELETE /categorías" })
    void theWrittenFormIsReadBack(String text) {
        assertThat(patternOf(text)).hasToString(text).isEqualTo(patternOf(text)).hasSameHashCodeAs(patternOf(text));
    }

    @ParameterizedTest
    @CsvSource({
            "* /**, GET /api/v1/orders",
            "* /**, * /**",
            "* /**, * /a/**",
            "* /a, * /a",
            "GET /a/**, GET /a/*",
            "GET /a/**, GET /a/b/**",
            "GET /a/*/**, GET /a/b/**",
            "GET /a/v*, GET /a/v1*",
            "GET /a/v*, GET /a/v",
            "GET /a/*b*, GET /a/xb*y",
            "GET /a*a, GET /a*b*a",
    })
    void aPatternCoversItsParts(String wide, String narrow) {
        assertThat(patternOf(wide).covers(patternOf(narrow))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
            "GET /a, * /a",
            "GET /a, HEAD /a",
            "* /**, GET /",
            "GET /a/**, GET /a",
            "GET /a/*, GET /a/**",
            "GET /a/*/*, GET /a/**",
            "GET /a/*/**, GET /a/**",
            "GET /a/v1*, GET /a/v*",
            "GET /a/v*, GET /a/*",
            "GET /a*a, GET /a*",
            "GET /a*b, GET /a*",
    })
    void aPatternCoversNothingWider(String narrow, String wide) {
        assertThat(patternOf(narrow).covers(patternOf(wide))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
            "GET /a, GET /a, true",
            "GET /a, * /*, true",
            "GET /a, POST /a, false",
            "GET /a/b, GET /a, false",
            "GET /a/**, GET /a, false",
            "GET /a/**, GET /*/b/c, true",
            "GET /**, GET /a/b/**, true",
            "GET /a/b/**, GET /a/*, false",
            "GET /v*, GET /*1, true",
            "GET /v*2, GET /*1, false",
            "GET /ab*, GET /*bc, true",
            "GET /a*, GET /b*, false",
    })
    void patternsOverlapWhenOneRequestFitsBoth(String one, String other, boolean overlap) {
        assertThat(patternOf(one).overlaps(patternOf(other))).isEqualTo(overlap);
        assertThat(patternOf(other).overlaps(patternOf(one))).isEqualTo(overlap);
    }

    /** What takes a backtracking matcher longer than the universe is old, and what takes a naive search longest. */
    @ParameterizedTest
    @MethodSource("patternsThatAreHardForOthers")
    void noTextMakesMatchingSlow(String text) {
        var pattern = patternOf(text);
        var path = ApiPath.parse("/" + "a".repeat(8_000));

        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            for (var round = 0; round < 1_000; round++) {
                pattern.matches("GET", path);
            }
        });
    }

    private static Stream<String> patternsThatAreHardForOthers() {
        return Stream.of("GET /" + "a*".repeat(120) + "c*", "GET /" + "*a".repeat(120) + "*c*",
                "GET /*" + "a".repeat(31) + "b*" + "a".repeat(31) + "b*");
    }

    private static MethodPattern patternOf(String text) {
        return Objects.requireNonNull(MethodPattern.parse(text).orNull(), text);
    }
}
