package dev.latchkey.boot;

import java.util.Optional;
import java.util.stream.Stream;

import io.quarkus.runtime.configuration.ConfigUtils;
import org.eclipse.microprofile.config.Config;

/**
 * What the user has configured, wherever that is (environment, system properties, {@code .env}, {@code config/},
 * profiles), read before Quarkus starts.
 *
 * @param config of the same sources that Quarkus itself will read
 */
record Settings(Config config) {

    static final String DATABASE_URL = "quarkus.datasource.reactive.url";
    static final String USERNAME = "quarkus.datasource.username";
    static final String PASSWORD = "quarkus.datasource.password";
    static final String ALONE = "latchkey.replica.alone";
    static final String MASTER_KEY = "latchkey.master-key";
    static final String MASTER_KEY_FILE = "latchkey.master-key-file";
    static final String PEPPER = "latchkey.pepper";
    static final String PEPPER_FILE = "latchkey.pepper-file";
    static final String PUBLIC_URL = "latchkey.public-url";
    static final String FRAME_ANCESTORS = "latchkey.panel.frame-ancestors";
    static final String DATA_DIR = "latchkey.data-dir";
    static final String PUBLIC_KEY_LOCATION = "mp.jwt.verify.publickey.location";
    static final String ISSUER = "mp.jwt.verify.issuer";
    static final String MAIL_HOST = "quarkus.mailer.host";
    static final String MAIL_FROM = "quarkus.mailer.from";
    static final String EGRESS_ALLOW = "latchkey.egress.allow";
    static final String HTTP_PORT = "quarkus.http.port";
    static final String JSON_LOGS = "quarkus.log.console.json.enabled";

    static Settings ofAllSources() {
        return new Settings(ConfigUtils.configBuilder().build());
    }

    /** An empty value counts as none. */
    Optional<String> get(String name) {
        return config.getOptionalValue(name, String.class).map(String::strip).filter(value -> !value.isEmpty());
    }

    boolean hasAny(String... names) {
        return Stream.of(names).anyMatch(name -> get(name).isPresent());
    }
}
