package dev.latchkey.web;

import java.util.List;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** Whose word on a request's origin counts. */
@ConfigMapping(prefix = "latchkey")
interface WebConfig {

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
}
