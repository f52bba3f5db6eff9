package dev.latchkey.credential;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How accounts at providers are connected. */
@ConfigMapping(prefix = "latchkey")
interface ConnectConfig {

    /** What has a name of its own below {@code latchkey.oauth2}. */
    OAuth2 oauth2();

    /** Looked at, since a panel that others show in a frame has no cookie that comes back from a provider. */
    Panel panel();

    /** Connecting. */
    interface OAuth2 {

        /**
         * How long someone who was sent to a provider may take to agree. Default 10 minutes: to sign in with a second factor
         * and to read what is asked for; RFC 6749 section 4.1.2 has codes live no longer.
         */
        @WithDefault("PT10M")
        Duration connectLifetime();

        /**
         * Origins to which the page that ends a connection may lead back, as {@code https://shop.example}, besides that of
         * {@code LATCHKEY_PUBLIC_URL}. Default none: a link on a page of ours is believed, so nobody else chooses where it
         * leads.
         */
        Optional<List<String>> returnTo();
    }

    /** As the panel has it. */
    interface Panel {

        /** Pages that may show the panel in a frame. */
        Optional<List<String>> frameAncestors();
    }
}
