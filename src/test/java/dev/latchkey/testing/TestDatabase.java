package dev.latchkey.testing;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

import dev.latchkey.boot.DataDirectory;
import dev.latchkey.boot.EmbeddedDatabase;
import dev.latchkey.boot.LocalIssuer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import org.jspecify.annotations.Nullable;

/**
 * A real, empty PostgreSQL and random keys for {@code @QuarkusTest}s, which believe {@link Tokens}.
 *
 * <p>
 * Everything is new for each start but the unpacked binaries, which {@code target/test-latchkey} keeps.
 */
public final class TestDatabase implements QuarkusTestResourceLifecycleManager {

    private static final Path DIRECTORY = Path.of("target", "test-latchkey");
    private static final int KEY_BYTES = 32;

    private @Nullable DataDirectory data;
    private @Nullable EmbeddedDatabase database;

    @Override
    public Map<String, String> start() {
        SecureRandom random = new SecureRandom();
        Planted.clear();
        String masterKey = randomKey("m1", random);
        String pepper = randomKey("p1", random);
        Planted.add(masterKey);
        Planted.add(pepper);
        TestDirectory.clear(DIRECTORY);
        DataDirectory opened = DataDirectory.open(DIRECTORY);
        data = opened;
        EmbeddedDatabase started = EmbeddedDatabase.start(opened, random);
        database = started;
        Map<String, String> settings = new HashMap<>(Map.of(
                "quarkus.datasource.reactive.url", started.reactiveUrl(),
                "quarkus.datasource.username", started.username(),
                "quarkus.datasource.password", started.password(),
                "latchkey.master-key", masterKey,
                "latchkey.pepper", pepper,
                "mp.jwt.verify.publickey.location", Tokens.publicKeyLocation(),
                "mp.jwt.verify.issuer", LocalIssuer.NAME,
                "latchkey.public-url", "http://localhost:8081",
                // For the test that waits for its end.
                "latchkey.body-patience", "PT3S"));
        settings.put("latchkey.replica.alone", "true");
        // As the start with an embedded database sets it: the servers of tests are here.
        settings.put("latchkey.egress.allow", "127.0.0.0/8,[::1]");
        // One replica forgets at once what it deletes: nobody has to be waited for.
        settings.putAll(Map.of("latchkey.tenant.deletion-delay", "PT0S", "latchkey.tenant.deletion-every", "1s"));
        // Told when a test asks for it: no entry comes into a log that another test is reading.
        settings.put("latchkey.usage.tell-every", "off");
        settings.put("latchkey.usage.tidy-every", "off");
        settings.put("latchkey.key-expiry.every", "off");
        settings.put("latchkey.credential.test-every", "off");
        // No test waits for it: those who ask a host again say that it is free.
        settings.put("latchkey.credential.host-pause", "PT1M");
        settings.put("latchkey.renewal.every", "off");
        settings.put("latchkey.renewal.look-every", "off");
        // For the tests that wait for a third of it.
        settings.put("latchkey.renewal.lease", "PT15S");
        settings.put("latchkey.proxy.tell-every", "off");
        // For the tests that wait for their ends.
        settings.put("latchkey.proxy.first-byte", "PT1.5S");
        settings.put("latchkey.proxy.idle", "PT2.5S");
        // For the tests that reach them.
        settings.put("latchkey.proxy.at-once-per-organization", "6");
        settings.put("latchkey.proxy.at-once", "10");
        // For the tests of receivers that never answer.
        settings.put("latchkey.webhook.timeout", "PT2S");
        // For the tests that wait for the end of the schedule, and those that fill slots and memory.
        settings.putAll(Map.of("latchkey.webhook.retries", "PT0.2S,PT0.3S", "latchkey.webhook.slots", "64",
                "latchkey.webhook.slots-per-endpoint", "8", "latchkey.webhook.memory", "1M"));
        // Tests wait for what comes with these.
        settings.putAll(Map.of("latchkey.usage.flush-every", "1s", "latchkey.notification.mail-every", "1s"));
        return settings;
    }

    /** A setting of the form {@code id:base64} of 32 random bytes. */
    public static String randomKey(String id, SecureRandom random) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return id + ":" + Base64.getEncoder().encodeToString(key);
    }

    @Override
    public void stop() {
        if (database != null) {
            database.close();
        }
        if (data != null) {
            data.close();
        }
    }
}
