package dev.latchkey.panel;

import java.util.List;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Secret;
import dev.latchkey.panel.SignInTokens.Kind;
import dev.latchkey.web.PublicUrl;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * The cookie by which a browser shows its session: no script reads it, and it ends with the browser, if not before.
 *
 * <p>
 * Over https it is {@code __Host-latchkey} (RFC 6265bis section 4.1.3.2): a browser takes it from this very host only, so that
 * no other one of the same domain can plant a session of its choice. Over plain http, as on one's own machine, browsers refuse
 * that name, and it is {@code latchkey}. {@code SameSite=Strict} suffices for a panel that stands alone, since its pages are
 * the same for everybody and ask for the session by themselves. In a frame of another site only {@code SameSite=None} travels;
 * {@code Partitioned} (CHIPS) has it kept where third-party cookies are not, and under the framing site only. What it then
 * lacks in protection, {@link Intent} gives. To a browser a partitioned cookie and one that is not are two, which it sends side
 * by side; hence another name, {@code __Host-latchkey-frame}: where frames are allowed or forbidden anew, what is left of
 * before is not looked at, and ends with its browser.
 */
@Singleton
final class SessionCookie {

    private final SignInTokens tokens;
    private final String name;
    private final String attributes;

    SessionCookie(SignInTokens tokens, PublicUrl publicUrl, FrameAncestors ancestors) {
        this.tokens = tokens;
        // Browsers take a secure cookie from the machine itself by plain http, too, and no other one with SameSite=None.
        boolean secure = publicUrl.isHttps() || ancestors.areAny();
        this.name = ancestors.areAny() ? "__Host-latchkey-frame" : secure ? "__Host-latchkey" : "latchkey";
        this.attributes = "; Path=/; HttpOnly" + (secure ? "; Secure" : "")
                + (ancestors.areAny() ? "; SameSite=None; Partitioned" : "; SameSite=Strict");
    }

    /** The value of {@code Set-Cookie} that begins a session. */
    String of(Secret session) {
        return name + "=" + session.reveal() + attributes;
    }

    /** The value of {@code Set-Cookie} that takes the cookie away. */
    String cleared() {
        return name + "=" + attributes + "; Max-Age=0";
    }

    String name() {
        return name;
    }

    /**
     * The session that a request shows; null where it shows none, or several, of which nobody knows who planted which, or
     * what never was one: other services on the same host have cookies, too. Read from the header itself, since Vert.x keeps
     * one cookie of each name.
     */
    @Nullable
    Secret read(HttpServerRequest request) {
        String start = name + "=";
        List<String> values = request.headers().getAll(HttpHeaders.COOKIE).stream()
                .flatMap(line -> Stream.of(line.split(";", -1))).map(String::strip).filter(pair -> pair.startsWith(start))
                .map(pair -> pair.substring(start.length())).distinct().toList();
        return values.size() == 1 ? tokens.parse(Kind.SESSION, values.get(0)) : null;
    }
}
