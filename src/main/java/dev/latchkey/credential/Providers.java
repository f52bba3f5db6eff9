package dev.latchkey.credential;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import dev.latchkey.web.NearNames;
import dev.latchkey.web.ProblemException;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * The services that are known: those of {@code providers/*.yaml}, and what the operator's directory adds or puts in their
 * place. Read once, at the start, which a bad file stops.
 */
@Startup
@Singleton
public class Providers {

    private static final String BUILT_IN = "providers/";
    private static final String INDEX = BUILT_IN + "index.txt";
    private static final String SETTING = "LATCHKEY_PROVIDERS_DIR: ";
    /** Of files in a directory: more is another directory than was meant. */
    private static final int MAX_FILES = 1000;

    private final List<Provider> all;
    private final Map<String, Provider> byKey = new HashMap<>();

    @Inject
    Providers(ProviderConfig config) {
        this(config.providersDir().orElse(null));
    }

    /** @throws ConfigurationException with one line that names the setting, the file, its line and field */
    Providers(@Nullable String directory) {
        builtIn().forEach(provider -> byKey.put(provider.key(), provider));
        if (directory != null && !directory.isBlank()) {
            operators(directory.strip()).forEach(provider -> byKey.put(provider.key(), provider));
        }
        all = byKey.values().stream().sorted(
                Comparator.comparing((Provider provider) -> provider.name().toLowerCase(Locale.ROOT))
                        .thenComparing(Provider::key))
                .toList();
    }

    /** By name. */
    public List<Provider> all() {
        return all;
    }

    /** The one of that key. */
    public Optional<Provider> find(String key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /**
     * The one of that key.
     *
     * @throws ProblemException 422 for the field {@code provider}, with near names
     */
    public Provider get(String key) {
        Provider provider = byKey.get(key);
        if (provider == null) {
            throw ProblemException.invalid("provider", "is not a known provider" + NearNames.of(key, byKey.keySet()));
        }
        return provider;
    }

    /** By an index, since the files of a class path, and of a native executable, cannot be listed. */
    private static List<Provider> builtIn() {
        return new String(resource(INDEX), StandardCharsets.UTF_8).lines().map(key -> {
            try {
                return ProviderReader.read(resource(BUILT_IN + key + ".yaml"));
            } catch (ProviderFault fault) {
                throw new IllegalStateException(BUILT_IN + key + ".yaml, " + fault.getMessage(), fault);
            }
        }).toList();
    }

    private static byte[] resource(String name) {
        ClassLoader loader = requireNonNull(Providers.class.getClassLoader(), "class loader");
        try (InputStream stream = requireNonNull(loader.getResourceAsStream(name), name)) {
            return stream.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(name, unreadable);
        }
    }

    private static List<Provider> operators(String directory) {
        Map<String, Path> files = new HashMap<>();
        List<Provider> providers = new ArrayList<>();
        for (Path file : filesOf(directory)) {
            Provider provider = read(file);
            Path other = files.put(provider.key(), file);
            if (other != null) {
                throw new ConfigurationException(SETTING + file + " has the key " + provider.key() + ", as has " + other
                        + "; keep one of them");
            }
            providers.add(provider);
        }
        return providers;
    }

    /** Sorted, so that the same fault is told first on every replica. */
    private static List<Path> filesOf(String directory) {
        try (Stream<Path> files = Files.list(Path.of(directory))) {
            List<Path> found = files.filter(file -> isProvider(file.getFileName().toString())).limit(MAX_FILES + 1L).sorted()
                    .toList();
            if (found.size() > MAX_FILES) {
                throw new ConfigurationException(SETTING + directory + " holds more than " + MAX_FILES + " files");
            }
            return found;
        } catch (IOException | InvalidPathException unreadable) {
            throw new ConfigurationException(SETTING + "'" + directory + "' is no directory that can be read");
        }
    }

    /** What begins with a dot is an editor's, or Kubernetes' own copy of what it mounts. */
    private static boolean isProvider(String name) {
        return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml"));
    }

    private static Provider read(Path file) {
        try {
            if (Files.size(file) > ProviderReader.MAX_BYTES) {
                throw new ProviderFault(1, "", "is larger than " + ProviderReader.MAX_BYTES / 1024 + " KiB");
            }
            return ProviderReader.read(Files.readAllBytes(file));
        } catch (ProviderFault fault) {
            throw new ConfigurationException(SETTING + file + ", " + fault.getMessage());
        } catch (IOException unreadable) {
            throw new ConfigurationException(SETTING + file + " cannot be read");
        }
    }
}
