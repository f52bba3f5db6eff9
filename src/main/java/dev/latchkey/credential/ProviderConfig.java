package dev.latchkey.credential;

import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** Which services are known. */
@ConfigMapping(prefix = "latchkey")
interface ProviderConfig {

    /**
     * A directory of the operator's own providers, one {@code .yaml} file each; read once, at the start. One with the key of a
     * built-in entry stands in its place. Default: none.
     */
    Optional<String> providersDir();
}
