package dev.latchkey.boot;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * The PostgreSQL that Latchkey brings along: unpacked, created, started, kept alive and stopped by Latchkey itself.
 *
 * <p>
 * Blocks while it starts (seconds the first time) and while it stops: called before and after Quarkus runs, never within.
 */
public final class EmbeddedDatabase implements AutoCloseable {

    /**
     * Below the ports that Linux gives to outgoing connections (32768 and above): while PostgreSQL is away, a connection
     * pool that dials its port again and again could otherwise be given that very port for itself, and keep it.
     */
    private static final int LOWEST_PORT = 20_000;
    private static final int HIGHEST_PORT = 32_767;
    private static final int PORTS_TRIED = 100;

    private final DataDirectory data;
    private final boolean ownsData;
    private final Cluster cluster;
    private final Postmaster postmaster;

    private EmbeddedDatabase(DataDirectory data, boolean ownsData, Cluster cluster, Postmaster postmaster) {
        this.data = data;
        this.ownsData = ownsData;
        this.cluster = cluster;
        this.postmaster = postmaster;
    }

    /**
     * Starts the database of that directory, creating both where they are missing, and holds the directory until closed.
     *
     * @throws StartRefused where that is not possible, with the reason and what to do
     */
    public static EmbeddedDatabase start(Path dataDirectory) {
        DataDirectory data = DataDirectory.open(dataDirectory);
        try {
            return start(data, true, new SecureRandom());
        } catch (RuntimeException e) {
            data.close();
            throw e;
        }
    }

    /** The same in a directory that the caller holds, and gives up after this was closed. */
    public static EmbeddedDatabase start(DataDirectory data, SecureRandom random) {
        return start(data, false, random);
    }

    private static EmbeddedDatabase start(DataDirectory data, boolean ownsData, SecureRandom random) {
        PostgresBinaries binaries = PostgresBinaries.unpackedIn(data);
        Cluster cluster = Cluster.in(data, binaries, random);
        Orphan.stopIn(cluster, binaries);
        PostgresLog log = new PostgresLog(data.resolve("postgres.log"));
        Postmaster postmaster = new Postmaster(binaries, cluster, log, freePort(random));
        postmaster.start();
        return new EmbeddedDatabase(data, ownsData, cluster, postmaster);
    }

    private static int freePort(SecureRandom random) {
        for (int i = 0; i < PORTS_TRIED; i++) {
            int port = LOWEST_PORT + random.nextInt(HIGHEST_PORT - LOWEST_PORT + 1);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken: the next one.
            }
        }
        throw new StartRefused("No free port for the embedded PostgreSQL between " + LOWEST_PORT + " and " + HIGHEST_PORT
                + ": free one, or set QUARKUS_DATASOURCE_REACTIVE_URL to a PostgreSQL of your own.");
    }

    /** {@code postgresql://127.0.0.1:port/latchkey}, the same for as long as this runs. */
    public String reactiveUrl() {
        return postmaster.url();
    }

    public String username() {
        return Cluster.ROLE;
    }

    /** Secret. */
    public String password() {
        return cluster.password();
    }

    /** The process of the postmaster; another one after it ended by itself. */
    public long pid() {
        return postmaster.pid();
    }

    /** Stops PostgreSQL and waits until it has ended. */
    @Override
    public void close() {
        postmaster.close();
        if (ownsData) {
            data.close();
        }
    }
}
