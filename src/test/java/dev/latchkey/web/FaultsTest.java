package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {

    /** As seen while connections were cut, held and closed under load. */
    static Stream<Throwable> ofADatabaseThatIsAway() {
        return Stream.of(new ConnectException("refused"), new IOException("reset"), new TimeoutException(),
                new io.smallrye.mutiny.TimeoutException(), ClosedConnectionException.INSTANCE,
                new NoStackTraceThrowable("Timeout"), new VertxException("Timeout waiting for connection"),
                new NoStackTraceThrowable("Connection is not active now, current status: CLOSED"),
                new IllegalStateException("around it", new NoStackTraceThrowable("Timeout")));
    }

    @ParameterizedTest
    @MethodSource("ofADatabaseThatIsAway")
    void aDatabaseThatIsAwayIsKnownAsSuchInWhateverWayItIsSaid(Throwable fault) {
        assertThat(Faults.isDatabaseAway(fault)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "08006", "57P01", "53300", "57014", "25006" })
    void soAreItsOwnWordsForIt(String state) {
        assertThat(Faults.isDatabaseAway(new PgException("away", "FATAL", state, null))).isTrue();
    }

    @Test
    void whatItRefusesIsNoSignOfItsBeingAway() {
        assertThat(Faults.isDatabaseAway(new PgException("violates", "ERROR", "23505", null))).isFalse();
        assertThat(Faults.isDatabaseAway(new NoStackTraceThrowable("something else"))).isFalse();
        assertThat(Faults.isDatabaseAway(new IllegalStateException("a defect"))).isFalse();
    }
}
