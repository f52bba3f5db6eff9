package dev.latchkey.web;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Whose word on a request's origin counts, how patiently requests are read, and where this service is reached. */
@ConfigMapping(prefix = "latchkey")
public interface WebConfig {

    /**
     * Networks whose forward-auth calls are answered, and which alone may say what {@code X-Forwarded-For} means there.
     * Default: loopback and private ranges, where gateways stand in nearly every installation; of these only the last address
     * of the header is believed.
     */
    Optional<List<String>> gateways();

    /**
     * Networks whose forwarding headers are believed on all other paths. Default none: without a proxy anyone could claim any
     * address.
     */
    Optional<List<String>> trustedProxies();

    /**
     * How long a body may be, where an operation does not take longer ones ({@link BodyLimit}). Default 256 KiB, as api.md
     * says.
     */
    @WithDefault("256K")
    MemorySize maxBody();

    /** How long a body may take to arrive. Bodies are small; whoever sends one in drops holds a connection for nothing. */
    @WithDefault("PT30S")
    Duration bodyPatience();

    /**
     * Where people reach this service, as {@code https://keys.example}: sign-in links begin with it, it decides by its scheme
     * how the cookie is kept, and it is an origin of our own, without a path. Default: this machine, as in development.
     */
    @WithDefault("http://localhost:${quarkus.http.port}")
    String publicUrl();
}
