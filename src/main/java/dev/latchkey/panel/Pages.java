package dev.latchkey.panel;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import dev.latchkey.panel.Assets.Asset;
import dev.latchkey.web.Problems;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * The panel's addresses. Each page is the one document, which looks at its address itself, so that a deep link can be opened,
 * reloaded and shared; so is an address that is none, with 404, for whoever asks for a page. The document tells nothing to
 * anybody: what it shows it asks the API for, as everyone does.
 */
@ApplicationScoped
class Pages {

    /** Behind verifications, which are answered before. */
    private static final int LAST = 5;
    /** Behind Quarkus's own files, before the API's answer that there is nothing. */
    private static final int BEHIND_FILES = 20_400;
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;

    private static final String DOCUMENT = "/index.html";
    /** Where providers send people back to: a page that credentials answer themselves, for who need not be signed in here. */
    private static final String CALLBACKS = "/oauth2";
    /** With which status the document is on its way. */
    private static final String ANSWERED = "latchkey.panel.answered";
    /** As the front end has them ({@code frame/pages.ts}). */
    static final List<String> ADDRESSES = List.of("/", "/sign-in", "/keys", "/store/:store/settings/api", "/keys/:id",
            "/review", "/credentials", "/store/:store/settings/credentials", "/credentials/:id", "/webhooks",
            "/store/:store/settings/webhooks", "/webhooks/:id", "/recipes", "/recipes/:name", "/stores",
            "/activity", "/notifications", "/organization");
    private static final Pattern PAGE = Pattern
            .compile("/index\\.html|" + String.join("|", ADDRESSES).replaceAll(":\\w+", "[^/]+"));
    private static final Pattern FILE = Pattern.compile("/(.*/)?[^/]+\\.[^/.]+");
    /** As the bundler names what it makes. */
    private static final Pattern NAMED_BY_CONTENT = Pattern.compile("/static/bundle/.*-[A-Z0-9]{8}\\.\\w+(\\.map)?");
    private static final Pattern NO_GZIP = Pattern.compile("gzip\\s*;\\s*q\\s*=\\s*0(\\.0*)?");

    private final Assets assets;
    private final PageHeaders headers;

    Pages(Assets assets, PageHeaders headers) {
        this.assets = assets;
        this.headers = headers;
    }

    void register(@Observes Filters filters) {
        filters.register(this::answer, LAST);
    }

    void register(@Observes Router router) {
        router.route().order(BEHIND_FILES).handler(this::answerNothing);
    }

    private void answer(RoutingContext request) {
        String path = Problems.normalizedPath(request);
        Integer status = request.get(ANSWERED);
        if (status != null) {
            leaveToQuarkus(request, status);
        } else if (isBelow("/q", path)) {
            headers.ofService(request.response().headers());
            request.next();
        } else if (isBelow("/api", path)) {
            // When it is sent: what an operation says itself would otherwise stand beside it.
            request.addHeadersEndHandler(now -> headers.ofAnswer(request.response().headers()));
            request.next();
        } else if (!isRead(request)) {
            request.next();
        } else if (PAGE.matcher(path).matches()) {
            document(request, OK);
        } else if (FILE.matcher(path).matches()) {
            file(request, path);
        } else {
            request.next();
        }
    }

    /** For people; programs are told by a problem. */
    private void answerNothing(RoutingContext request) {
        String path = Problems.normalizedPath(request);
        String accepted = request.request().getHeader(HttpHeaders.ACCEPT);
        boolean asksForPage = accepted != null && accepted.toLowerCase(Locale.ROOT).contains("text/html");
        if (isBelow("/q", path) || isBelow("/api", path) || isBelow(CALLBACKS, path) || !isRead(request) || !asksForPage
                || request.get(ANSWERED) != null) {
            request.next();
        } else {
            document(request, NOT_FOUND);
        }
    }

    private void document(RoutingContext request, int status) {
        request.put(ANSWERED, status);
        Problems.nameForMetrics("/{page}");
        assets.find(DOCUMENT, request.vertx()).onFailure(request::fail).onSuccess(found -> {
            if (found.isPresent()) {
                headers.ofDocument(request.response().headers());
                send(request, found.get(), status);
            } else if (Problems.normalizedPath(request).equals("/")) {
                leaveToQuarkus(request, status);
            } else {
                request.reroute("/");
            }
        });
    }

    /** Where it is not on the class path: Quarkus serves it at the root. What it says of caching is not what is meant. */
    private void leaveToQuarkus(RoutingContext request, int status) {
        request.request().headers().remove(HttpHeaders.IF_MODIFIED_SINCE).remove(HttpHeaders.IF_NONE_MATCH);
        // Not before the way here: whoever reroutes a request takes such handlers away.
        request.addHeadersEndHandler(now -> {
            HttpServerResponse response = request.response();
            headers.ofDocument(response.headers());
            response.headers().remove(HttpHeaders.LAST_MODIFIED);
            if (response.getStatusCode() == OK) {
                response.setStatusCode(status);
            }
        });
        request.next();
    }

    private void file(RoutingContext request, String path) {
        Problems.nameForMetrics("/{file}");
        boolean named = NAMED_BY_CONTENT.matcher(path).matches();
        assets.find(path, request.vertx()).onFailure(request::fail).onSuccess(found -> {
            if (found.isPresent()) {
                headers.ofFile(request.response().headers(), named);
                send(request, found.get(), OK);
            } else {
                request.addHeadersEndHandler(now -> {
                    if (request.response().getStatusCode() < BAD_REQUEST) {
                        headers.ofFile(request.response().headers(), named);
                    }
                });
                request.next();
            }
        });
    }

    private static void send(RoutingContext request, Asset asset, int status) {
        HttpServerResponse response = request.response();
        byte[] gzip = takesGzip(request.request().getHeader(HttpHeaders.ACCEPT_ENCODING)) ? asset.gzip() : null;
        response.putHeader(HttpHeaders.CONTENT_TYPE, asset.type()).putHeader(HttpHeaders.VARY, "Accept-Encoding")
                .putHeader(HttpHeaders.ETAG, asset.tag());
        if (status == OK && asset.tag().equals(request.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
            response.setStatusCode(NOT_MODIFIED).end();
            return;
        }
        if (gzip != null) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
        byte[] body = gzip == null ? asset.plain() : gzip;
        response.setStatusCode(status);
        if (request.request().method() == HttpMethod.HEAD) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(body.length)).end();
        } else {
            response.end(Buffer.buffer(body));
        }
    }

    /** RFC 9110 section 12.5.3, as far as browsers use it. */
    private static boolean takesGzip(@Nullable String accepted) {
        return accepted != null && Stream.of(accepted.toLowerCase(Locale.ROOT).split(",")).map(String::strip)
                .anyMatch(coding -> coding.startsWith("gzip") && !NO_GZIP.matcher(coding).matches());
    }

    private static boolean isRead(RoutingContext request) {
        HttpMethod method = request.request().method();
        return method == HttpMethod.GET || method == HttpMethod.HEAD;
    }

    private static boolean isBelow(String root, String path) {
        return path.startsWith(root) && (path.length() == root.length() || path.charAt(root.length()) == '/');
    }
}
