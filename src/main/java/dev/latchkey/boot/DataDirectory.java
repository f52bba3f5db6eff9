package dev.latchkey.boot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The directory named by {@code LATCHKEY_DATA_DIR}, held by one process at a time.
 *
 * <p>
 * The lock is the operating system's (on the file {@code lock}), so that it ends with its holder however that dies; the
 * pid inside is only for the message that the next one gets. The file is never deleted: two processes could otherwise
 * lock two files of the same name.
 */
public final class DataDirectory implements AutoCloseable {

    /** Mode 0600. */
    static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path path;
    private final FileChannel lock;

    private DataDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Creates the directory (mode 0700) where it is missing, and takes its lock.
     *
     * @throws StartRefused where it is not a writable directory, or another process holds it
     */
    public static DataDirectory open(Path directory) {
        Path path = directory.toAbsolutePath().normalize();
        try {
            Files.createDirectories(path, OWNER_ONLY_DIRECTORY);
        } catch (FileAlreadyExistsException e) {
            throw new StartRefused("The data directory " + path + " is not a directory: move that file away or set"
                    + " LATCHKEY_DATA_DIR to another place.", e);
        } catch (IOException e) {
            throw unusable(path, e);
        }
        try {
            Path real = path.toRealPath();
            return new DataDirectory(real, lock(real));
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        Path file = path.resolve("lock");
        FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNER_ONLY);
        if (!isTaken(channel)) {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
            return channel;
        }
        channel.close();
        throw new StartRefused("The data directory " + path + " is in use by the process " + Files.readString(file).strip()
                + ": stop that one, or set LATCHKEY_DATA_DIR to another directory.");
    }

    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            FileLock held = channel.tryLock();
            return held == null;
        } catch (OverlappingFileLockException e) {
            return true;
        }
    }

    private static StartRefused unusable(Path path, IOException e) {
        return new StartRefused("The data directory " + path + " cannot be used (" + reason(e)
                + "): make it writable for this user, or set LATCHKEY_DATA_DIR to another directory.", e);
    }

    /** The short form of an I/O failure: what, at which file. */
    static String reason(IOException e) {
        return e.getClass().getSimpleName().replace("Exception", "") + ": " + e.getMessage();
    }

    /** Where the directory is, without symbolic links. */
    public Path path() {
        return path;
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    /** Whether a database was created here before, whatever became of it. */
    boolean hasDatabase() {
        return Files.exists(resolve(Cluster.DIRECTORY));
    }

    /**
     * Writes a file that only its owner may read, from its first byte on; a crash leaves the old file or the new one.
     *
     * @param name relative to the directory
     */
    void writePrivate(String name, String content) {
        Path target = resolve(name);
        Path fresh = target.resolveSibling(target.getFileName() + ".new");
        try {
            Files.deleteIfExists(fresh);
            try (FileChannel channel = FileChannel.open(fresh,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
                ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            moveDurably(fresh, target);
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    /** Renames within the directory; when this returns, the new name survives a loss of power. */
    static void moveDurably(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        Path parent = to.getParent();
        if (parent != null) {
            try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }

    /** The content without surrounding white space, or null where there is no such file. */
    @Nullable
    String read(String name) {
        Path file = resolve(name);
        try {
            return Files.exists(file) ? Files.readString(file).strip() : null;
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    /** Makes a directory (mode 0700) of that name, empty: what an interrupted start left under it goes. */
    Path emptyDirectory(String name) {
        Path directory = resolve(name);
        try {
            delete(directory);
            return Files.createDirectory(directory, OWNER_ONLY_DIRECTORY);
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    /** Makes a directory (mode 0700) of that name where it is missing. */
    void directory(String name) {
        try {
            Files.createDirectories(resolve(name), OWNER_ONLY_DIRECTORY);
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> tree = Files.walk(directory)) {
            deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : deepestFirst) {
            Files.delete(each);
        }
    }

    /** Gives the directory up to the next process. */
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }
}
