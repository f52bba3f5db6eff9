package dev.latchkey.credential;

import java.time.Duration;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Calls for the operator when what was sealed does not open: once an hour for each thing, however often it is tried. */
@Singleton
class SealAlarm {

    private static final Logger LOG = Logger.getLogger(SealAlarm.class);
    private static final int MOST = 10_000;

    private final Cache<UUID, Boolean> told = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(Duration.ofHours(1))
            .build();

    void noDataKey(UUID organization, @Nullable String cause) {
        if (isNew(organization)) {
            LOG.errorf("the data key of an organization does not open: it is missing, was altered, or its master key is not in "
                    + "the ring: org=%s cause=%s", organization, cause);
        }
    }

    void broken(UUID organization, UUID credential, @Nullable String cause) {
        if (isNew(credential)) {
            LOG.errorf("a secret of a credential does not open, it is missing, was altered or moved: org=%s credentialId=%s "
                    + "cause=%s", organization, credential, cause);
        }
    }

    private boolean isNew(UUID about) {
        return told.asMap().putIfAbsent(about, Boolean.TRUE) == null;
    }
}
