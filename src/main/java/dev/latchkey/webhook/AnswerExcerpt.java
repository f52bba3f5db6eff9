package dev.latchkey.webhook;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.latchkey.net.Header;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.SecretMask;
import io.vertx.core.json.JsonArray;

/**
 * What is kept of a receiver's answer, for people to read: short, as text, and without secrets. Receivers that repeat what
 * they were asked with would otherwise tell readers what the headers of a webhook say; cookies and tokens are their own.
 *
 * @param headers 50 at most, each value up to 1 KiB; {@code ***} for what reads like a secret
 * @param body what is no UTF-8 is replaced by U+FFFD, and NUL, which PostgreSQL cannot store, left out
 * @param truncated whether there was more of the body
 */
record AnswerExcerpt(int status, List<Header> headers, String body, boolean truncated) {

    private static final int MOST_HEADERS = 50;
    private static final int LONGEST_VALUE = 1024;
    /** Shorter ones are no secrets, and masking them would garble the answer. */
    private static final int SHORTEST_SECRET = 8;
    private static final Pattern SECRET_NAME = Pattern
            .compile(".*(cookie|authorization|authentication-info|token|secret|password|session|api-?key).*");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    AnswerExcerpt {
        headers = List.copyOf(headers);
    }

    /**
     * @param maxBytes of the body
     * @param asked the headers of the webhook, whose values are masked wherever the answer repeats them
     */
    static AnswerExcerpt of(OutboundAnswer answer, int maxBytes, List<Header> asked) {
        SecretMask mask = mask(asked);
        boolean truncated = answer.truncated() || answer.body().length() > maxBytes;
        String text = text(answer.body().getBytes(0, Math.min(answer.body().length(), maxBytes)), truncated);
        return new AnswerExcerpt(answer.status(),
                answer.headers().stream().limit(MOST_HEADERS).map(header -> kept(header, mask)).toList(),
                truncated ? mask.overCut(text) : mask.over(text), truncated);
    }

    /** {@code [[name, value], …]}. */
    JsonArray headersAsJson() {
        JsonArray pairs = new JsonArray();
        headers.forEach(header -> pairs.add(new JsonArray().add(header.name()).add(header.value())));
        return pairs;
    }

    /** Of the values, and of {@code Bearer abc} also of what follows the scheme. */
    private static SecretMask mask(List<Header> asked) {
        return SecretMask.of(asked.stream().map(Header::value)
                .flatMap(value -> Stream.of(value, value.substring(value.lastIndexOf(' ') + 1))).toList(), SHORTEST_SECRET);
    }

    private static Header kept(Header header, SecretMask mask) {
        String name = CONTROL.matcher(header.name()).replaceAll("");
        if (SECRET_NAME.matcher(name.toLowerCase(Locale.ROOT)).matches()) {
            return new Header(name, SecretMask.MASK);
        }
        String value = mask.over(CONTROL.matcher(header.value()).replaceAll(""));
        return new Header(name, value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) : value);
    }

    /** @param cut whether the last character may be half one, which is left out then */
    private static String text(byte[] bytes, boolean cut) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        CharBuffer text = CharBuffer.allocate(bytes.length + 1);
        decoder.decode(ByteBuffer.wrap(bytes), text, !cut);
        return text.flip().toString().replace("\0", "");
    }

    /** The status alone: the rest is somebody's. */
    @Override
    public String toString() {
        return "AnswerExcerpt[status=" + status + "]";
    }
}
