package dev.latchkey.key;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;

import io.quarkus.runtime.configuration.MemorySize;

/** Verification with little memory, as tests want it. */
class SmallMemory implements KeyConfig {

    private final long bytes;

    SmallMemory() {
        this(1 << 20);
    }

    SmallMemory(long bytes) {
        this.bytes = bytes;
    }

    @Override
    public Optional<MemorySize> memory() {
        return Optional.of(new MemorySize(BigInteger.valueOf(bytes)));
    }

    @Override
    public long maxUnknown() {
        return 100;
    }

    @Override
    public Duration maxUnknownAge() {
        return Duration.ofMinutes(1);
    }

    @Override
    public int unknownRate() {
        return 20;
    }

    @Override
    public int maxReads() {
        return 50;
    }

    @Override
    public int maxUnleasedReads() {
        return 2;
    }
}
