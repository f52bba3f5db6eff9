package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

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

    public OutboundAnswer {
        requireNonNull(body, "body");
        headers = List.copyOf(headers);
    }

    /** The first value of that header. */
    public Optional<String> header(String name) {
        return headers.stream().filter(header -> header.name().equalsIgnoreCase(name)).map(Header::value).findFirst();
    }

    @Override
    public String toString() {
        return "OutboundAnswer[status=" + status + ", body=***, truncated=" + truncated + "]";
    }
}
