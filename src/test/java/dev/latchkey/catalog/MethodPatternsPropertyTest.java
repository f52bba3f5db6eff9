package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import dev.latchkey.testing.Beside;
import org.junit.jupiter.api.Test;

/** Random lists of patterns against servers that read a target each in its way, and a matcher that tries everything. */
@Beside
class MethodPatternsPropertyTest {

    private static final List<String> METHODS = List.of("GET", "HEAD");

    /**
     * Spelled with dots, escapes, parameters and doubled slashes: whatever the server behind makes of it, the key may do that.
     */
    @Test
    void noSpellingOfAPathEscapes() {
        var random = new Random(20271);
        var allowed = 0;
        var spelledOddly = 0;
        for (var round = 0; round < 200_000; round++) {
            var patterns = somePatterns(random);
            var target = ApiPathPropertyTest.noise(random);
            var method = METHODS.get(random.nextInt(2));

            if (patterns.allow(method, ApiPath.parse(target))) {
                for (var server : ReferenceServer.values()) {
                    var names = server.read(target);
                    assertThat(reference(patterns, method, names)).as("%s reads %s as %s: %s", server, target, names,
                            patterns).isTrue();
                }
                allowed++;
                spelledOddly += target.matches(".*(%|;|//|\\.).*") ? 1 : 0;
            }
        }
        // Were all refused, the property would hold of anything.
        assertThat(allowed).isGreaterThan(5_000);
        assertThat(spelledOddly).isGreaterThan(1_000);
    }

    @Test
    void aPlainPathIsAllowedWhereAnyPatternFits() {
        var random = new Random(20272);
        var allowed = 0;
        for (var round = 0; round < 100_000; round++) {
            var patterns = somePatterns(random);
            var names = Stream.generate(() -> List.of("a", "b", "ab", "ba").get(random.nextInt(4))).limit(random.nextInt(4))
                    .toList();
            var method = METHODS.get(random.nextInt(2));

            var allow = patterns.allow(method, ApiPath.parse("/" + String.join("/", names)));

            assertThat(allow).as("%s of %s %s", patterns, method, names).isEqualTo(reference(patterns, method, names));
            allowed += allow ? 1 : 0;
        }
        assertThat(allowed).isGreaterThan(5_000);
    }

    @Test
    void whatACoveredListAllowsTheCoveringOneAllows() {
        var random = new Random(20273);
        var covered = 0;
        for (var round = 0; round < 20_000; round++) {
            var wide = somePatterns(random);
            var narrow = new MethodPatterns(wide.patterns().stream()
                    .map(pattern -> random.nextInt(8) == 0 ? MethodPatternPropertyTest.somePattern(random)
                            : MethodPatternPropertyTest.narrowed(pattern, random))
                    .toList());
            if (!wide.coverAll(narrow)) {
                continue;
            }
            covered++;
            for (var i = 0; i < 30; i++) {
                var path = ApiPath.parse(ApiPathPropertyTest.noise(random));
                var method = METHODS.get(random.nextInt(2));
                if (narrow.allow(method, path)) {
                    assertThat(wide.allow(method, path)).as("%s covers %s: %s %s", wide, narrow, method, path).isTrue();
                }
            }
        }
        assertThat(covered).isGreaterThan(2_000);
    }

    private static MethodPatterns somePatterns(Random random) {
        return new MethodPatterns(Stream.generate(() -> MethodPatternPropertyTest.somePattern(random))
                .limit(1 + random.nextInt(3)).toList());
    }

    private static boolean reference(MethodPatterns patterns, String method, List<String> names) {
        return patterns.texts().stream().anyMatch(pattern -> {
            var words = pattern.split(" ", 2);
            var path = words[1].equals("/") ? List.<String> of() : List.of(words[1].substring(1).split("/"));
            return (words[0].equals("*") || words[0].equals(method)) && segments(path, names);
        });
    }

    private static boolean segments(List<String> globs, List<String> names) {
        if (globs.equals(List.of("**"))) {
            return !names.isEmpty();
        }
        return globs.isEmpty() ? names.isEmpty()
                : !names.isEmpty() && glob(globs.get(0), names.get(0))
                        && segments(globs.subList(1, globs.size()), names.subList(1, names.size()));
    }

    /** A star takes nothing, or one character more. */
    private static boolean glob(String glob, String name) {
        if (glob.isEmpty()) {
            return name.isEmpty();
        }
        if (glob.charAt(0) == '*') {
            return glob(glob.substring(1), name) || !name.isEmpty() && glob(glob, name.substring(1));
        }
        return !name.isEmpty() && glob.charAt(0) == name.charAt(0) && glob(glob.substring(1), name.substring(1));
    }
}
