package dev.latchkey.credential;

import java.time.Duration;

import dev.latchkey.credential.TokenRequests.Kind;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a try that gave no pair. Pure: everything that is decided is decided here.
 *
 * @param next what becomes of the credential
 * @param reason why it is of no use once its access token has ended
 * @param error a word for people, see {@link RefreshOutcome#error}
 * @param presented how often the refresh token that stands may have been presented without an answer that is known
 * @param pause before the next try; null: there is none
 * @param isAskedToWait whether the pause is what the endpoint asks for
 * @param fault whose it is, and who is left alone meanwhile
 */
record Setback(Next next, ProbeReason reason, String error, @Nullable Integer httpStatus, int presented,
        @Nullable Duration pause, boolean isAskedToWait, Fault fault) {

    /** How often a token is presented, where the answer to the first time was lost. */
    static final int MOST_PRESENTED = 2;
    /** Of a refresh token whose answer was lost for good. */
    static final String LOST = "lost-response";

    /** A wrong address does not mend itself in seconds. */
    private static final Duration REJECTED_PAUSE = Duration.ofMinutes(5);
    private static final Duration OWN_PAUSE = Duration.ofSeconds(1);
    /**
     * Before a token is presented for the last time to a host that was silent: one that hangs does so for a minute or two, and
     * whoever asks it again at once learns nothing and has lost the grant. Two minutes, as configured.
     */
    private static final int PAUSES_OF_SILENCE = 12;
    private static final String TIMEOUT = "timeout";
    private static final int MOST_DOUBLINGS = 20;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    /** What becomes of it. */
    enum Next {
        /** It is tried again. */
        AGAIN,
        /** Somebody has to authorize it anew. */
        OVER
    }

    /** Whose fault it is. */
    enum Fault {
        /** Of this credential alone. */
        CREDENTIAL,
        /** Of the OAuth app: everything that it renews waits, and it is told once. */
        APP,
        /** Nobody's: the app has asked too often, and waits. */
        APP_PAUSE,
        /** Of the token host. */
        HOST,
        /** Of this replica, which is busy. */
        OURS
    }

    /**
     * How pauses grow.
     *
     * @param first after the first failure
     * @param longest of all but those that the endpoint asks for
     */
    record Pauses(Duration first, Duration longest) {

        /**
         * Twice as long each time, a quarter more or less.
         *
         * @param attempt from 1
         * @param chance from 0 to 1
         */
        Duration after(int attempt, double chance) {
            double millis = Math.min((double) longest.toMillis(),
                    first.toMillis() * Math.pow(2, Math.min(Math.max(attempt, 1) - 1, MOST_DOUBLINGS)));
            return Duration.ofMillis(Math.max(1, Math.round(millis * (0.75 + 0.5 * chance))));
        }
    }

    /**
     * How a credential stood when it was tried.
     *
     * @param survivesLoss whether what is presented stays good
     * @param presented how often its token had been presented without an answer, this time not counted
     * @param attempt which one in a row this was, from 1
     */
    record Standing(Kind kind, boolean survivesLoss, int presented, int attempt) {
    }

    /**
     * Decides.
     *
     * @param outcome any but a pair
     * @param chance from 0 to 1
     */
    static Setback of(RefreshOutcome outcome, Standing standing, Pauses pauses, double chance) {
        String error = outcome.error() == null ? TokenErrors.UNKNOWN : outcome.error();
        Integer status = outcome.httpStatus();
        Duration pause = longer(pauses.after(standing.attempt(), chance), outcome.retryAfter());
        int before = standing.presented();
        Setback setback = switch (outcome.code()) {
            case GRANTED -> throw new IllegalArgumentException("a pair is no setback");
            case GRANT_REFUSED -> standing.kind() == Kind.CLIENT
                    ? again(ProbeReason.MISCONFIGURED, error, status, before, longer(pause, REJECTED_PAUSE), Fault.APP)
                    : over(before > 0 ? LOST : error, status, before);
            case CLIENT_REFUSED ->
                again(ProbeReason.MISCONFIGURED, error, status, before, longer(pause, REJECTED_PAUSE), Fault.APP);
            case REJECTED ->
                again(ProbeReason.MISCONFIGURED, error, status, before, longer(pause, REJECTED_PAUSE), Fault.CREDENTIAL);
            case BUSY -> again(ProbeReason.PROVIDER_ERROR, error, status, before, pause,
                    status != null && status >= SERVER_ERROR ? Fault.HOST
                            : status != null && status == TOO_MANY ? Fault.APP_PAUSE : Fault.CREDENTIAL);
            case UNREACHED -> unreached(error, before, pause);
            case WITHOUT_PAIR -> standing.survivesLoss() || before + 1 < MOST_PRESENTED
                    ? again(ProbeReason.MISCONFIGURED, error, status, standing.survivesLoss() ? before : before + 1,
                            longer(pause, REJECTED_PAUSE), Fault.CREDENTIAL)
                    : over(LOST, status, before + 1);
            case LOST -> lost(error, status, standing, error.equals(TIMEOUT) && !standing.survivesLoss()
                    ? longer(pause, pauses.first().multipliedBy(PAUSES_OF_SILENCE))
                    : pause);
        };
        return outcome.retryAfter() == null ? setback : setback.asAskedToWait();
    }

    private Setback asAskedToWait() {
        return new Setback(next, reason, error, httpStatus, presented, pause, true, fault);
    }

    private static Setback unreached(String error, int before, Duration pause) {
        return switch (error) {
            case "busy" -> again(ProbeReason.UNREACHABLE, error, null, before, OWN_PAUSE, Fault.OURS);
            case "tls" -> again(ProbeReason.TLS, error, null, before, pause, Fault.HOST);
            case TIMEOUT -> again(ProbeReason.TIMEOUT, error, null, before, pause, Fault.HOST);
            default -> again(ProbeReason.UNREACHABLE, error, null, before, pause, Fault.HOST);
        };
    }

    /** The old token once more: many providers keep it until its successor is used. Twice is all that it takes to know. */
    private static Setback lost(String error, @Nullable Integer status, Standing standing, Duration pause) {
        ProbeReason reason = error.equals(TIMEOUT) ? ProbeReason.TIMEOUT : ProbeReason.UNREACHABLE;
        if (standing.survivesLoss()) {
            return again(reason, error, status, standing.presented(), pause, Fault.HOST);
        }
        int presented = standing.presented() + 1;
        return presented >= MOST_PRESENTED ? over(LOST, status, presented)
                : again(reason, error, status, presented, pause, Fault.HOST);
    }

    /** Of a credential whose answers were lost as often as they may be: it is not presented any more. */
    static Setback lostForGood(int presented) {
        return over(LOST, null, presented);
    }

    /** Of one for which no request can be made as it stands. */
    static Setback unsendable(String error, int presented, Duration pause) {
        return again(ProbeReason.MISCONFIGURED, error, null, presented, longer(pause, REJECTED_PAUSE), Fault.CREDENTIAL);
    }

    private static Setback again(ProbeReason reason, String error, @Nullable Integer status, int presented, Duration pause,
            Fault fault) {
        return new Setback(Next.AGAIN, reason, error, status, presented, pause, false, fault);
    }

    private static Setback over(String error, @Nullable Integer status, int presented) {
        return new Setback(Next.OVER, ProbeReason.REAUTHORIZATION_REQUIRED, error, status, presented, null, false,
                Fault.CREDENTIAL);
    }

    private static Duration longer(Duration one, @Nullable Duration other) {
        return other == null || one.compareTo(other) > 0 ? one : other;
    }
}
