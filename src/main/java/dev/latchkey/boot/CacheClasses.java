package dev.latchkey.boot;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What Caffeine finds by its name, since it makes a class for each combination of features: a native executable has only those
 * that are named here. Quarkus names some by itself. {@code NativeSourcesIT} compares them with what the tests have used.
 *
 * <p>
 * Caches: {@code SSMS} of some size, {@code SSMSA} forgetting what is not read, {@code SSMSW} what is not written, {@code SSMW}
 * of some weight. Their entries likewise.
 */
@RegisterForReflection(classNames = { "com.github.benmanes.caffeine.cache.SSMS", "com.github.benmanes.caffeine.cache.SSMSA",
        "com.github.benmanes.caffeine.cache.SSMSW", "com.github.benmanes.caffeine.cache.SSMW",
        "com.github.benmanes.caffeine.cache.PSMS", "com.github.benmanes.caffeine.cache.PSAMS",
        "com.github.benmanes.caffeine.cache.PSWMS", "com.github.benmanes.caffeine.cache.PSMW" })
final class CacheClasses {

    private CacheClasses() {
    }
}
