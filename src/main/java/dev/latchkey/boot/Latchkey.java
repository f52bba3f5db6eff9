package dev.latchkey.boot;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import dev.latchkey.panel.PanelLinks;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.ImageMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.vertx.VertxContextSupport;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Where Latchkey starts: checks, the embedded database where no other is configured, then Quarkus.
 *
 * <p>
 * A live reload of {@code quarkus:dev} runs {@link #main} again in a new class loader of the same process. The database
 * of the first run goes on meanwhile, so all that the runs share is told in system properties.
 */
@QuarkusMain
public final class Latchkey {

    /** {@code running} while Quarkus does, in whichever class loader; {@code stopped} in between and after. */
    private static final String STATE = "latchkey.boot.state";
    private static final String RUNNING = "running";
    private static final String STOPPED = "stopped";
    private static final Duration DATABASE_PATIENCE = Duration.ofSeconds(15);
    /** Longer than Quarkus takes to stop; PostgreSQL then ends whatever still hangs. */
    private static final Duration QUARKUS_PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 20;
    /**
     * A native executable carries no PostgreSQL. Decided when it is built, so that what unpacks and runs one is left out of
     * it.
     */
    private static final boolean CARRIES_DATABASE = ImageMode.current() == ImageMode.JVM;

    Latchkey() {
    }

    /** Starts Latchkey and returns when it has ended. */
    public static void main(String... args) {
        // RequestRules looks at addresses itself and says what is wrong; Quarkus would answer with a bare status.
        System.setProperty("vertx.disableURIValidation", "true");
        if (System.getProperty(STATE) == null) {
            try {
                prepare(Settings.ofAllSources());
            } catch (RuntimeException e) {
                FailedStart.tell(e);
                System.exit(1);
            }
        }
        System.setProperty(STATE, RUNNING);
        Quarkus.run(Serving.class, Latchkey::ended, args);
        System.setProperty(STATE, STOPPED);
    }

    private static void prepare(Settings settings) {
        StartupChecks checks = new StartupChecks(settings);
        checks.requireDatabaseUrl(CARRIES_DATABASE);
        checks.requireFreePort();
        checks.requireSenderOfMails();
        checks.requireReadableEgressAllow();
        boolean external = settings.hasAny(Settings.DATABASE_URL);
        new UnsafeSettings(settings).requireNone(external);
        if (external) {
            checks.requireSettingsOfAnExternalDatabase();
            checks.requirePlainUrl();
            System.setProperty(Serving.WARNINGS,
                    String.join("\n", new ExternalDatabase(settings, DATABASE_PATIENCE).requireUsable().warnings()));
        } else if (CARRIES_DATABASE) {
            EmbeddedDatabase database = new EmbeddedStart(settings, new SecureRandom(), InstantSource.system()).start();
            System.setProperty(Serving.EMBEDDED, "true");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAfterQuarkus(database), "embedded-postgres-stop"));
        }
    }

    /** All shutdown hooks run at once, and the one of Quarkus still writes: this one waits for it. */
    private static void stopAfterQuarkus(EmbeddedDatabase database) {
        long begin = System.nanoTime();
        try {
            while (RUNNING.equals(System.getProperty(STATE)) && System.nanoTime() - begin < QUARKUS_PATIENCE.toNanos()) {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        database.close();
    }

    /** Quarkus calls this in place of its own handler, after it has stopped and before the process exits. */
    private static void ended(Integer exitCode, @Nullable Throwable failure) {
        if (failure != null) {
            FailedStart.tell(failure);
        }
        System.setProperty(STATE, STOPPED);
        ApplicationLifecycleManager.getDefaultExitCodeHandler().accept(exitCode, failure);
    }

    /** Says where Latchkey is when HTTP is up, and waits for the end. */
    @ApplicationScoped
    @Unremovable
    public static class Serving implements QuarkusApplication {

        private static final String AUDIENCES = "mp.jwt.verify.audiences";
        static final String EMBEDDED = "latchkey.boot.embedded";
        /** Lines to be logged when there is a log. */
        static final String WARNINGS = "latchkey.boot.warnings";

        private static final Duration LINK_PATIENCE = Duration.ofSeconds(2);
        private static final Logger LOG = Logger.getLogger(Latchkey.class);

        private final Config config;
        private final PanelLinks links;
        /** Held while the link is made, and from the stop on. */
        private final Semaphore door = new Semaphore(1);
        private volatile boolean stopping;

        Serving(Config config, PanelLinks links) {
            this.config = config;
            this.links = links;
        }

        @Override
        public int run(String... args) {
            if (Boolean.getBoolean(EMBEDDED)) {
                Welcome welcome = Welcome.of(config);
                LOG.info(welcome.text());
                if (welcome.hasOwner()) {
                    letIn();
                }
            } else if (config.getOptionalValue(AUDIENCES, String.class).isEmpty()) {
                LOG.warn("MP_JWT_VERIFY_AUDIENCES is not set: tokens that the identity provider issues for other applications"
                        + " are believed, too, if they name a role");
            }
            System.getProperty(WARNINGS, "").lines().forEach(LOG::warn);
            Quarkus.waitForExit();
            return 0;
        }

        /**
         * Lets the link be made that is being made: a transaction that is cut off is told as an error by what it runs on, and
         * whoever stops right after the start has met none. Blocks the thread that stops the application.
         */
        void stop(@Observes ShutdownEvent event) {
            stopping = true;
            try {
                if (!door.tryAcquire(LINK_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    LOG.info("stopped before there was a sign-in link");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** Past the log, and no reason to end: there is the token, too. */
        private void letIn() {
            if (!door.tryAcquire()) {
                return; // It stops already.
            }
            try {
                System.out.println(Welcome.signIn(
                        VertxContextSupport.subscribeAndAwait(() -> links.issueAtStart(LocalIssuer.OWNER)).url()));
            } catch (Throwable fault) {
                if (!stopping) {
                    LOG.warnf("no sign-in link can be made; the token signs in, too: cause=%s", fault);
                }
            } finally {
                door.release();
            }
        }
    }
}
