package dev.latchkey.web;

import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.quarkus.security.AuthenticationCompletionException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.AuthenticationRedirectException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.vertx.ext.web.RoutingContext;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns whatever ends a request early into a problem: what a client did wrong into 4xx, a database away into 503. */
class ProblemMappers {

    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);
    private static final String RETRY_SECONDS = "2";
    private static final String CHALLENGE = "Bearer realm=\"latchkey\"";

    @ServerExceptionMapper
    RestResponse<Problem> problem(ProblemException refusal, RoutingContext request) {
        return Problems.answer(refusal, request);
    }

    // Quarkus maps mismatches itself unless the very type is mapped here.
    @ServerExceptionMapper({ JsonProcessingException.class, MismatchedInputException.class })
    RestResponse<Problem> json(JsonProcessingException fault, RoutingContext request) {
        if (fault instanceof InvalidDefinitionException) {
            return unexpected(fault, request); // Ours, not the caller's.
        }
        return Problems.answer(JsonProblems.of(fault), request);
    }

    @ServerExceptionMapper
    RestResponse<Problem> violations(ConstraintViolationException fault, RoutingContext request) {
        return Problems.answer(Violations.problem(fault.getConstraintViolations()), request);
    }

    @ServerExceptionMapper
    RestResponse<Problem> unauthorized(UnauthorizedException fault, RoutingContext request) {
        return Problems.answer(new ProblemException(ProblemCode.UNAUTHENTICATED,
                "Send an API key in X-API-Key, or a token in Authorization: Bearer.").with("WWW-Authenticate", CHALLENGE),
                request);
    }

    @ServerExceptionMapper({ AuthenticationFailedException.class, AuthenticationCompletionException.class,
            AuthenticationRedirectException.class })
    RestResponse<Problem> notAuthenticated(Throwable fault, RoutingContext request) {
        if (fault.getCause() instanceof ProblemException refusal) {
            return Problems.answer(refusal, request);
        }
        return Problems.answer(new ProblemException(ProblemCode.INVALID_TOKEN,
                "The token is not valid: malformed, expired, or not of the configured issuer.").with("WWW-Authenticate",
                        CHALLENGE + ", error=\"invalid_token\""),
                request);
    }

    @ServerExceptionMapper
    RestResponse<Problem> forbidden(ForbiddenException fault, RoutingContext request) {
        return Problems.answer(
                new ProblemException(ProblemCode.FORBIDDEN, "The caller's role or scopes do not allow this operation."),
                request);
    }

    @ServerExceptionMapper
    RestResponse<Problem> notFound(NotFoundException fault, RoutingContext request) {
        // A parameter that could not be read arrives here too.
        return Problems.answer(fault.getCause() instanceof ProblemException refusal ? refusal : ProblemException.notFound(),
                request);
    }

    @ServerExceptionMapper
    RestResponse<Problem> web(WebApplicationException fault, RoutingContext request) {
        if (fault.getCause() instanceof ProblemException refusal) {
            return Problems.answer(refusal, request);
        }
        if (fault.getCause() instanceof JsonProcessingException json) {
            return Problems.answer(JsonProblems.of(json), request);
        }
        int status = fault.getResponse().getStatus();
        if (status < 400) {
            return RestResponse.ResponseBuilder.<Problem> create(status).build();
        }
        ProblemException refusal = ofStatus(status);
        String allow = fault.getResponse().getHeaderString("Allow");
        return Problems.answer(allow == null ? refusal : refusal.with("Allow", allow), request);
    }

    @ServerExceptionMapper
    RestResponse<Problem> unexpected(Throwable fault, RoutingContext request) {
        return Problems.answer(refusal(fault, request), request);
    }

    /** What nothing more particular is said of; logged where someone must know. */
    static ProblemException refusal(Throwable fault, RoutingContext request) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProblemException refusal) {
                return refusal;
            }
        }
        if (Faults.isDatabaseAway(fault)) {
            LOG.warnf("database away: path=%s cause=%s", Problems.path(request), fault.getMessage());
            return new ProblemException(ProblemCode.UNAVAILABLE,
                    "The database cannot be reached; the request can be repeated.").with("Retry-After", RETRY_SECONDS);
        }
        if (Faults.isRace(fault)) {
            return ProblemException.conflict("Someone else changed the same at the same time; try again.");
        }
        if (Faults.isUnstorable(fault)) {
            return new ProblemException(ProblemCode.INVALID,
                    "The request holds characters or numbers that cannot be stored.");
        }
        LOG.errorf(fault, "unexpected: path=%s", Problems.path(request));
        return new ProblemException(ProblemCode.INTERNAL,
                "Something went wrong here; it has been logged under the request's id.");
    }

    static ProblemException ofStatus(int status) {
        return switch (status) {
            case 401 -> new ProblemException(ProblemCode.UNAUTHENTICATED, "The operation demands a caller.");
            case 403 -> new ProblemException(ProblemCode.FORBIDDEN, "The caller may not do this.");
            case 404 -> ProblemException.notFound();
            case 405 -> new ProblemException(ProblemCode.METHOD_NOT_ALLOWED, "There is no such operation at this address.");
            case 406 -> new ProblemException(ProblemCode.NOT_ACCEPTABLE, "Answers are application/json.");
            case 408 -> new ProblemException(ProblemCode.REQUEST_TIMEOUT, "The body did not arrive in time; send it again.");
            case 413 -> new ProblemException(ProblemCode.TOO_LARGE, "The body is longer than this operation takes.");
            case 414 -> new ProblemException(ProblemCode.URI_TOO_LONG, "The address is too long.");
            case 415 -> new ProblemException(ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                    "Send application/json, or another type that the operation is documented to take.");
            case 431 -> new ProblemException(ProblemCode.HEADERS_TOO_LARGE, "The request's headers are too large.");
            case 503 -> new ProblemException(ProblemCode.UNAVAILABLE, "Temporarily unavailable.").with("Retry-After",
                    RETRY_SECONDS);
            default -> status < 500
                    ? new ProblemException(ProblemCode.MALFORMED_REQUEST, "The request cannot be understood.")
                    : new ProblemException(ProblemCode.INTERNAL, "Something went wrong here.");
        };
    }
}
