package dev.latchkey.web;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.regex.Pattern;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.MediaType;

import io.quarkus.arc.All;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * What holds for every request before an operation reads it, each refusal a problem where the server's own would be a status
 * without a word, or none: size of head and body, how a body is written, how long it may take.
 *
 * <p>
 * No body counts as JSON, whatever its content type, since operations whose body is optional would answer 415 to nothing. One
 * that does not announce its length is read here, because only here its excess can still be answered; one that may be longer
 * than others is left to its operation ({@link BodyLimit}), since whoever sends it has not said yet who he is.
 */
@ApplicationScoped
class RequestRules {

    private static final int BEFORE_ROUTING = 800;
    private static final int MAX_TARGET_CHARACTERS = 16_384;
    static final int MAX_HEADER_CHARACTERS = 16_384;
    private static final int MAX_HEADER_LINES = 100;
    /** JSON has no charset but UTF-8 (RFC 8259 section 11); of labels only those that fit no ASCII matter. */
    private static final Pattern FOREIGN_CHARSET = Pattern.compile("(?i)charset\\s*=\\s*[\"']?(utf-?(7|16|32)|ucs-|ebcdic)");
    private static final Pattern MEDIA_RANGES = Pattern
            .compile("\\s*+[^/;,\\s]++/[^/;,\\s]++\\s*+(;[^,]*+)?+(,\\s*+[^/;,\\s]++/[^/;,\\s]++\\s*+(;[^,]*+)?+)*+");

    private final Problems problems;
    private final List<BodyLimit> longer;
    private final long maxBodyBytes;
    private final long patienceMillis;

    RequestRules(Problems problems, WebConfig config, @All List<BodyLimit> longer) {
        this.problems = problems;
        this.longer = longer;
        this.maxBodyBytes = config.maxBody().asLongValue();
        this.patienceMillis = config.bodyPatience().toMillis();
    }

    void register(@Observes Filters filters) {
        filters.register(this::apply, BEFORE_ROUTING);
    }

    private void apply(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        MultiMap headers = request.headers();
        long announced = length(headers.get(HttpHeaders.CONTENT_LENGTH));
        boolean streamed = isStreamed(request);
        BodyLimit longer = limitOf(request);
        ProblemException refusal = refusalOfHead(request, announced > (longer == null ? maxBodyBytes : longer.bytes()));
        boolean isForwarded = longer != null && longer.isForwarded();
        if (refusal == null && (announced > 0 || streamed) && !isForwarded) {
            refusal = refusalOfForm(headers);
        }
        String accepted = headers.get(HttpHeaders.ACCEPT);
        if (accepted != null && !isForwarded && !accepted.equals(MediaType.WILDCARD)
                && !MEDIA_RANGES.matcher(accepted).matches()) {
            // What cannot be read asks for nothing (RFC 9110 section 12.5.1); it would be found out only after the change is made.
            headers.set(HttpHeaders.ACCEPT, MediaType.WILDCARD);
        }
        if (refusal != null) {
            refuse(routing, refusal);
        } else if (longer != null && (announced > 0 || streamed || longer.isUnbounded())) {
            if (longer.isUnbounded()) {
                // The server itself would refuse what is announced to be long.
                StreamedBody.announce(routing, headers.get(HttpHeaders.CONTENT_LENGTH));
                headers.remove(HttpHeaders.CONTENT_LENGTH);
            }
            if (announced > 0 || streamed) {
                StreamedBody.closeUnlessRead(routing);
            }
            routing.next();
        } else if (streamed) {
            endWhenLate(routing);
            read(routing, maxBodyBytes);
        } else if (announced > 0) {
            endWhenLate(routing);
            routing.next();
        } else {
            headers.set(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON);
            routing.next();
        }
    }

    private @Nullable BodyLimit limitOf(HttpServerRequest request) {
        for (BodyLimit limit : longer) {
            if (limit.isOf(request)) {
                return limit;
            }
        }
        return null;
    }

    private static @Nullable ProblemException refusalOfHead(HttpServerRequest request, boolean isTooLong) {
        if (request.uri().length() > MAX_TARGET_CHARACTERS) {
            return ProblemMappers.ofStatus(414);
        }
        if (!isAddress(request.uri())) {
            return new ProblemException(ProblemCode.MALFORMED_REQUEST,
                    "The address is none (RFC 3986): a % must begin an escape such as %20, and odd characters must be escaped.");
        }
        if (!isFramedPlainly(request)) {
            return new ProblemException(ProblemCode.MALFORMED_REQUEST,
                    "Send a body with a Content-Length, or with Transfer-Encoding: chunked and nothing else.");
        }
        HeaderSize size = new HeaderSize();
        request.headers().forEach(size::add);
        if (size.lines > MAX_HEADER_LINES || size.characters > MAX_HEADER_CHARACTERS) {
            return ProblemMappers.ofStatus(431);
        }
        return isTooLong ? ProblemMappers.ofStatus(413) : null;
    }

