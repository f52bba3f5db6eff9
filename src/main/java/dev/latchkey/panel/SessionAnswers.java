package dev.latchkey.panel;

import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;

import dev.latchkey.web.EntityTags;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** What the page of a session is told, and its browser with it: the ETag, and the cookie where that changes. */
@Singleton
final class SessionAnswers {

    private static final String SET_COOKIE = "Set-Cookie";

    private final SessionTable table;
    private final SignInTokens tokens;
    private final SessionCookie cookie;

    SessionAnswers(SessionTable table, SignInTokens tokens, SessionCookie cookie) {
        this.table = table;
        this.tokens = tokens;
        this.cookie = cookie;
    }

    RestResponse<SessionView> of(Session session) {
        return told(session).build();
    }

    /** Also gives the cookie. */
    RestResponse<SessionView> begun(Session session) {
        return told(session).header(SET_COOKIE, cookie.of(session.token())).build();
    }

    /** Takes the cookie away. */
    RestResponse<Void> ended() {
        return ResponseBuilder.<Void> noContent().header(SET_COOKIE, cookie.cleared()).build();
    }

    private ResponseBuilder<SessionView> told(Session session) {
        return ResponseBuilder.ok(SessionView.of(session, table.idle(), tokens.csrf(session.token())))
                .header(HttpHeaders.CACHE_CONTROL, "no-store").header(HttpHeaders.ETAG, EntityTags.of(session.version()));
    }
}
