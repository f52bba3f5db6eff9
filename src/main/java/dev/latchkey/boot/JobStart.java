package dev.latchkey.boot;

import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduler;

/**
 * Lets the scheduled jobs begin when all that may refuse the start has passed. A job of a process that is about to end would
 * fail for want of what is closed already, and drown the one line that says why. At the stop none is begun any more before
 * anything is closed, for the same reason.
 */
@Singleton
final class JobStart {

    private static final int FIRST = 1;
    private static final int LAST = 10_000;

    private final Scheduler scheduler;

    JobStart(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    void begin(@Observes @Priority(LAST) StartupEvent started) {
        scheduler.resume();
    }

    void end(@Observes @Priority(FIRST) ShutdownEvent stopping) {
        scheduler.pause();
    }
}