    /** Compressed bodies are not taken: a small one could become any size. */
    private static @Nullable ProblemException refusalOfForm(MultiMap headers) {
        String encoding = headers.get(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
            return new ProblemException(ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                    "Send the body as it is: a Content-Encoding is not taken.").with("Accept-Encoding", "identity");
        }
        String type = headers.get(HttpHeaders.CONTENT_TYPE);
        if (MediaType.APPLICATION_JSON.equals(type)) {
            return null;
        }
        if (type != null && type.indexOf('/') < 1) {
            return ProblemMappers.ofStatus(415);
        }
        if (type != null && FOREIGN_CHARSET.matcher(type).find()) {
            return new ProblemException(ProblemCode.UNSUPPORTED_MEDIA_TYPE, "Send JSON in UTF-8, without another charset.");
        }
        return null;
    }

    /** Ends the request when its body takes too long. */
    private void endWhenLate(RoutingContext routing) {
        long timer = routing.vertx().setTimer(patienceMillis, late -> {
            if (!routing.request().isEnded() && !routing.response().headWritten()) {
                refuse(routing, ProblemMappers.ofStatus(408));
            }
        });
        routing.addEndHandler(ended -> routing.vertx().cancelTimer(timer));
    }

    private void read(RoutingContext routing, long most) {
        HttpServerRequest request = routing.request();
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() + chunk.length() <= most) {
                body.appendBuffer(chunk);
            } else if (!routing.response().ended()) {
                refuse(routing, ProblemMappers.ofStatus(413));
            }
        });
        request.endHandler(end -> {
            if (!routing.response().ended()) {
                RequestBody.keep(routing, body);
                if (body.length() == 0) {
                    request.headers().set(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON);
                }
                routing.next();
            }
        });
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            routing.response().writeContinue();
        }
        request.resume();
    }

    /** Hands over what was read. */
    @ServerRequestFilter(preMatching = true)
    void handOver(ContainerRequestContext operation, RoutingContext routing) {
        Buffer body = RequestBody.of(routing);
        if (body != null) {
            operation.setEntityStream(new ByteArrayInputStream(body.getBytes()));
        }
    }

    /** The rest of the body is not worth reading. */
    private void refuse(RoutingContext routing, ProblemException refusal) {
        routing.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        problems.end(routing, refusal);
    }

    /** Whether a body may follow of which the head does not tell the length. */
    private static boolean isStreamed(HttpServerRequest request) {
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                || request.version() == HttpVersion.HTTP_2 && !request.headers().contains(HttpHeaders.CONTENT_LENGTH)
                        && !request.isEnded();
    }

    /**
     * Whether everybody on the way sees the same end of the body (RFC 9112 section 6.1): the server takes an encoding that it
     * does not know for none at all, and reads what a gateway took for the body as the next request. Of a length beside
     * chunks it has taken the length away by now.
     */
    private static boolean isFramedPlainly(HttpServerRequest request) {
        List<String> encodings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
        return encodings.isEmpty() || encodings.size() == 1 && encodings.get(0).equalsIgnoreCase("chunked")
                && request.version() != HttpVersion.HTTP_1_0 && !request.headers().contains(HttpHeaders.CONTENT_LENGTH);
    }

    private static boolean isAddress(String uri) {
        // Nearly all are, and the parser makes a dozen objects to say so.
        if (isPlain(uri)) {
            return true;
        }
        try {
            new URI(uri);
            return true;
        } catch (URISyntaxException brokenEscape) {
            return false;
        }
    }

    /** Whether it begins with a slash and has only characters that need no thought (RFC 3986 section 2.3, and the slash). */
    private static boolean isPlain(String uri) {
        for (int i = 0; i < uri.length(); i++) {
            char c = uri.charAt(i);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '/' || c == '-'
                    || c == '.' || c == '_' || c == '~';
            if (!plain || c == '/' && i + 1 < uri.length() && uri.charAt(i + 1) == '/') {
                return false;
            }
        }
        return uri.startsWith("/");
    }

    private static long length(@Nullable String header) {
        try {
            return header == null ? 0 : Long.parseLong(header);
        } catch (NumberFormatException tooLong) {
            return Long.MAX_VALUE;
        }
    }

    private static final class HeaderSize {

        private int lines;
        private int characters;

        void add(String name, String value) {
            lines++;
            characters += name.length() + value.length();
        }
    }
}
