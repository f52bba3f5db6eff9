package dev.latchkey.web;

import jakarta.inject.Singleton;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;

/**
 * Without TLS only HTTP/1.1 is spoken. The server's upgrade to HTTP/2 (h2c) leaves a POST that asks for it unanswered, and
 * Java's own client asks for it unless it is told otherwise. With TLS, HTTP/2 is negotiated as usual.
 */
@Singleton
public class Http1Only implements HttpServerOptionsCustomizer {

    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        options.setHttp2ClearTextEnabled(false);
    }
}
