package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

import dev.latchkey.testing.Beside;
import org.junit.jupiter.api.Test;

/** Random patterns over so few letters that they often agree, against a regular expression for each. */
@Beside
class MethodPatternPropertyTest {

    private static final List<String> METHODS = List.of("GET", "HEAD", "*");
    private static final String LETTERS = "ab";

    @Test
    void matchingAgreesWithARegularExpression() {
        var random = new Random(20266);
        var matched = 0;
        for (var round = 0; round < 100_000; round++) {
            var pattern = somePattern(random);
            var path = somePath(random);
            var method = METHODS.get(random.nextInt(2));

            var matches = pattern.matches(method, ApiPath.parse(path));

            assertThat(matches).as("%s of %s %s", pattern, method, path).isEqualTo(reference(pattern, method, path));
            matched += matches ? 1 : 0;
        }
        assertThat(matched).isGreaterThan(5_000);
    }

    @Test
    void whatIsCoveredIsMatched() {
        var random = new Random(20267);
        var paths = allPaths();
        var covered = 0;
        for (var round = 0; round < 3_000; round++) {
            var wide = somePattern(random);
            var narrow = random.nextInt(3) == 0 ? somePattern(random) : narrowed(wide, random);
            var allMatched = paths.stream().filter(path -> reference(narrow, "GET", path) || reference(narrow, "HEAD", path))
                    .allMatch(path -> METHODS.subList(0, 2).stream()
                            .allMatch(method -> !reference(narrow, method, path) || reference(wide, method, path)));

            if (wide.covers(narrow)) {
                assertThat(allMatched).as("%s covers %s", wide, narrow).isTrue();
                covered++;
            }
        }
        assertThat(covered).isGreaterThan(300);
    }

    @Test
    void patternsOverlapWhereverOnePathFitsBoth() {
        var random = new Random(20268);
        var paths = allPaths();
        for (var round = 0; round < 3_000; round++) {
            var one = somePattern(random);
            var other = somePattern(random);
            var shared = paths.stream().anyMatch(path -> METHODS.subList(0, 2).stream()
                    .anyMatch(method -> reference(one, method, path) && reference(other, method, path)));

            if (shared) {
                assertThat(one.overlaps(other)).as("%s and %s", one, other).isTrue();
            }
        }
    }

    static MethodPattern somePattern(Random random) {
        var text = new StringBuilder(METHODS.get(random.nextInt(3))).append(' ');
        for (var count = random.nextInt(3); count > 0; count--) {
            text.append('/').append(someGlob(random));
        }
        if (text.charAt(text.length() - 1) == ' ' || random.nextInt(4) == 0) {
            text.append(random.nextInt(8) == 0 && text.charAt(text.length() - 1) == ' ' ? "/" : "/**");
        }
        return MethodPattern.of(text.toString());
    }

    private static String someGlob(Random random) {
        var glob = new StringBuilder();
        for (var count = 1 + random.nextInt(4); count > 0; count--) {
            var isStar = random.nextInt(3) == 0 && (glob.isEmpty() || glob.charAt(glob.length() - 1) != '*');
            glob.append(isStar ? '*' : LETTERS.charAt(random.nextInt(2)));
        }
        return glob.toString();
    }

    /** Something that is often, but not always, covered: stars and rests replaced. */
    static MethodPattern narrowed(MethodPattern wide, Random random) {
        var text = wide.toString();
        if (text.endsWith("/**")) {
            text = text.substring(0, text.length() - 2) + someGlob(random) + (random.nextBoolean() ? "/**" : "");
        }
        var method = text.startsWith("*") && random.nextBoolean() ? "GET" : text.substring(0, text.indexOf(' '));
        var path = text.substring(text.indexOf(' ') + 1);
        var rest = path.endsWith("/**") ? "/**" : "";
        var fixed = path.substring(0, path.length() - rest.length());
        var replaced = random.nextBoolean() ? fixed.replaceFirst("\\*", random.nextBoolean() ? "a" : "b*") : fixed;
        return MethodPattern.of(method + " " + (replaced + rest).replace("***", "**"));
    }

    private static String somePath(Random random) {
        var path = new StringBuilder();
        for (var count = random.nextInt(4); count > 0; count--) {
            path.append('/');
            for (var length = 1 + random.nextInt(4); length > 0; length--) {
                path.append(LETTERS.charAt(random.nextInt(2)));
            }
        }
        return path.isEmpty() ? "/" : path.toString();
    }

    /** Up to two segments of up to four letters, and some of three. */
    private static List<String> allPaths() {
        var names = new ArrayList<String>();
        for (var length = 1; length <= 4; length++) {
            for (var bits = 0; bits < 1 << length; bits++) {
                var name = new StringBuilder();
                for (var i = 0; i < length; i++) {
                    name.append(LETTERS.charAt(bits >> i & 1));
                }
                names.add(name.toString());
            }
        }
        var paths = new ArrayList<String>(List.of("/", "/a/b/a", "/b/b/b", "/ab/ba/a"));
        for (var first : names) {
            paths.add("/" + first);
            names.subList(0, 14).forEach(second -> paths.add("/" + first + "/" + second));
        }
        return paths;
    }

    /** No segment is empty, however much a star could do without. */
    private static boolean reference(MethodPattern pattern, String method, String path) {
        var written = pattern.path();
        var rest = written.endsWith("/**");
        var fixed = rest ? written.substring(0, written.length() - 3) : written;
        var expression = new StringBuilder();
        for (var character : fixed.split("")) {
            expression.append(switch (character) {
                case "*" -> "[^/]*";
                case "" -> "";
                case "/" -> fixed.equals("/") ? "/" : "/(?=[^/])";
                default -> Pattern.quote(character);
            });
        }
        return (pattern.method().equals("*") || pattern.method().equals(method))
                && path.matches(expression + (rest ? "(/[^/]+)+" : ""));
    }
}
