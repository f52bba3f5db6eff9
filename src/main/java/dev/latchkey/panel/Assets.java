package dev.latchkey.panel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import io.quarkus.runtime.LaunchMode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/**
 * Files of the front end as they are sent: read from the class path when first asked for, compressed once at the best level,
 * and held in memory, which takes some megabytes. Quarkus would compress what it serves anew for each request, and look at
 * every answer of the API whether to. In development the files change and are not on the class path: there it serves them.
 */
@Singleton
class Assets {

    private static final String ROOT = "META-INF/resources";
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_@][A-Za-z0-9_@.-]*)+");
    private static final Map<String, String> TYPES = Map.ofEntries(Map.entry("html", "text/html;charset=UTF-8"),
            Map.entry("js", "text/javascript;charset=UTF-8"), Map.entry("css", "text/css;charset=UTF-8"),
            Map.entry("svg", "image/svg+xml"), Map.entry("json", "application/json"), Map.entry("map", "application/json"),
            Map.entry("webmanifest", "application/manifest+json"), Map.entry("txt", "text/plain;charset=UTF-8"),
            Map.entry("woff2", "font/woff2"), Map.entry("png", "image/png"), Map.entry("ico", "image/x-icon"));
    /** They are compressed already. */
    private static final Set<String> DENSE = Set.of("woff2", "png", "ico");

    private final Map<String, Asset> files = new ConcurrentHashMap<>();
    private final boolean inMemory;

    @Inject
    Assets() {
        this(LaunchMode.current() != LaunchMode.DEVELOPMENT);
    }

    Assets(boolean inMemory) {
        this.inMemory = inMemory;
    }

    /**
     * @param gzip null where that is no smaller
     * @param tag names this content, whatever it is compressed with
     */
    record Asset(byte[] plain, byte @Nullable [] gzip, String type, String tag) {

        static Asset of(byte[] plain, String extension) {
            byte[] gzip = DENSE.contains(extension) ? null : gzip(plain);
            return new Asset(plain, gzip == null || gzip.length >= plain.length ? null : gzip,
                    TYPES.getOrDefault(extension, "application/octet-stream"), "W/\"" + UUID.nameUUIDFromBytes(plain) + "\"");
        }

        private static byte[] gzip(byte[] plain) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(bytes) {
                {
                    def.setLevel(Deflater.BEST_COMPRESSION);
                }
            }) {
                gzip.write(plain);
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
            return bytes.toByteArray();
        }
    }

    /** The file of that path; empty where there is none, or someone else serves it. */
    Future<Optional<Asset>> find(String path, Vertx vertx) {
        String extension = path.substring(path.lastIndexOf('.') + 1);
        Asset known = files.get(path);
        if (known != null || !inMemory || !TYPES.containsKey(extension) || !PATH.matcher(path).matches()) {
            return Future.succeededFuture(Optional.ofNullable(known));
        }
        // Reading and compressing takes tens of milliseconds, once. What is not there is not remembered: there is no end of it.
        return vertx.executeBlocking(() -> Optional.ofNullable(read(path, extension)), false);
    }

    private @Nullable Asset read(String path, String extension) throws IOException {
        try (InputStream file = Assets.class.getClassLoader().getResourceAsStream(ROOT + path)) {
            if (file == null) {
                return null;
            }
            return files.computeIfAbsent(path, first -> {
                try {
                    return Asset.of(file.readAllBytes(), extension);
                } catch (IOException fault) {
                    throw new UncheckedIOException(fault);
                }
            });
        }
    }
}
