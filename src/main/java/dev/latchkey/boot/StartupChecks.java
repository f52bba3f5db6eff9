package dev.latchkey.boot;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import dev.latchkey.net.EgressAllow;
import dev.latchkey.net.EgressConfig;

/** What is looked at before anything is started, so that what is wrong is told at once and in one line. */
final class StartupChecks {

    /** Both drivers read this form alike; lists of hosts and credentials in the URL each reads in a way of its own. */
    private static final Pattern PLAIN_URL = Pattern.compile(
            "postgresql://(\\[[0-9a-fA-F:.]+]|[\\w.-]+)(:\\d{1,5})?/[^/?@,&]+(\\?(?!.*(user|password)=)[^@]*)?");
    private static final String DEFAULT_PORT = "8080";

    private final Settings settings;

    StartupChecks(Settings settings) {
        this.settings = settings;
    }

    /** @param carriesDatabase false for a native executable, which has no PostgreSQL to fall back on */
    void requireDatabaseUrl(boolean carriesDatabase) {
        if (!carriesDatabase && !settings.hasAny(Settings.DATABASE_URL)) {
            throw new StartRefused("A native executable needs a database, since the embedded one is for runs on a JVM: set"
                    + " QUARKUS_DATASOURCE_REACTIVE_URL (postgresql://host:port/database), QUARKUS_DATASOURCE_USERNAME and"
                    + " QUARKUS_DATASOURCE_PASSWORD.");
        }
    }

    /** With a database of one's own nothing is generated: keys that one replica makes up are none. */
    void requireSettingsOfAnExternalDatabase() {
        List<String> missing = new ArrayList<>();
        requireAny(missing, "LATCHKEY_MASTER_KEY (or LATCHKEY_MASTER_KEY_FILE)", Settings.MASTER_KEY, Settings.MASTER_KEY_FILE);
        requireAny(missing, "LATCHKEY_PEPPER (or LATCHKEY_PEPPER_FILE)", Settings.PEPPER, Settings.PEPPER_FILE);
        requireAny(missing, "MP_JWT_VERIFY_PUBLICKEY_LOCATION", Settings.PUBLIC_KEY_LOCATION);
        requireAny(missing, "MP_JWT_VERIFY_ISSUER", Settings.ISSUER);
        requireAny(missing, "LATCHKEY_PUBLIC_URL", Settings.PUBLIC_URL);
        if (!missing.isEmpty()) {
            throw new StartRefused("Missing with an external database (QUARKUS_DATASOURCE_REACTIVE_URL is set): "
                    + String.join(", ", missing) + ".");
        }
    }

    /** Every mail would fail, and be told so only when the first one is due. */
    void requireSenderOfMails() {
        if (settings.hasAny(Settings.MAIL_HOST) && !settings.hasAny(Settings.MAIL_FROM)) {
            throw new StartRefused("QUARKUS_MAILER_FROM is missing (QUARKUS_MAILER_HOST is set): the address that mails come"
                    + " from.");
        }
    }

    /** A list that is misread opens what was to stay closed, or closes what a merchant needs. */
    void requireReadableEgressAllow() {
        List<String> entries = List.of(settings.get(Settings.EGRESS_ALLOW).orElse("").split(",", -1));
        if (EgressAllow.parse(entries) instanceof EgressAllow.Invalid invalid) {
            throw new StartRefused(EgressConfig.ALLOW + invalid.place());
        }
    }

    private void requireAny(List<String> missing, String shown, String... names) {
        if (!settings.hasAny(names)) {
            missing.add(shown);
        }
    }

    /** The URL is not repeated in the message, since what is wrong with it may be the password inside. */
    void requirePlainUrl() {
        String url = settings.get(Settings.DATABASE_URL).orElse("");
        if (!PLAIN_URL.matcher(url).matches()) {
            throw new StartRefused("QUARKUS_DATASOURCE_REACTIVE_URL must have the form postgresql://host:port/database, with"
                    + " one host and no credentials: those go into QUARKUS_DATASOURCE_USERNAME and QUARKUS_DATASOURCE_PASSWORD.");
        }
    }

    /** A port that is found taken only by Quarkus would be told after the migrations, and in several lines. */
    void requireFreePort() {
        if (!speaksPlainHttp()) {
            return;
        }
        int port = port();
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(address(port));
        } catch (IOException e) {
            throw new StartRefused("Port " + port + " cannot be listened on (" + e.getMessage()
                    + "): end the program that holds it, or set QUARKUS_HTTP_PORT to another one.", e);
        }
    }

    private boolean speaksPlainHttp() {
        return settings.get("quarkus.http.host-enabled").map(Boolean::parseBoolean).orElse(true)
                && !settings.get("quarkus.http.insecure-requests").orElse("enabled").equalsIgnoreCase("disabled");
    }

    private int port() {
        String text = settings.get(Settings.HTTP_PORT).orElse(DEFAULT_PORT);
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 0xFFFF) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new StartRefused("QUARKUS_HTTP_PORT is \"" + text + "\", which is no port: give a number from 0 to 65535.");
    }

    private InetSocketAddress address(int port) {
        String host = settings.get("quarkus.http.host").orElse("0.0.0.0");
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new StartRefused("QUARKUS_HTTP_HOST is \"" + host + "\", which this machine cannot resolve: give an address"
                    + " of this machine.", e);
        }
    }
}
