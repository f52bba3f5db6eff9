package dev.latchkey.boot;

import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduler;

/**
 * Lets the scheduled jobs begin when all that may refuse the start has passed. A job of a process that is about to end would
 * fail for want of what is closed already, and drown the one line that says why.
 */
@Singleton
final class JobStart {

    private static final int LAST = 10_000;

    private final Scheduler scheduler;

    JobStart(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    void begin(@Observes @Priority(LAST) StartupEvent started) {
        scheduler.resume();
    }
}
