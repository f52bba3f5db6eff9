package dev.latchkey.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;

import org.jboss.logging.Logger;

/**
 * PostgreSQL's files ({@code <data>/postgres}) and the password of the one role that may connect to them.
 *
 * <p>
 * A cluster is made under another name and renamed when it is complete, so that one that exists is whole, and an
 * interrupted start leaves only rubbish that the next one removes. The password is written before the rename: a cluster
 * without its password cannot come about by a crash. Nobody passes by trust: the superuser has no password and so cannot
 * connect at all, the role {@code latchkey} may create databases but is no superuser.
 *
 * @param directory the cluster's files
 * @param password of the role {@value #ROLE}
 */
record Cluster(Path directory, String password) {

    static final String DIRECTORY = "postgres";
    static final String PASSWORD_FILE = "postgres.password";
    static final String ROLE = "latchkey";
    static final String DATABASE = "latchkey";

    private static final Logger LOG = Logger.getLogger(Cluster.class);
    private static final int PASSWORD_BYTES = 32;
    private static final String WHO_MAY_CONNECT = """
            # Written by Latchkey. Only by password, only from this machine.
            # TYPE  DATABASE  USER  ADDRESS       METHOD
            host    all       all   127.0.0.1/32  scram-sha-256
            host    all       all   ::1/128       scram-sha-256
            """;

    static Cluster in(DataDirectory data, PostgresBinaries binaries, SecureRandom random) {
        if (!data.hasDatabase()) {
            return create(data, binaries, random);
        }
        String password = data.read(PASSWORD_FILE);
        if (password == null || password.isEmpty()) {
            throw new StartRefused("The database " + data.resolve(DIRECTORY) + " exists but its password file "
                    + data.resolve(PASSWORD_FILE) + " does not: restore that file from a backup, or move the database away"
                    + " to begin with an empty one.");
        }
        return new Cluster(data.resolve(DIRECTORY), password);
    }

    private static Cluster create(DataDirectory data, PostgresBinaries binaries, SecureRandom random) {
        LOG.infof("Creating a database in %s", data.resolve(DIRECTORY));
        Path fresh = data.emptyDirectory(DIRECTORY + ".new");
        String password = randomPassword(random);
        initialize(binaries, fresh);
        createRoleAndDatabase(binaries, fresh, password);
        try {
            Files.writeString(fresh.resolve("pg_hba.conf"), WHO_MAY_CONNECT);
            data.writePrivate(PASSWORD_FILE, password + "\n");
            DataDirectory.moveDurably(fresh, data.resolve(DIRECTORY));
        } catch (IOException e) {
            throw failed(fresh, DataDirectory.reason(e));
        }
        return new Cluster(data.resolve(DIRECTORY), password);
    }

    private static String randomPassword(SecureRandom random) {
        byte[] bytes = new byte[PASSWORD_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The collation is PostgreSQL's own ("builtin"), which no update of the system's libraries changes under the indexes. */
    private static void initialize(PostgresBinaries binaries, Path directory) {
        requireSuccess(directory, binaries.run("initdb", List.of(
                "--pgdata=" + directory, "--username=postgres", "--auth=reject", "--encoding=UTF8",
                "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
                "--no-instructions"), ""));
    }

    /** In single-user mode, where no port is open yet; the password goes by standard input, which no process list shows. */
    private static void createRoleAndDatabase(PostgresBinaries binaries, Path directory, String password) {
        String statements = String.join(";\n\n",
                "CREATE ROLE " + ROLE + " LOGIN CREATEDB PASSWORD '" + password + "'",
                "CREATE DATABASE " + DATABASE + " OWNER " + ROLE,
                "");
        requireSuccess(directory, binaries.run("postgres", List.of(
                "--single", "-j", "-D", directory.toString(), "-c", "exit_on_error=on",
                "-c", "password_encryption=scram-sha-256", "-c", "log_min_error_statement=panic", "postgres"), statements));
    }

    private static void requireSuccess(Path directory, PostgresBinaries.Outcome outcome) {
        if (outcome.exitCode() != 0) {
            throw failed(directory, PostgresLog.complaint(outcome.output()));
        }
    }

    private static StartRefused failed(Path directory, String reason) {
        return new StartRefused("The database could not be created in " + directory + ": " + reason
                + ". Mend that, or set LATCHKEY_DATA_DIR to another directory.");
    }

    @Override
    public String toString() {
        return "Cluster[" + directory + ", ***]";
    }
}
