package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import dev.latchkey.catalog.ApiPath.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiPathTest {

    @ParameterizedTest
    @CsvSource({
            "/api/v1/orders, /api/v1/orders",
            "/, /",
            "//, /",
            "/api/v1/orders/, /api/v1/orders",
            "/api/v1/orders//, /api/v1/orders",
            "/api//v1///orders, /api/v1/orders",
            "/%61pi/v%31/%6F%72ders, /api/v1/orders",
            "/api/v1/orders;jsessionid=1, /api/v1/orders",
            "/api;a=b/v1;c/orders;, /api/v1/orders",
            "/api/v1/orders/;jsessionid=1, /api/v1/orders",
            "/api/v1/orders;x=%3B%41, /api/v1/orders",
            "/api/v1/orders?x=1, /api/v1/orders",
            "/api/v1/orders?x=/../customers;%00, /api/v1/orders",
            "/api/v1/orders?a#b, /api/v1/orders",
            "/api/v1/orders/?, /api/v1/orders",
            "http://host/api/v1/orders?x=1, /api/v1/orders",
            "HTTPS://host:8443/api/v1/orders, /api/v1/orders",
            "http://[::1]:80/api/v1/orders, /api/v1/orders",
            "https://host, /",
            "/http://host/x, /http:/host/x",
            "/API/v1/Orders, /API/v1/Orders",
            "/a/..., /a/...",
            "/a/.b/c../d.e, /a/.b/c../d.e",
            "/a/100%25, /a/100%25",
            "/a/50%25off, /a/50%25off",
            "/a/b%20c+d, /a/b%20c+d",
            "/categor%C3%ADas/ñ, /categorías/ñ",
            "/a/%F0%9F%94%91, /a/🔑",
            "/a/b:c@d!$&'()*+=~_-, /a/b:c@d!$&'()*+=~_-",
    })
    void spellingsThatServersAgreeOnNameOnePath(String target, String plain) {
        var path = ApiPath.parse(target);

        assertThat(path).hasToString(plain);
        assertThat(path.problem()).isNull();
        assertThat(path.readings()).hasSize(1);
        assertThat(ApiPath.parse(plain)).isEqualTo(path).hasSameHashCodeAs(path);
    }

    /** Express, Django and Flask route on the target as it came; nginx, Tomcat and Go on the resolved one. */
    @ParameterizedTest
    @CsvSource({
            "/., '', .",
            "/x/.., '', x/..",
            "/api/./v1/././orders/., api/v1/orders, api/./v1/././orders/.",
            "/api/v1/x/../orders, api/v1/orders, api/v1/x/../orders",
            "/api/v1/orders/x/.., api/v1/orders, api/v1/orders/x/..",
            "/api/v1/customers/../orders, api/v1/orders, api/v1/customers/../orders",
            "/api/v1/customers/%2e%2e/orders, api/v1/orders, api/v1/customers/../orders",
            "/api/v1/customers/%2E./orders, api/v1/orders, api/v1/customers/../orders",
            "/api/v1/customers/.%2e/orders, api/v1/orders, api/v1/customers/../orders",
            "/api/%2e/v1/orders, api/v1/orders, api/./v1/orders",
            "/api//x/../v1/orders, api/v1/orders, api/x/../v1/orders",
    })
    void dotSegmentsAreBothResolvedAndReadAsNames(String target, String resolved, String literal) {
        List<String> names = resolved.isEmpty() ? List.of() : List.of(resolved.split("/"));

        assertThat(ApiPath.parse(target).readings()).containsExactly(names, List.of(literal.split("/")));
    }

    @ParameterizedTest
    @CsvSource({
            "'', NOT_A_PATH",
            "*, NOT_A_PATH",
            "api/v1/orders, NOT_A_PATH",
            "../orders, NOT_A_PATH",
            "%2Fapi, NOT_A_PATH",
            "\\api, NOT_A_PATH",
            "' /api', NOT_A_PATH",
            "?x=/api, NOT_A_PATH",
            "host:443, NOT_A_PATH",
            "ftp://host/api, NOT_A_PATH",
            "file:///api, NOT_A_PATH",
            "http:/api, NOT_A_PATH",
            "http://, NOT_A_PATH",
            "http:///api, NOT_A_PATH",
            "https://x?/api/v1/orders, NOT_A_PATH",
            "https://x#/api/v1/orders, NOT_A_PATH",
            "https://x;/api/v1/orders, NOT_A_PATH",
            "https://x\\/api/v1/orders, NOT_A_PATH",
            "https://user@x/api/v1/orders, NOT_A_PATH",
            "https://x%2Fy/api/v1/orders, NOT_A_PATH",
            "/.., ABOVE_ROOT",
            "/../api, ABOVE_ROOT",
            "/api/../../api, ABOVE_ROOT",
            "/%2e%2e/api, ABOVE_ROOT",
            "/api/v1/orders#x, FRAGMENT",
            "/api/v1/orders#/../customers, FRAGMENT",
            "/api/v1/orders\\..\\customers, BACKSLASH",
            "/api/v1/orders%5c..%5Ccustomers, BACKSLASH",
            "/api/v1/orders;x=%5c, BACKSLASH",
            "/api/v1/orders%00, CONTROL_CHARACTER",
            "/api/v1/orders%00.json, CONTROL_CHARACTER",
            "/api/v1/orders;%00, CONTROL_CHARACTER",
            "/api/v1/orders%0d%0aX:1, CONTROL_CHARACTER",
            "/api/v1/orders%09, CONTROL_CHARACTER",
            "/api/v1/orders%7F, CONTROL_CHARACTER",
            "/api/v1/orders%C2%85, CONTROL_CHARACTER",
            "/api/v1/or ders, CONTROL_CHARACTER",
            "'/api/v1/orders ', CONTROL_CHARACTER",
            "/api/v1/orders%, BAD_ENCODING",
            "/api/v1/orders%2, BAD_ENCODING",
            "/api/v1/orders%2/x, BAD_ENCODING",
            "/api/v1/orders%zz, BAD_ENCODING",
            "/api/v1/orders%41%z, BAD_ENCODING",
            "/api/v1/orders%2０, BAD_ENCODING",
            "/api/v1/orders/%u002e%u002e/x, BAD_ENCODING",
            "/api/v1/orders%c0%af, BAD_ENCODING",
            "/api/v1/orders/%c0%ae%c0%ae/x, BAD_ENCODING",
            "/api/v1/orders/%e0%80%ae, BAD_ENCODING",
            "/api/v1/orders/%ff, BAD_ENCODING",
            "/api/v1/orders/%C3, BAD_ENCODING",
            "/api/v1/orders/%C3é, BAD_ENCODING",
            "/api/v1/orders/%ED%A0%80, BAD_ENCODING",
            "/api/v1/orders/%252e%252e/customers, DOUBLE_ENCODING",
            "/api/v1/orders/%252F, DOUBLE_ENCODING",
            "/api/v1/orders/%25%32%65, DOUBLE_ENCODING",
            "/api/v1/orders/%2541, DOUBLE_ENCODING",
            "/api/v1/orders/%25u002e, DOUBLE_ENCODING",
            "/api/v1/orders/..;/customers, AMBIGUOUS",
            "/api/v1/orders/..;x=1/customers, AMBIGUOUS",
            "/api/v1/orders/%2e%2e;x/customers, AMBIGUOUS",
            "/api/v1/orders/.;/customers, AMBIGUOUS",
            "/api/v1/orders/..%3Bx/customers, AMBIGUOUS",
            "/api/v1/orders/..;/../v9/customers, AMBIGUOUS",
            "/api/v1/orders//../customers, AMBIGUOUS",
            "/api/v1/orders////../../v9/customers, AMBIGUOUS",
            "/api/v1/orders/;/;/../../v9/customers, AMBIGUOUS",
            "//api/v1/orders, AMBIGUOUS",
            "//x/api/v1/orders, AMBIGUOUS",
            "///api/v1/orders, AMBIGUOUS",
            "/.//api/v1/orders, AMBIGUOUS",
            "/x/..//api/v1/orders, AMBIGUOUS",
            "/;x/api/v1/orders, AMBIGUOUS",
            "/%2Fapi/v1/orders, AMBIGUOUS",
            "http://host//api/v1/orders, AMBIGUOUS",
            "/api/v1/orders/..%2fcustomers, AMBIGUOUS",
            "/api/v1/orders/%2e%2e%2fcustomers, AMBIGUOUS",
            "/api/v1/orders/x%2f..%2f..%2fcustomers, AMBIGUOUS",
            "/api/v1/customers/a%2Fb/../..%2Forders, AMBIGUOUS",
            "/api/v1/orders%3F/../customers, AMBIGUOUS",
            "/api/v1/orders;x%2Fy/customers, AMBIGUOUS",
            "/api/v1/orders;x%3Fy/customers, AMBIGUOUS",
            "/api/v1/a%3Bb%2Fc, AMBIGUOUS",
    })
    void spellingsThatServersReadDifferentlyAreRefused(String target, Problem problem) {
        var path = ApiPath.parse(target);

        assertThat(path.problem()).isEqualTo(problem);
        assertThat(path.isValid()).isFalse();
        assertThat(path.readings()).isEmpty();
        assertThat(path.segments()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "/a\u0000b", "/a\nb", "/a\rb", "/a\tb", "/a\u007fb", "/a\u0085b", "/a;\u0000" })
    void rawControlCharactersAreRefused(String target) {
        assertThat(ApiPath.parse(target).problem()).isEqualTo(Problem.CONTROL_CHARACTER);
    }

    @ParameterizedTest
    @ValueSource(strings = { "/\ud83d", "/\udd11x", "/\udd11\ud83d", "/x\ud83d/y" })
    void halfACharacterIsRefused(String target) {
        assertThat(ApiPath.parse(target).problem()).isEqualTo(Problem.BAD_ENCODING);
    }

    @Test
    void anEncodedSlashIsBothDataAndSeparator() {
        var path = ApiPath.parse("/api/v1/products/AB%2F12/prices");

        assertThat(path.readings()).containsExactly(
                List.of("api", "v1", "products", "AB/12", "prices"),
                List.of("api", "v1", "products", "AB", "12", "prices"));
        assertThat(path).hasToString("/api/v1/products/AB%2F12/prices");
    }

    @Test
    void anEncodedSlashThatSeparatesCollapsesLikeARawOne() {
        assertThat(ApiPath.parse("/a%2F%2Fb%2F").readings()).containsExactly(List.of("a//b/"), List.of("a", "b"));
        assertThat(ApiPath.parse("/a%2F/b").readings()).containsExactly(List.of("a/", "b"), List.of("a", "b"));
    }

    @Test
    void anEncodedSemicolonIsBothDataAndTheStartOfParameters() {
        assertThat(ApiPath.parse("/a/b%3Bc/d").readings()).containsExactly(List.of("a", "b;c", "d"), List.of("a", "b", "d"));
    }

    @ParameterizedTest
    @ValueSource(strings = { "%3F", "%23" })
    void anEncodedQueryOrFragmentIsBothDataAndTheEndOfThePath(String encoded) {
        var data = encoded.equals("%3F") ? "?" : "#";

        assertThat(ApiPath.parse("/a/b" + encoded + "c/d").readings()).containsExactly(List.of("a", "b" + data + "c", "d"),
                List.of("a", "b"));
    }

    @Test
    void severalEncodedDelimitersAreReadInEveryCombination() {
        assertThat(ApiPath.parse("/a%2Fb/c%3Bd/e%3Ff").readings()).hasSize(8);
    }

    @Test
    void thePathIsBoundedAndTheQueryIsNot() {
        var longest = "/" + "a".repeat(ApiPath.MAX_LENGTH - 1);

        assertThat(ApiPath.parse(longest).isValid()).isTrue();
        assertThat(ApiPath.parse(longest + "?" + "q".repeat(10_000)).isValid()).isTrue();
        assertThat(ApiPath.parse(longest + "a").problem()).isEqualTo(Problem.TOO_LONG);
        assertThat(ApiPath.parse("https://host" + longest + "a").problem()).isEqualTo(Problem.TOO_LONG);
    }

    @Test
    void everyProblemIsExplained() {
        assertThat(Problem.values()).allSatisfy(problem -> assertThat(problem.explanation()).isNotBlank());
    }
}
