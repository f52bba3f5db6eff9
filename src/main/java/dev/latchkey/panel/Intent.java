package dev.latchkey.panel;

import jakarta.inject.Singleton;

import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.vertx.core.http.HttpServerRequest;

/**
 * Whether the person behind a cookie means what a request asks for.
 *
 * <p>
 * A browser sends the cookie with requests that another page has it make, too. So whatever is not safe is believed only with
 * the session's CSRF token, which no other origin can read, and only from a page of our own ({@link OwnPages}). Either of them
 * would do; that both have to be right means that a mistake in one is not yet a hole.
 *
 * <p>
 * That holds for a sign-in, too: it takes the place of the session that there is. Otherwise another page could send someone to
 * the panel with a link of its own behind the #, and he would work on in an organization that is not his.
 */
@Singleton
final class Intent {

    static final String CSRF_HEADER = "X-CSRF-Token";

    private final OwnPages ownPages;
    private final SignInTokens tokens;

    Intent(OwnPages ownPages, SignInTokens tokens) {
        this.ownPages = ownPages;
        this.tokens = tokens;
    }

    /** @throws ProblemException 403 for a request of somebody else's page */
    void requireOwnPage(HttpServerRequest request) {
        ownPages.require(request);
    }

    /** @throws ProblemException 403 for a request of somebody else's page, or without the session's CSRF token */
    void require(HttpServerRequest request, Session session) {
        requireOwnPage(request);
        if (!tokens.isCsrf(session.token(), request.getHeader(CSRF_HEADER))) {
            throw new ProblemException(ProblemCode.CSRF, "A change by the panel's cookie needs the session's csrfToken in "
                    + CSRF_HEADER + "; GET /api/v1/session tells it.");
        }
    }
}
