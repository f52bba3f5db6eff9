package dev.latchkey.proxy;

import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;

/** A request that came to no answer: what is told to the caller, and to the statistics. */
final class Refused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ProblemException problem;
    private final Outcome outcome;

    Refused(Outcome outcome) {
        this(problem(outcome), outcome);
    }

    private Refused(ProblemException problem, Outcome outcome) {
        super(problem.detail(), problem, false, false);
        this.problem = problem;
        this.outcome = outcome;
    }

    ProblemException problem() {
        return problem;
    }

    Outcome outcome() {
        return outcome;
    }

    private static ProblemException problem(Outcome outcome) {
        return switch (outcome) {
            case UNREACHABLE -> new ProblemException(ProblemCode.PROVIDER_UNREACHABLE,
                    "The credential's provider cannot be reached.");
            case BUSY -> new ProblemException(ProblemCode.UNAVAILABLE,
                    "Too many requests are being sent on to the credential's provider; repeat this one in a moment.")
                    .with("Retry-After", Proxy.RETRY_SECONDS);
            case TIMEOUT -> new ProblemException(ProblemCode.PROVIDER_TIMEOUT,
                    "The credential's provider did not answer in time; it may have taken the request.");
            case ANSWERED, BROKEN -> new ProblemException(ProblemCode.PROVIDER_UNREACHABLE,
                    "The connection to the credential's provider broke before it answered; it may have taken the request.");
            case LEFT -> new ProblemException(ProblemCode.REQUEST_TIMEOUT, "The body did not arrive in time; send it again.");
        };
    }
}
