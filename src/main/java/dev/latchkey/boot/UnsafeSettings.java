package dev.latchkey.boot;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Settings with which Latchkey would run and not be safe. Each is refused by its name, with what it would let happen; what
 * merely could be better is not looked at.
 *
 * <p>
 * There is one way round, for those who end TLS elsewhere on a network of their own: {@code LATCHKEY_ALLOW_PLAIN_HTTP=true}.
 * Nothing else here has a use that a setting without the danger does not serve.
 */
final class UnsafeSettings {

    static final String ALLOW_PLAIN_HTTP = "latchkey.allow-plain-http";

    /** Loggers that print what they handle: values of statements, bytes of connections, headers. */
    private static final List<String> TELLTALES = List.of("org.hibernate.orm.jdbc.bind", "org.hibernate.orm.jdbc.extract",
            "io.netty.handler.logging.LoggingHandler", "io.quarkus.vertx.http", "org.jboss.resteasy.reactive",
            "io.smallrye.jwt", "org.apache.http.wire");
    private static final Set<String> VERBOSE = Set.of("DEBUG", "TRACE", "ALL", "FINE", "FINER", "FINEST", "CONFIG");
    private static final Set<String> HARMLESS_SCHEMA_STRATEGIES = Set.of("none", "validate");
    private static final Pattern SYMMETRIC = Pattern.compile("(?i)HS\\d*|none|A\\d+.*|dir");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]|::1");
    private static final Pattern ANY_FRAME = Pattern.compile("(https?:(//)?)?(\\*(:(\\d+|\\*))?)?");
    private static final Pattern ANY_ORIGIN = Pattern.compile("\\*|/\\^?(https\\?://)?\\.[*+]\\$?/");
    private static final Pattern TRUST_ALL = Pattern
            .compile("(?i)quarkus[._](datasource|tls|oidc|rest[._-]client|mailer)[._].*trust[._-]all");
    private static final Pattern CREDENTIAL_OF_LOG = Pattern.compile(
            "(?i).*(%\\{[ioc],(authorization|x-api-key|x-api-secret|x-csrf-token|(set-)?cookie|(__host-)?latchkey(-frame)?)}|ALL_REQUEST_HEADERS|ALL_RESPONSE_HEADERS).*");

    private final Settings settings;
    private final List<String> reasons = new ArrayList<>();

    UnsafeSettings(Settings settings) {
        this.settings = settings;
    }

    /**
     * Looks at all of them.
     *
     * @param external whether the database is one of the operator's own, hence a service that others rely on
     * @throws StartRefused with every reason, in one line
     */
    void requireNone(boolean external) {
        identity();
        network();
        frames();
        mail();
        database();
        if (external) {
            transport();
            logs();
        }
        if (!reasons.isEmpty()) {
            throw new StartRefused(String.join(" ", reasons));
        }
    }

    private void identity() {
        refuse("mp.jwt.verify.publickey", value -> !value.equals("NONE"),
                "is believed above MP_JWT_VERIFY_PUBLICKEY_LOCATION, and does not follow when the identity provider renews its"
                        + " keys: leave it out.");
        for (String name : List.of("mp.jwt.verify.publickey.algorithm", "smallrye.jwt.verify.algorithm")) {
            refuse(name, value -> Stream.of(value.split(",")).anyMatch(each -> SYMMETRIC.matcher(each.strip()).matches()),
                    "names an algorithm by which whoever verifies tokens can make them, or anyone: use RS256, PS256, ES256 or"
                            + " EdDSA.");
        }
        refuse("smallrye.jwt.verify.secretkey", value -> true,
                "is a key by which whoever verifies tokens can make them: use MP_JWT_VERIFY_PUBLICKEY_LOCATION.");
        refuseTrue("smallrye.jwt.client.tls.trust-all", "takes the identity provider's keys from anyone: leave it out.");
    }

    private void network() {
        refuseTrue("quarkus.http.proxy.proxy-address-forwarding",
                "lets every client choose its address: leave it out and name your proxies in LATCHKEY_TRUSTED_PROXIES.");
        if (settings.get("quarkus.http.cors.enabled").map(Boolean::parseBoolean).orElse(false)
                && settings.get("quarkus.http.cors.access-control-allow-credentials").map(Boolean::parseBoolean)
                        .orElse(false)) {
            refuse("quarkus.http.cors.origins",
                    value -> Stream.of(value.split(",")).anyMatch(each -> ANY_ORIGIN.matcher(each.strip()).matches()),
                    "lets every page of the web act for whoever is signed in: name the origins, or set"
                            + " QUARKUS_HTTP_CORS_ACCESS_CONTROL_ALLOW_CREDENTIALS=false.");
        }
        StreamSupport.stream(settings.config().getPropertyNames().spliterator(), false)
                .filter(name -> TRUST_ALL.matcher(name).matches() || name.equals("quarkus.tls.trust-all")).sorted()
                .filter(name -> settings.get(name).map(Boolean::parseBoolean).orElse(false)).map(UnsafeSettings::shown)
                .distinct()
                .forEach(name -> reasons
                        .add(name + "=true takes any server for the right one: give its certificate authority instead."));
    }

    /** Who frames the panel can lay something over it, and have people click on what they do not see. */
    private void frames() {
        refuse(Settings.FRAME_ANCESTORS, value -> frames(value).anyMatch(ANY_FRAME.asMatchPredicate()),
                "lets every page of the web frame the panel: name the origins, as https://shop.example.");
        if (!allowsPlain()) {
            refuse(Settings.FRAME_ANCESTORS, value -> frames(value).anyMatch(UnsafeSettings::isPlain),
                    "names an origin without TLS: whoever stands between could frame the panel"
                            + " (LATCHKEY_ALLOW_PLAIN_HTTP=true takes it).");
        }
        if (settings.get(Settings.PUBLIC_URL).filter(UnsafeSettings::isPlain).isPresent()) {
            refuse(Settings.FRAME_ANCESTORS, value -> true,
                    "needs an https address in LATCHKEY_PUBLIC_URL: in a frame, browsers keep no cookie of plain http.");
        }
    }

    private static Stream<String> frames(String value) {
        return Stream.of(value.split("[,\\s]+")).filter(source -> !source.isEmpty());
    }

    /** Whatever the database: the password is that of a server which others rely on. */
    private void mail() {
        if (allowsPlain() || settings.get(Settings.MAIL_HOST).filter(host -> !isLoopbackHost(host)).isEmpty()
                || settings.get("quarkus.mailer.tls").map(Boolean::parseBoolean)
                        .orElse(settings.hasAny("quarkus.mailer.tls-configuration-name"))
                || settings.get("quarkus.mailer.start-tls").filter("required"::equalsIgnoreCase).isPresent()) {
            return;
        }
        refuse("quarkus.mailer.password", value -> true,
                "is sent in clear to whoever stands between and hides that the server offers TLS: set"
                        + " QUARKUS_MAILER_START_TLS=REQUIRED, or QUARKUS_MAILER_TLS=true for a port that speaks TLS at once"
                        + " (LATCHKEY_ALLOW_PLAIN_HTTP=true does without).");
    }

    private void database() {
        refuseTrue("quarkus.flyway.clean-at-start", "deletes every key at each start: leave it out.");
        refuse("quarkus.hibernate-orm.schema-management.strategy",
                value -> !HARMLESS_SCHEMA_STRATEGIES.contains(value.toLowerCase(Locale.ROOT)),
                "changes or deletes the tables that the migrations made: leave it out.");
    }

    private void transport() {
        if (allowsPlain()) {
            return;
        }
        refuse(Settings.PUBLIC_URL, value -> isPlain(value) || !isHttps(value) && !isLoopback(value),
                "must be an https address: panel sessions and sign-in codes travel on it"
                        + " (LATCHKEY_ALLOW_PLAIN_HTTP=true takes http).");
        refuse(Settings.PUBLIC_KEY_LOCATION, UnsafeSettings::isPlain,
                "is read without TLS: whoever stands between could give a key of his own, and be anyone"
                        + " (LATCHKEY_ALLOW_PLAIN_HTTP=true takes http).");
    }

    private void logs() {
        refuse("quarkus.log.level", UnsafeSettings::isVerbose,
                "makes libraries print headers and values, hence keys: raise one category at a time.");
        Set<String> looked = new LinkedHashSet<>();
        for (String logger : TELLTALES) {
            for (String name = logger; !name.isEmpty(); name = name.substring(0, Math.max(0, name.lastIndexOf('.')))) {
                looked.add(name);
            }
        }
        for (String logger : looked) {
            refuse("quarkus.log.category.\"" + logger + "\".level", UnsafeSettings::isVerbose,
                    "prints headers and values, hence keys: leave it out.");
        }
        refuseTrue("quarkus.hibernate-orm.log.bind-parameters", "prints the values of statements: leave it out.");
        if (settings.get("quarkus.http.access-log.enabled").map(Boolean::parseBoolean).orElse(false)) {
            refuse("quarkus.http.access-log.pattern",
                    value -> value.equalsIgnoreCase("long") || CREDENTIAL_OF_LOG.matcher(value).matches(),
                    "writes the keys of requests into the log: leave the headers out that hold them.");
        }
    }

    private void refuseTrue(String name, String why) {
        refuse(name, Boolean::parseBoolean, why);
    }

    private void refuse(String name, Predicate<String> unsafe, String why) {
        if (settings.get(name).filter(unsafe).isPresent()) {
            reasons.add(shown(name) + " " + why);
        }
    }

    private boolean allowsPlain() {
        return settings.get(ALLOW_PLAIN_HTTP).map(Boolean::parseBoolean).orElse(false);
    }

    private static boolean isVerbose(String level) {
        return VERBOSE.contains(level.toUpperCase(Locale.ROOT));
    }

    private static boolean isHttps(String url) {
        return url.regionMatches(true, 0, "https://", 0, 8);
    }

    /** Whether it goes to another machine by http. */
    private static boolean isPlain(String url) {
        return url.regionMatches(true, 0, "http://", 0, 7) && !isLoopback(url);
    }

    private static boolean isLoopback(String url) {
        try {
            String host = URI.create(url).getHost();
            return host != null && isLoopbackHost(host);
        } catch (IllegalArgumentException noAddress) {
            return false;
        }
    }

    private static boolean isLoopbackHost(String host) {
        return LOOPBACK.matcher(host).matches();
    }

    /** As an environment variable, which is how nearly everyone sets it. */
    private static String shown(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
