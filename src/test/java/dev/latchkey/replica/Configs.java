package dev.latchkey.replica;

import io.smallrye.config.SmallRyeConfigBuilder;

/** The configuration of replicas as it is without settings. */
public final class Configs {

    private Configs() {
    }

    public static ReplicaConfig defaults() {
        return new SmallRyeConfigBuilder().addDiscoveredConverters().withMapping(ReplicaConfig.class).build()
                .getConfigMapping(ReplicaConfig.class);
    }
}
