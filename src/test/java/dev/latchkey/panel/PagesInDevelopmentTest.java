package dev.latchkey.panel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.ExecutionException;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where someone else serves the files, and tells browsers to keep what is about to change. */
@NullUnmarked
class PagesInDevelopmentTest {

    private static final String DOCUMENT = "<!doctype html><lk-panel></lk-panel>";
    private static final String SCRIPT = "/static/bundle/app.js";

    private final HttpClient client = HttpClient.newHttpClient();
    private Vertx vertx;
    private HttpServer server;

    @BeforeEach
    void serve() throws InterruptedException, ExecutionException {
        vertx = Vertx.vertx();
        Router router = Router.router(vertx);
        Pages pages = new Pages(new Assets(false),
                new PageHeaders(new FrameAncestors(SessionCookieTest.config(""))));
        Filters filters = new Filters();
        pages.register(filters);
        filters.getFilters().forEach(filter -> router.route().order(-filter.getPriority()).handler(filter.getHandler()));
        for (String path : new String[] { "/", SCRIPT }) {
            router.get(path).order(10_000).handler(request -> request.response().putHeader("Content-Type", "text/html")
                    .putHeader("Cache-Control", "public, immutable, max-age=86400")
                    .putHeader("Last-Modified", "Sun, 22 Nov 2026 18:00:00 GMT")
                    .setStatusCode(request.request().getHeader("If-Modified-Since") == null ? 200 : 304)
                    .end(request.request().getHeader("If-Modified-Since") == null ? DOCUMENT : ""));
        }
        pages.register(router);
        server = vertx.createHttpServer().requestHandler(router).listen(0).toCompletionStage().toCompletableFuture().get();
    }

    @AfterEach
    void stop() throws InterruptedException, ExecutionException {
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void eachPageIsTheDocumentOfTheRootAndAskedForAnew() throws IOException, InterruptedException {
        for (String page : new String[] { "/", "/keys", "/store/madrid/settings/api?x=1" }) {
            HttpResponse<String> answer = ask(page);

            assertThat(answer.statusCode()).as(page).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(DOCUMENT);
            assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-cache");
            assertThat(answer.headers().firstValue("Last-Modified")).isEmpty();
            assertThat(answer.headers().firstValue("Content-Security-Policy")).hasValueSatisfying(
                    policy -> assertThat(policy).contains("script-src 'self'", "frame-ancestors 'none'"));
        }
    }

    @Test
    void anAddressThatIsNoneIsTheSameDocumentWithItsStatus() throws IOException, InterruptedException {
        HttpResponse<String> answer = ask("/nothing");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).isEqualTo(DOCUMENT);
    }

    @Test
    void filesThatMayChangeAreAskedForAnew() throws IOException, InterruptedException {
        HttpResponse<String> answer = ask(SCRIPT);

        assertThat(answer.statusCode()).isEqualTo(304);
        assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-cache");
        assertThat(ask("/static/bundle/none.js").statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> ask(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create("http://localhost:" + server.actualPort() + path))
                .header("Accept", "text/html,*/*").header("If-Modified-Since", "Sun, 22 Nov 2026 18:00:00 GMT").build(),
                BodyHandlers.ofString());
    }
}
