package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import dev.latchkey.net.Header;
import dev.latchkey.net.OutboundAnswer;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a receiver's answer people read enough to find their mistake, and no secret. */
class AnswerExcerptTest {

    @Test
    void aBodyIsCutBetweenCharacters() {
        AnswerExcerpt cut = excerpt("añb🦤c", 7);

        assertThat(cut.body()).isEqualTo("añb");
        assertThat(cut.truncated()).isTrue();
        assertThat(excerpt("añb🦤c", 9)).satisfies(whole -> {
            assertThat(whole.body()).isEqualTo("añb🦤c");
            assertThat(whole.truncated()).isFalse();
        });
    }

    @Test
    void whatIsNoTextIsMadeOne() {
        Buffer body = Buffer.buffer(new byte[] { 'a', 0, (byte) 0xff, 'b', (byte) 0xc3 });

        AnswerExcerpt kept = AnswerExcerpt.of(new OutboundAnswer(200, List.of(), body, false), 100, List.of());

        assertThat(kept.body()).isEqualTo("a\ufffdb\ufffd");
    }

    @Test
    void whatTheReceiverRepeatsOfItsHeadersIsMasked() {
        List<Header> asked = List.of(new Header("X-Tenant", "acme"), new Header("Authorization", "Bearer s3cr3tOfTheirs"));
        OutboundAnswer answer = new OutboundAnswer(401, List.of(new Header("X-Seen", "Bearer s3cr3tOfTheirs")),
                Buffer.buffer("acme: s3cr3tOfTheirs is wrong; you said \"Bearer s3cr3tOfTheirs\""), false);

        AnswerExcerpt kept = AnswerExcerpt.of(answer, 1000, asked);

        assertThat(kept.body()).isEqualTo("acme: *** is wrong; you said \"***\"");
        assertThat(kept.headers()).extracting(Header::value).containsExactly("***");
    }

    /** As PHP, Gson, URLs, forms and templates write it, and whichever of its characters somebody found odd. */
    @ParameterizedTest
    @ValueSource(strings = { "ab/cd+ef&g='<h>'==", "ab\\/cd+ef&g='<h>'==",
            "ab/cd\\u002bef\\u0026g\\u003d\\u0027\\u003ch\\u003e\\u0027\\u003d\\u003d",
            "ab\\/cd\\u002Bef\\u0026g\\u003D\\u0027\\u003Ch\\u003E\\u0027\\u003D=",
            "ab%2Fcd%2Bef%26g%3D%27%3Ch%3E%27%3D%3D", "ab%2fcd%2bef%26g%3d'%3ch%3e'%3d=", "ab/cd ef&g='<h>'==",
            "ab&#x2F;cd+ef&amp;g&#x3D;&#39;&lt;h&gt;&apos;&#61;=", "ab\\/cd%2Bef&g='<h>'%3d=" })
    void noSpellingOfASecretIsLeft(String spelled) {
        List<Header> asked = List.of(new Header("X-Key", "ab/cd+ef&g='<h>'=="));
        OutboundAnswer answer = new OutboundAnswer(302, List.of(new Header("Location", "/login?t=" + spelled + "&x=1")),
                Buffer.buffer("{\"said\":\"" + spelled + "\",\"at\":\"\\/\"}"), false);

        AnswerExcerpt kept = AnswerExcerpt.of(answer, 1000, asked);

        assertThat(kept.body()).isEqualTo("{\"said\":\"***\",\"at\":\"\\/\"}");
        assertThat(kept.headers()).extracting(Header::value).containsExactly("/login?t=***&x=1");
    }

    @Test
    void aSecretThatLooksLikeAnEscapeIsFoundToo() {
        List<Header> asked = List.of(new Header("X-Key", "50%25off\\/"));

        assertThat(AnswerExcerpt.of(answer("50%25off\\/, 50%2525off\\\\\\/"), 100, asked).body()).isEqualTo("***, ***");
    }

