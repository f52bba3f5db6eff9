package dev.latchkey.bench;

import java.io.IOException;
import java.io.StringReader;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.crypto.KeyRing;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.key.DrawnTokens;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.Importing;
import dev.latchkey.testing.TestDatabase;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * Keys that are written into the tables directly, since a hundred thousand creations by the API would take minutes: 20
 * characters of name, three scopes, all stores, over some organizations.
 */
final class Keys {

    private static final int ORGANIZATIONS = 100;
    private static final String PEPPER_ID = "b1";
    private static final int BATCH = 10_000;
    private static final String SCOPES = "{orders:read,orders:write,products:read}";

    private static final SecureRandom RANDOM = new SecureRandom();

    private final String pepper;
    private final Peppers peppers;
    private final Database database;
    private final List<UUID> organizations = new ArrayList<>();

    /** What keys are limited to. */
    record Limit(String source, String requests, String windowSeconds) {

        static final Limit NONE = new Limit("unlimited", "\\N", "\\N");
        /** As organizations have it: 100 in 15 minutes. */
        static final Limit DEFAULT = new Limit("organization", "\\N", "\\N");

        static Limit of(int requests, int windowSeconds) {
            return new Limit("key", Integer.toString(requests), Integer.toString(windowSeconds));
        }
    }

    Keys(Database database) throws SQLException, IOException {
        this.database = database;
        this.pepper = TestDatabase.randomKey(PEPPER_ID, RANDOM);
        this.peppers = new Peppers(KeyRing.parse("LATCHKEY_PEPPER", pepper));
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < ORGANIZATIONS; i++) {
            UUID id = UuidCreator.getTimeOrderedEpoch();
            organizations.add(id);
            rows.append(id).append("\tbench-").append(i).append("\tBench ").append(i).append('\n');
        }
        copy("organization (id, key, name)", rows);
    }

    /** The setting without which no process believes these keys. */
    String pepper() {
        return pepper;
    }

    /** A key of the platform's gateway, which may ask about every other one. */
    String insertCaller() throws SQLException, IOException {
        return insert(1, Limit.NONE, "{keys:verify-any}").get(0);
    }

    /** A key of the first organization that lists keys. */
    String insertReader() throws SQLException, IOException {
        return insertReaders(1).get(0);
    }

    /** One of each of the first organizations. */
    List<String> insertReaders(int count) throws SQLException, IOException {
        return insert(count, Limit.NONE, "{keys:read}");
    }

    List<String> insert(int count, Limit limit) throws SQLException, IOException {
        return insert(count, limit, SCOPES);
    }

    /** With the names, descriptions and expiries of {@link Importing#row}, of one organization. */
    void insertVaried(int count) throws SQLException, IOException {
        insert(count, Limit.DEFAULT, SCOPES, true);
    }

    private List<String> insert(int count, Limit limit, String scopes) throws SQLException, IOException {
        return insert(count, limit, scopes, false);
    }

    private List<String> insert(int count, Limit limit, String scopes, boolean varied) throws SQLException, IOException {
        List<String> tokens = new ArrayList<>(count);
        StringBuilder keys = new StringBuilder();
        StringBuilder material = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String token = DrawnTokens.draw(RANDOM);
            UUID id = UuidCreator.getTimeOrderedEpoch();
            keys.append(id).append('\t').append(organizations.get(varied ? 0 : i % ORGANIZATIONS)).append('\t')
                    .append(varied ? Importing.name(i) : "ERP order sync " + String.format("%05d", i % 100_000)).append('\t')
                    .append(varied ? Importing.description(i) : "\\N").append('\t')
                    .append(varied ? Importing.expiresAt(i) : "\\N").append("\tt\tlive\t")
                    .append(scopes).append("\tt\t").append(limit.source()).append('\t').append(limit.requests()).append('\t')
                    .append(limit.windowSeconds()).append("\t{}\t{}\tperson\tana\tana\tnow\tnow\n");
            material.append(UuidCreator.getTimeOrderedEpoch()).append('\t').append(id).append("\t\\\\x")
                    .append(digest(token)).append('\t').append(PEPPER_ID).append('\t').append(token, 0, 12)
                    .append("\tcurrent\tnow\n");
            tokens.add(token);
            if (tokens.size() % BATCH == 0 || tokens.size() == count) {
                copy("api_key (id, organization_id, name, description, expires_at, active, environment, scopes, all_stores, limit_source, rate_limit, "
                        + "rate_window_seconds, ip_allow_list, metadata, created_by_type, created_by_id, created_by_name, "
                        + "created_at, updated_at)", keys);
                copy("key_material (id, key_id, digest, pepper_id, start, state, created_at)", material);
                keys.setLength(0);
                material.setLength(0);
            }
        }
        Postgres.execute(database, "vacuum analyze api_key", "vacuum analyze key_material");
        return tokens;
    }

    /** What is stored of a token, in hexadecimal digits. */
    String digest(String token) {
        return HexFormat.of().formatHex(peppers.digest(Peppers.fingerprint(token)).bytes());
    }

    /** Tokens in perfect form that nobody has. */
    static List<String> unknown(int count) {
        List<String> tokens = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tokens.add(DrawnTokens.draw(RANDOM));
        }
        return tokens;
    }

    void copy(String table, StringBuilder rows) throws SQLException, IOException {
        try (Connection connection = database.connect()) {
            CopyManager copying = connection.unwrap(PGConnection.class).getCopyAPI();
            copying.copyIn("copy " + table + " from stdin", new StringReader(rows.toString()));
        }
    }
}
