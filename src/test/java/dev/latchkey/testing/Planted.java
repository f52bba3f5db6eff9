package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The secrets that tests made and the problems that they were answered with, for a search at the end of the suite. In files,
 * since the class loaders of tests and application each have this class.
 */
public final class Planted {

    private static final Path DIRECTORY = Path.of("target", "planted");
    private static final Path SECRETS = DIRECTORY.resolve("secrets");
    private static final Path PROBLEMS = DIRECTORY.resolve("problems");
    private static final Pattern SECRET = Pattern
            .compile(
                    "[a-z][a-z0-9_]{0,15}_(?:live|test|secret)_[0-9A-Za-z]{38,}|eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+|whsec_[\\w+/=-]{16,}"
                            + "|latchkey_(?:link|session)_[\\w-]{59}");
    /** Shorter ones turn up by chance. */
    private static final int MIN_CHARACTERS = 16;
    private static final Set<String> KNOWN = new HashSet<>();

    private Planted() {
    }

    /** Forgets the former run. */
    static synchronized void clear() {
        try {
            Files.createDirectories(DIRECTORY);
            Files.writeString(SECRETS, "");
            Files.writeString(PROBLEMS, "");
            KNOWN.clear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static synchronized void add(String secret) {
        if (secret.length() >= MIN_CHARACTERS && !secret.contains("\n") && KNOWN.add(secret)) {
            append(SECRETS, secret);
        }
    }

    /** Adds whatever in a text is a key, a token or a signing secret. */
    public static void addFrom(String text) {
        SECRET.matcher(text).results().forEach(found -> add(found.group()));
    }

    /** Keeps the body of a problem. */
    public static synchronized void problem(String body) {
        append(PROBLEMS, body);
    }

    public static List<String> secrets() {
        return read(SECRETS).lines().distinct().toList();
    }

    public static String problems() {
        return read(PROBLEMS);
    }

    private static void append(Path file, String line) {
        try {
            Files.createDirectories(DIRECTORY);
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
