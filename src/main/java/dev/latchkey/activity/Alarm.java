package dev.latchkey.activity;

import java.util.UUID;

import jakarta.enterprise.event.Event;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jboss.logging.Logger;

/** Tells people that a log is broken, once for each finding: the linker comes by every second. */
@Singleton
class Alarm {

    private static final Logger LOG = Logger.getLogger(Alarm.class);
    private static final int REMEMBERED = 10_000;

    private final Event<ActivityBroken> listeners;
    private final Cache<ActivityBroken, Boolean> told = Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    Alarm(Event<ActivityBroken> listeners) {
        this.listeners = listeners;
    }

    void broken(UUID organization, long position, Flaw flaw) {
        ActivityBroken finding = new ActivityBroken(organization, position, flaw);
        if (told.asMap().putIfAbsent(finding, true) != null) {
            return;
        }
        LOG.errorf("the activity log is broken: org=%s position=%d reason=%s", organization, position, flaw.code());
        try {
            listeners.fire(finding);
        } catch (RuntimeException fault) {
            // Whoever listens must not keep a verification from answering.
            LOG.errorf(fault, "a listener failed: org=%s", organization);
        }
    }
}
