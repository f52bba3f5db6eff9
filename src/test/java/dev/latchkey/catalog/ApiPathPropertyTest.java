package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import dev.latchkey.testing.Beside;
import org.junit.jupiter.api.Test;

/** Random spellings, always the same ones: a failure names the spelling. */
@Beside
class ApiPathPropertyTest {

    private static final List<String> NAMES = List.of("api", "v1", "orders", "customers", "x", "A.b", "~u", "ñ", "1-2_3");

    @Test
    void respellingAPathNamesTheSamePathOrNone() {
        var random = new Random(20263);
        var same = 0;
        for (var round = 0; round < 50_000; round++) {
            var names = someNames(random);
            var path = ApiPath.parse("/" + String.join("/", names));

            var spelling = respell(names, random);
            var respelled = ApiPath.parse(spelling);

            if (respelled.isValid()) {
                assertThat(respelled.segments()).as(spelling).isEqualTo(path.segments());
                same++;
            }
        }
        // Were all refused, the property would hold of anything.
        assertThat(same).isGreaterThan(25_000);
    }

    @Test
    void whatIsPrintedIsReadBackAlike() {
        var random = new Random(20264);
        for (var round = 0; round < 100_000; round++) {
            var path = ApiPath.parse(noise(random));

            if (path.isValid()) {
                assertThat(ApiPath.parse(path.toString()).segments()).as(path.toString()).isEqualTo(path.segments());
            }
        }
    }

    /** The reference: servers that do one thing each, by the book, without any of our refusals. */
    @Test
    void everyServersReadingIsAmongTheReadings() {
        var random = new Random(20265);
        var judged = 0;
        for (var round = 0; round < 200_000; round++) {
            var target = noise(random);
            var path = ApiPath.parse(target);
            if (!path.isValid()) {
                continue;
            }
            judged++;
            for (var server : ReferenceServer.values()) {
                assertThat(path.readings()).as("%s reads %s", server, target).contains(server.read(target));
            }
        }
        assertThat(judged).isGreaterThan(10_000);
    }

    private static List<String> someNames(Random random) {
        var names = new ArrayList<String>();
        for (var count = 1 + random.nextInt(5); count > 0; count--) {
            names.add(NAMES.get(random.nextInt(NAMES.size())));
        }
        return names;
    }

    private static String respell(List<String> names, Random random) {
        var spelling = new StringBuilder();
        for (var name : names) {
            switch (random.nextInt(8)) {
                case 0 -> spelling.append("/.");
                case 1 -> spelling.append("/%2e");
                case 2 -> spelling.append("/x").append(random.nextBoolean() ? ";p" : "").append("/..");
                case 3 -> spelling.append("/y/%2E%2e");
                case 4 -> spelling.append("/");
                default -> {
                }
            }
            spelling.append('/');
            name.codePoints()
                    .forEach(point -> spelling.append(random.nextInt(4) == 0 ? encode(point) : Character.toString(point)));
            spelling.append(random.nextInt(6) == 0 ? ";p=" + random.nextInt(9) : "");
        }
        spelling.append(List.of("", "", "", "/", "//", "/.", "?q", "/?q=%", "/;s").get(random.nextInt(9)));
        return spelling.toString();
    }

    private static String encode(int point) {
        var text = new StringBuilder();
        for (var octet : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
            text.append(String.format("%%%02x", octet));
        }
        return text.toString();
    }

    static String noise(Random random) {
        var pieces = List.of("/", "/", "/", "/", "a", "b", ".", "..", "%2e", "%2F", ";", "%3B", "%3f", "%23", "%25", "%41",
                "%20",
                "c", "a", "b", "c", "?");
        var target = new StringBuilder("/");
        for (var count = random.nextInt(9); count > 0; count--) {
            target.append(pieces.get(random.nextInt(pieces.size())));
        }
        return target.toString();
    }
}
