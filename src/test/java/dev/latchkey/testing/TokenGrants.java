package dev.latchkey.testing;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import dev.latchkey.testing.TokenServer.Pair;
import dev.latchkey.testing.TokenServer.Rotation;
import org.jspecify.annotations.Nullable;

/** The grants of a {@link TokenServer}, which lets one at a time in: of each the refresh token that is good now. */
final class TokenGrants {

    private static final class Family {
        private boolean dead;
        private String current;
        private @Nullable String former;
        private @Nullable Pair last;

        Family(String current) {
            this.current = current;
        }
    }

    private final Map<String, Family> byToken = new HashMap<>();
    private Rotation rotation = Rotation.STRICT;
    private Duration lifetime = Duration.ofHours(1);

    void rotate(Rotation chosen) {
        rotation = chosen;
    }

    void live(Duration chosen) {
        lifetime = chosen;
    }

    /** Of access tokens. */
    Duration lifetime() {
        return lifetime;
    }

    /** A first refresh token of a new grant. */
    String begin() {
        String token = secret("r");
        byToken.put(token, new Family(token));
        return token;
    }

    void withdraw(String token) {
        family(token).dead = true;
    }

    /** The pair that the grant of that token has given last; null: none. */
    @Nullable
    Pair last(String token) {
        return family(token).last;
    }

    String current(String token) {
        return family(token).current;
    }

    boolean isDead(String token) {
        return family(token).dead;
    }

    /** A new access token, with that refresh token beside it. */
    Pair pair(String refresh) {
        return new Pair(secret("a"), refresh, System.nanoTime() + lifetime.toNanos());
    }

    /** What presenting that token gives; null: nothing. */
    @Nullable
    Pair renew(String token) {
        Family family = byToken.get(token);
        if (family == null || family.dead) {
            return null;
        }
        if (!token.equals(family.current)) {
            if (rotation == Rotation.GRACE && token.equals(family.former)) {
                return family.last;
            }
            family.dead = true;
            return null;
        }
        String successor = rotation == Rotation.NONE ? token : secret("r");
        byToken.put(successor, family);
        family.former = token;
        family.current = successor;
        family.last = pair(successor);
        return family.last;
    }

    private Family family(String token) {
        return Objects.requireNonNull(byToken.get(token), "grant");
    }

    private static String secret(String kind) {
        String secret = kind + "-" + UUID.randomUUID().toString().replace("-", "");
        Planted.add(secret);
        return secret;
    }
}
