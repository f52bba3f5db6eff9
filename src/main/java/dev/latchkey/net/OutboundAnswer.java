package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import io.vertx.core.buffer.Buffer;

/**
 * What the other side has said. Prints its status alone, since token endpoints answer with secrets.
 *
 * @param status 200 to 599
 * @param headers in the order in which they came
 * @param body what was read of it, as it came over the wire
 * @param truncated whether there was more than the limit
 */
public record OutboundAnswer(int status, List<Header> headers, Buffer body, boolean truncated) {

    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    public OutboundAnswer {
        requireNonNull(body, "body");
        headers = List.copyOf(headers);
    }

    /** The first value of that header. */
    public Optional<String> header(String name) {
        return headers.stream().filter(header -> header.name().equalsIgnoreCase(name)).map(Header::value).findFirst();
    }

    /**
     * For how long the other side asks not to be called (RFC 9110 section 10.2.3: seconds, or a date); empty where it does
     * not, or for no time at all. As long as it likes: the caller bounds it.
     */
    public Optional<Duration> retryAfter(Instant now) {
        return header("Retry-After").map(String::strip).flatMap(text -> retryAfter(text, now))
                .filter(wait -> !wait.isNegative() && !wait.isZero());
    }

    private static Optional<Duration> retryAfter(String text, Instant now) {
        if (SECONDS.matcher(text).matches()) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            return Optional.of(
                    Duration.between(now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()));
        } catch (DateTimeException none) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "OutboundAnswer[status=" + status + ", body=***, truncated=" + truncated + "]";
    }
}
