package dev.latchkey.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.inject.Inject;

import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.jwt.auth.principal.JWTParser;
import io.smallrye.jwt.auth.principal.ParseException;
import io.vertx.mutiny.sqlclient.Pool;
import org.junit.jupiter.api.Test;

/** The application starts on the embedded database, and believes the local issuer's tokens. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class TestDatabaseTest {

    @Inject
    Pool pool;

    @Inject
    JWTParser parser;

    @Test
    void theReactivePoolReachesTheEmbeddedDatabase() {
        assertThat(pool.query("SELECT current_database()").executeAndAwait().iterator().next().getString(0))
                .isEqualTo("latchkey");
    }

    @Test
    void onlyTokensOfTheLocalIssuerThatHaveNotExpiredAreBelieved() throws ParseException {
        assertThat(parser.parse(Tokens.owner("acme")).getGroups()).containsExactly("owner");
        assertThat(parser.parse(Tokens.of("acme", "ann", "viewer")).<String> getClaim("org")).isEqualTo("acme");
        assertThatThrownBy(() -> parser.parse(Tokens.expired("acme", "ann", "viewer")))
                .isInstanceOf(ParseException.class);
        assertThatThrownBy(() -> parser.parse(Tokens.foreign("acme", "ann", "viewer")))
                .isInstanceOf(ParseException.class);
    }
}
