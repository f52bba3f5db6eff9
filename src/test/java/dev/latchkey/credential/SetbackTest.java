package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import dev.latchkey.credential.RefreshOutcome.Code;
import dev.latchkey.credential.Setback.Fault;
import dev.latchkey.credential.Setback.Next;
import dev.latchkey.credential.Setback.Pauses;
import dev.latchkey.credential.Setback.Standing;
import dev.latchkey.credential.TokenRequests.Kind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows from a renewal that gave no pair. */
class SetbackTest {

    private static final Pauses PAUSES = new Pauses(Duration.ofSeconds(10), Duration.ofMinutes(15));
    private static final Standing ONCE = new Standing(Kind.REFRESH_TOKEN, false, 0, 1);
    private static final Standing AFTER_A_LOSS = new Standing(Kind.REFRESH_TOKEN, false, 1, 2);

    private static Setback of(Code code, String error, @Nullable Integer status, Standing standing) {
        return Setback.of(RefreshOutcome.failed(code, error, status), standing, PAUSES, 0.5);
    }

    @Test
    void aGrantThatIsGoneIsOver() {
        Setback setback = of(Code.GRANT_REFUSED, "invalid_grant", 400, ONCE);

        assertThat(setback.next()).isEqualTo(Next.OVER);
        assertThat(setback.reason()).isEqualTo(ProbeReason.REAUTHORIZATION_REQUIRED);
        assertThat(setback.error()).isEqualTo("invalid_grant");
        assertThat(setback.pause()).isNull();
    }

    @Test
    void aTokenWhoseAnswerWasLostIsPresentedOnceMoreAndNotAThirdTime() {
        Setback first = of(Code.LOST, "timeout", null, ONCE);
        assertThat(first.next()).isEqualTo(Next.AGAIN);
        assertThat(first.presented()).isEqualTo(1);

        Setback second = of(Code.LOST, "timeout", null, AFTER_A_LOSS);
        assertThat(second.next()).isEqualTo(Next.OVER);
        assertThat(second.error()).isEqualTo("lost-response");
    }

    @Test
    void aRefusalAfterALostAnswerSaysThatItWasLost() {
        assertThat(of(Code.GRANT_REFUSED, "invalid_grant", 400, AFTER_A_LOSS).error()).isEqualTo("lost-response");
    }

    @ParameterizedTest
    @CsvSource({ "BUSY, provider-error, 503", "UNREACHED, unreachable,", "CLIENT_REFUSED, invalid_client, 401",
            "REJECTED, status-404, 404" })
    void whatIsKnownNotToHaveSpentItIsNotCounted(Code code, String error, @Nullable Integer status) {
        assertThat(of(code, error, status, ONCE).presented()).isZero();
        assertThat(of(code, error, status, AFTER_A_LOSS).presented()).isEqualTo(1);
        assertThat(of(code, error, status, AFTER_A_LOSS).next()).isEqualTo(Next.AGAIN);
    }

    @ParameterizedTest
    @CsvSource({ "CLIENT", "ACCESS_TOKEN", "REFRESH_TOKEN" })
    void whatStaysGoodMayBeLostAsOftenAsItIs(Kind kind) {
        Setback setback = of(Code.LOST, "timeout", null, new Standing(kind, true, 0, 7));

        assertThat(setback.next()).isEqualTo(Next.AGAIN);
        assertThat(setback.presented()).isZero();
    }

    @Test
    void aSuccessThatHoldsNoTokenMayHaveSpentIt() {
        Setback first = of(Code.WITHOUT_PAIR, "no-token", 200, ONCE);
        Setback second = of(Code.WITHOUT_PAIR, "no-token", 200, AFTER_A_LOSS);

        assertThat(first.next()).isEqualTo(Next.AGAIN);
        assertThat(first.presented()).isEqualTo(1);
        assertThat(second.next()).isEqualTo(Next.OVER);
        assertThat(second.error()).isEqualTo(Setback.LOST);
    }

    @Test
    void aHostThatWasSilentIsLeftTimeBeforeTheTokenIsPresentedForTheLastTime() {
        assertThat(of(Code.LOST, "timeout", null, ONCE).pause()).isGreaterThanOrEqualTo(Duration.ofMinutes(2));
        assertThat(of(Code.LOST, "connection-broken", null, ONCE).pause()).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void aRefusedClientIsAFaultOfItsApp() {
        assertThat(of(Code.CLIENT_REFUSED, "invalid_client", 401, ONCE).fault()).isEqualTo(Fault.APP);
        assertThat(of(Code.GRANT_REFUSED, "invalid_grant", 400, new Standing(Kind.CLIENT, true, 0, 1)).fault())
                .isEqualTo(Fault.APP);
        assertThat(of(Code.GRANT_REFUSED, "invalid_grant", 400, new Standing(Kind.CLIENT, true, 0, 1)).next())
                .isEqualTo(Next.AGAIN);
    }

    @ParameterizedTest
    @CsvSource({ "BUSY, provider-error, 503, HOST", "BUSY, rate-limited, 429, APP_PAUSE", "UNREACHED, unreachable,, HOST",
            "UNREACHED, tls,, HOST", "UNREACHED, busy,, OURS", "WITHOUT_PAIR, no-token, 200, CREDENTIAL",
            "LOST, timeout,, HOST",
            "REJECTED, no-token, 200, CREDENTIAL" })
    void everyFaultIsSomebodys(Code code, String error, @Nullable Integer status, Fault fault) {
        assertThat(of(code, error, status, ONCE).fault()).isEqualTo(fault);
    }

    @ParameterizedTest
    @CsvSource({ "1, 10", "2, 20", "3, 40", "4, 80", "10, 900", "1000, 900" })
    void pausesGrowToABound(int attempt, long seconds) {
        Setback setback = of(Code.BUSY, "provider-error", 503, new Standing(Kind.REFRESH_TOKEN, false, 0, attempt));

        assertThat(setback.pause()).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void pausesDifferByChance() {
        assertThat(PAUSES.after(1, 0)).isEqualTo(Duration.ofMillis(7500));
        assertThat(PAUSES.after(1, 1)).isEqualTo(Duration.ofMillis(12500));
    }

    @Test
    void aProviderThatAsksToBeLeftAloneIs() {
        Setback setback = Setback.of(RefreshOutcome.busy("rate-limited", 429, Duration.ofHours(2)), ONCE, PAUSES, 0.5);

        assertThat(setback.pause()).isEqualTo(Duration.ofHours(2));
        assertThat(setback.isAskedToWait()).isTrue();
        assertThat(Setback.of(RefreshOutcome.busy("rate-limited", 429, Duration.ofSeconds(1)), ONCE, PAUSES, 0.5).pause())
                .isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aWrongAddressIsNotAskedEverySecond() {
        assertThat(of(Code.REJECTED, "status-404", 404, ONCE).pause()).isEqualTo(Duration.ofMinutes(5));
    }
}
