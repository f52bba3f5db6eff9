package dev.latchkey.crypto;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import javax.sql.DataSource;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;

/**
 * Proves at start that the configured keys are the ones that this database was used with. A service that started with the
 * wrong pepper would call every API key unknown, and one with the wrong master key could open no credential: better not to
 * start. Each key of a ring leaves a proof; every proof must be met, until its key is retired and the proof removed with it.
 *
 * <p>
 * Runs once, before requests are served, over the JDBC connection that the migrations use: nothing is there to block.
 */
@Singleton
final class Canary {

    private static final UUID INSTALLATION = new UUID(0, 0);
    private static final Sealer.Place PLACE = new Sealer.Place(INSTALLATION, INSTALLATION, "crypto_canary.proof", 1);
    private static final byte[] CONSTANT = "latchkey".getBytes(StandardCharsets.US_ASCII);

    private final DataSource database;
    private final Sealer sealer;
    private final Peppers peppers;

    Canary(DataSource database, Sealer sealer, Peppers peppers) {
        this.database = database;
        this.sealer = sealer;
        this.peppers = peppers;
    }

    /** @throws ConfigurationException with one line that names the setting */
    void check(@Observes @Priority(100) StartupEvent started) throws SQLException {
        try (Connection connection = database.getConnection()) {
            check(connection, "master", "LATCHKEY_MASTER_KEY", sealer.ids(), new Proof() {
                @Override
                public byte[] make(String id) {
                    return sealer.sealWith(id, CONSTANT, PLACE);
                }

                @Override
                public boolean fits(String id, byte[] proof) {
                    try {
                        return MessageDigest.isEqual(sealer.open(proof, PLACE), CONSTANT);
                    } catch (SealBrokenException otherKey) {
                        return false;
                    }
                }
            });
            check(connection, "pepper", "LATCHKEY_PEPPER", peppers.ids(), new Proof() {
                @Override
                public byte[] make(String id) {
                    return peppers.proof(id);
                }

                @Override
                public boolean fits(String id, byte[] proof) {
                    return MessageDigest.isEqual(peppers.proof(id), proof);
                }
            });
        }
    }

    private static void check(Connection connection, String purpose, String setting, List<String> ids, Proof proof)
            throws SQLException {
        Map<String, byte[]> proofs = read(connection, purpose);
        for (Map.Entry<String, byte[]> known : proofs.entrySet()) {
            verify(setting, ids, proof, known.getKey(), known.getValue());
        }
        for (String id : ids) {
            if (!proofs.containsKey(id)) {
                leave(connection, purpose, id, proof.make(id));
            }
        }
        // Another replica may have left its proof of another key in the meantime: what stands now is what counts.
        for (Map.Entry<String, byte[]> known : read(connection, purpose).entrySet()) {
            verify(setting, ids, proof, known.getKey(), known.getValue());
        }
    }

    private static void verify(String setting, List<String> ids, Proof proof, String id, byte[] known) {
        if (!ids.contains(id)) {
            throw new ConfigurationException(setting + ": this database was used with key '" + id
                    + "', which is not in the setting; add it behind the others, or restore the setting that belongs to this database");
        }
        if (!proof.fits(id, known)) {
            throw new ConfigurationException(setting + ": key '" + id
                    + "' is not the key that this database was used with under that name; restore the setting that belongs to this database");
        }
    }

    private static void leave(Connection connection, String purpose, String id, byte[] proof) throws SQLException {
        try (PreparedStatement insert = connection
                .prepareStatement(
                        "insert into crypto_canary (purpose, key_id, proof) values (?, ?, ?) on conflict do nothing")) {
            insert.setString(1, purpose);
            insert.setString(2, id);
            insert.setBytes(3, proof);
            insert.executeUpdate();
        }
    }

    private static Map<String, byte[]> read(Connection connection, String purpose) throws SQLException {
        Map<String, byte[]> proofs = new HashMap<>();
        try (PreparedStatement select = connection
                .prepareStatement("select key_id, proof from crypto_canary where purpose = ? order by key_id")) {
            select.setString(1, purpose);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    proofs.put(rows.getString(1), rows.getBytes(2));
                }
            }
        }
        return proofs;
    }

    private interface Proof {
        byte[] make(String id);

        boolean fits(String id, byte[] proof);
    }
}
