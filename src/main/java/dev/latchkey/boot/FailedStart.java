package dev.latchkey.boot;

import java.util.Set;

import io.quarkus.runtime.PreventFurtherStepsException;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * How a start that fails is told: a known reason in one line on standard error, anything else with its stack trace.
 *
 * <p>
 * Not in the log: it may not be set up yet, and whoever started the process looks at its standard error.
 */
final class FailedStart {

    private static final Logger LOG = Logger.getLogger(FailedStart.class);

    /** What is thrown with a message for people. Features below this package refuse a setting by the third. */
    private static final Set<Class<? extends Throwable>> KNOWN = Set.of(StartRefused.class, PreventFurtherStepsException.class,
            ConfigurationException.class, ConfigValidationException.class, QuarkusBindException.class);

    private FailedStart() {
    }

    static void tell(Throwable failure) {
        String line = known(failure);
        if (line == null) {
            LOG.error("Latchkey does not start", failure);
        } else {
            System.err.println("Latchkey does not start. " + line);
        }
    }

    /** The message of the innermost known cause in one line, or null. */
    static @Nullable String known(Throwable failure) {
        String line = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (KNOWN.contains(cause.getClass())) {
                line = new StartRefused(String.valueOf(cause.getMessage())).getMessage();
            }
        }
        return line;
    }
}
