package dev.latchkey.key;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How people are told that keys are about to expire. */
@ConfigMapping(prefix = "latchkey.key-expiry")
interface ExpiryConfig {

    /** Keys that are told of in one transaction. Default 200, some hundred milliseconds. */
    @WithDefault("200")
    int batch();
}
