package dev.latchkey.tenant;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.identity.Caller.Tenant;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;

/** Finds organizations by the key that tokens name, and provisions them when they are first seen. */
@Singleton
public class Organizations {

    /** Visible ASCII: the key travels to backends in a header. */
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}");

    /** An organization's id never changes; the minute bounds how long one that was deleted is remembered. */
    private static final Duration REMEMBERED = Duration.ofMinutes(1);

    private final Pool database;
    private final Cache<String, Tenant> known = Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(REMEMBERED).build();

    Organizations(Pool database) {
        this.database = database;
    }

    /** Whether a claim or header can be the key of an organization. */
    static boolean isKey(String text) {
        return KEY.matcher(text).matches();
    }

    /** The organization of that key; empty when there is none. */
    Uni<Optional<Tenant>> find(String key) {
        Tenant remembered = known.getIfPresent(key);
        return remembered != null ? Uni.createFrom().item(Optional.of(remembered)) : read(key);
    }

    /**
     * The organization of that key, made on the spot when a valid token names it for the first time. Of several first
     * requests at once one inserts; the others wait for its commit in the unique index and read what it left.
     */
    Uni<Tenant> provision(String key) {
        return find(key).flatMap(found -> found.isPresent() ? Uni.createFrom().item(found.get())
                : insert(key).flatMap(done -> read(key)).map(Optional::orElseThrow));
    }

    // By the unique index on organization.key.
    private Uni<Optional<Tenant>> read(String key) {
        return database.preparedQuery("select id from organization where key = $1").execute(Tuple.of(key)).map(rows -> {
            Optional<Tenant> tenant = Optional.empty();
            for (Row row : rows) {
                tenant = Optional.of(new Tenant(row.getUUID("id"), key));
            }
            tenant.ifPresent(found -> known.put(key, found));
            return tenant;
        });
    }

    private Uni<RowSet<Row>> insert(String key) {
        return database
                .preparedQuery("insert into organization (id, key, name) values ($1, $2, $2) on conflict (key) do nothing")
                .execute(Tuple.of(UuidCreator.getTimeOrderedEpoch(), key));
    }
}
