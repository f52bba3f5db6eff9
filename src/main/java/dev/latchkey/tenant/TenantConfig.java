package dev.latchkey.tenant;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How organizations are told from tokens. */
@ConfigMapping(prefix = "latchkey.tenant")
interface TenantConfig {

    /** The claim that holds the organization's key. Default {@code org}, as the REST contract says. */
    @WithDefault("org")
    String organizationClaim();
}
