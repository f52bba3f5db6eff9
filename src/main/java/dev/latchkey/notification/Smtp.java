package dev.latchkey.notification;

import jakarta.inject.Singleton;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;

/** Whether there is a server for mails: one that the operator named, since the mailer's own default is a guess. */
@Singleton
class Smtp {

    private static final String HOST = "quarkus.mailer.host";

    private final boolean configured;

    Smtp(Config config) {
        ConfigValue host = config.getConfigValue(HOST);
        // Defaults stand in sources of negative ordinals, whatever is written anywhere above them.
        configured = host.getValue() != null && !host.getValue().isBlank() && host.getSourceOrdinal() > 0;
    }

    boolean isConfigured() {
        return configured;
    }
}