    /** As it is, as PHP, templates, Gson and URLs write it, and whichever of its characters, of its escape too, are odd. */
    @ParameterizedTest
    @ValueSource(strings = { "https://acme.example/cb?token=ab%2Fcd&x=1", "https:\\/\\/acme.example\\/cb?token=ab%2Fcd&x=1",
            "https://acme.example/cb?token=ab%2Fcd&amp;x=1", "https:&#x2F;&#x2F;acme.example/cb?token&#61;ab%2Fcd&#38;x=1",
            "https://acme.example/cb?token\\u003dab%2Fcd\\u0026x\\u003d1", "https://acme.example/cb?token=ab&#37;2Fcd&amp;x=1",
            "https%3A%2F%2Facme.example%2Fcb%3Ftoken%3Dab%252Fcd%26x%3D1", "https:\\/\\/acme.example\\/cb?token=ab%252Fcd&x=1",
            "https://acme.example/cb?token=ab\\u00252Fcd&x=1", "https:\\/\\/acme.example\\/cb?token=ab%2Fcd&amp;x=1" })
    void aSecretWithEscapesOfItsOwnIsFoundHoweverTheRestIsSpelled(String spelled) {
        List<Header> asked = List.of(new Header("X-Callback", "https://acme.example/cb?token=ab%2Fcd&x=1"));
        OutboundAnswer answer = new OutboundAnswer(302, List.of(new Header("Location", "/l%2Fm?t=" + spelled + "&y=1")),
                Buffer.buffer("{\"said\":\"" + spelled + "\",\"at\":\"\\/%2F&amp;\"}"), false);

        AnswerExcerpt kept = AnswerExcerpt.of(answer, 1000, asked);

        assertThat(kept.body()).isEqualTo("{\"said\":\"***\",\"at\":\"\\/%2F&amp;\"}");
        assertThat(kept.headers()).extracting(Header::value).containsExactly("/l%2Fm?t=***&y=1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ab&lt;cd/ef    | ab&lt;cd\\/ef
            ab&lt;cd/ef    | ab&amp;lt;cd/ef
            ab\\tcd/ef     | ab\\tcd%2Fef
            ab\\tcd/ef     | ab\\\\tcd\\/ef
            ab%2Fcd\\/ef/g | ab%2Fcd\\\\\\/ef\\/g
            ab%2Fcd&lt;ef  | ab%2Fcd&amp;lt;ef
            ab%252Fcd/ef=g | ab%252Fcd\\/ef=g
            """)
    void escapesOfEveryKindMayBeTheSecretsOwn(String secret, String spelled) {
        List<Header> asked = List.of(new Header("X-Key", secret));

        assertThat(AnswerExcerpt.of(answer("said %2F " + spelled + " \\/"), 100, asked).body()).isEqualTo("said %2F *** \\/");
    }

    @Test
    void whatIsShortWithoutItsEscapesIsFoundAsItIsAlone() {
        List<Header> asked = List.of(new Header("X-Key", "%6F%6B%6F%6B"));

        assertThat(AnswerExcerpt.of(answer("okok%6F%6B%6F%6B okok"), 100, asked).body()).isEqualTo("okok*** okok");
    }

    @Test
    void harmlessAnswersStayAsTheyAre() {
        List<Header> asked = List.of(new Header("X-Callback", "https://acme.example/cb?token=ab%2Fcd&x=1"));
        String said = "{\"at\":\"https:\\/\\/acme.example\\/cb?token=ab%2Fce&amp;x=1\","
                + "\"is\":\"100% a+b %252F \\\\t \\\\\\/ &amp;lt; %\"}";

        assertThat(AnswerExcerpt.of(answer(said), 200, asked).body()).isEqualTo(said);
    }

    @Test
    void theCutLeavesNoHalfSecretThatHoldsEscapes() {
        List<Header> asked = List.of(new Header("X-Callback", "https://a.example/cb?t=ab%2Fcd&lt;x=1"));

        for (String spelled : List.of("https:\\/\\/a.example\\/cb?t=ab%2Fcd&lt;x=1",
                "https://a.example/cb?t=ab%2Fcd&amp;lt;x=1", "https%3A%2F%2Fa.example%2Fcb%3Ft%3Dab%252Fcd%26lt%3Bx%3D1")) {
            for (int length = "https".length(); length < spelled.length(); length++) {
                assertThat(AnswerExcerpt.of(answer("you said " + spelled), 9 + length, asked).body())
                        .as("%d of %s", length, spelled).isEqualTo("you said ***");
            }
        }
    }

    @Test
    void secretsThatOverlapLeaveNothingOfEither() {
        List<Header> asked = List.of(new Header("X-Key", "abcdefgh"), new Header("X-Other", "fghijklm"));

        assertThat(AnswerExcerpt.of(answer("<abcdefghijklm>"), 100, asked).body()).isEqualTo("<***>");
    }

    @Test
    void theCutLeavesNoHalfSecretHoweverItIsSpelled() {
        List<Header> asked = List.of(new Header("X-Key", "ab/cd/ef/gh=="));

        for (String spelled : List.of("ab\\/cd\\/ef\\/gh==", "ab%2Fcd%2Fef%2Fgh%3D%3D",
                "ab\\u002fcd\\u002fef\\u002fgh\\u003d\\u003d")) {
            String first = spelled.substring(0, spelled.indexOf('d') + 1);
            for (int length = first.length(); length < spelled.length(); length++) {
                assertThat(AnswerExcerpt.of(answer("you said " + spelled), 9 + length, asked).body())
                        .as("%d of %s", length, spelled).isEqualTo("you said ***");
            }
        }
    }

    @Test
    void theCutLeavesNoHalfSecret() {
        List<Header> asked = List.of(new Header("X-Token", "s3cr3tOfTheirs"));
        OutboundAnswer answer = new OutboundAnswer(200, List.of(), Buffer.buffer("you said s3cr3tOfTheirs"), false);

        assertThat(AnswerExcerpt.of(answer, 20, asked).body()).isEqualTo("you said ***");
        assertThat(AnswerExcerpt.of(answer, 11, asked).body()).as("too short to tell anything").isEqualTo("you said s3");
    }

    @Test
    void cookiesAndTokensAreTheirOwn() {
        List<Header> headers = List.of(new Header("Set-Cookie", "sid=abc"), new Header("X-CSRF-Token", "abc"),
                new Header("Content-Type", "text/plain"), new Header("x-api-key", "abc"));

        AnswerExcerpt kept = AnswerExcerpt.of(new OutboundAnswer(200, headers, Buffer.buffer(), false), 10, List.of());

        assertThat(kept.headersAsJson().encode()).isEqualTo(
                "[[\"Set-Cookie\",\"***\"],[\"X-CSRF-Token\",\"***\"],[\"Content-Type\",\"text/plain\"],[\"x-api-key\",\"***\"]]");
    }

    @Test
    void headersAreBounded() {
        List<Header> headers = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            headers.add(new Header("X-" + i, "v\u0000".repeat(2000)));
        }

        AnswerExcerpt kept = AnswerExcerpt.of(new OutboundAnswer(200, headers, Buffer.buffer(), false), 10, List.of());

        assertThat(kept.headers()).hasSize(50).allMatch(each -> each.value().equals("v".repeat(1024)));
    }

    /** Each nearly found at each place: what takes a tenth of a second otherwise takes a hundredth. */
    @Test
    void nobodyMakesUsLookForLong() {
        List<Header> asked = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            asked.add(new Header("X-" + i, "a".repeat(4000 - i) + "b"));
        }
        Buffer body = Buffer.buffer("a".repeat(6000) + "c");
        List<Header> said = List.of(new Header("X-Said", "a".repeat(8000)));

        List<Long> took = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long begun = System.nanoTime();
            AnswerExcerpt.of(new OutboundAnswer(200, said, Buffer.buffer("a".repeat(4095) + "c").appendBuffer(body), false),
                    4096,
                    asked);
            took.add(System.nanoTime() - begun);
        }

        assertThat(Collections.min(took)).isLessThan(15_000_000);
    }

    @Test
    void aSecretIsFoundWhereverItBegins() {
        List<Header> asked = List.of(new Header("X-Token", "aabaabaaab"), new Header("X-Other", "abababac"));

        assertThat(AnswerExcerpt.of(answer("aabaabaabaaabx abababababac aabaabaaabaabaabaaab"), 100, asked).body())
                .isEqualTo("aab***x abab*** ******");
        assertThat(AnswerExcerpt.of(answer("aabaabaabaaabx"), 12, asked).body()).as("the longest beginning")
                .isEqualTo("aab***");
        assertThat(AnswerExcerpt.of(answer("xabababababac"), 12, asked).body()).isEqualTo("xabab***");
    }

    private static OutboundAnswer answer(String body) {
        return new OutboundAnswer(200, List.of(), Buffer.buffer(body), false);
    }

    private static AnswerExcerpt excerpt(String body, int maxBytes) {
        return AnswerExcerpt.of(
                new OutboundAnswer(200, List.of(), Buffer.buffer(body.getBytes(StandardCharsets.UTF_8)), false), maxBytes,
                List.of());
    }
}
