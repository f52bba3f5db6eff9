package dev.latchkey.credential;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;

import dev.latchkey.credential.CredentialData.ApiKey;
import dev.latchkey.credential.CredentialData.Basic;
import dev.latchkey.credential.CredentialData.Bearer;
import dev.latchkey.credential.CredentialData.CustomHeaders;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.CredentialData.Placement;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Header;
import dev.latchkey.web.Problem.FieldError;
import org.jspecify.annotations.Nullable;

/**
 * What no request can carry: line breaks and other controls, names that are none, and headers that the client itself sets. No
 * message repeats a value.
 */
final class CredentialRules {

    /** Whatever is percent-encoded is allowed; these are what services name parameters with. */
    private static final Pattern PARAMETER = Pattern.compile("[A-Za-z0-9._$\\[\\]:-]+");
    /** RFC 6749 appendix A.4. */
    private static final Pattern SCOPE = Pattern.compile("[\\x21\\x23-\\x5B\\x5D-\\x7E]+");

    private static final String EMPTY = "must not be empty";
    private static final String VISIBLE = "must be visible ASCII, without line breaks, and without blanks around it";
    private static final String CONTROLS = "must not contain control characters";

    private final List<FieldError> errors = new ArrayList<>();

    private CredentialRules() {
    }

    /** What is wrong with it, by field; empty for nothing. */
    static List<FieldError> errors(CredentialData data) {
        CredentialRules rules = new CredentialRules();
        if (data instanceof ApiKey key) {
            rules.apiKey(key);
        } else if (data instanceof Bearer bearer) {
            rules.token("token", bearer.token());
        } else if (data instanceof Basic basic) {
            rules.basic(basic);
        } else if (data instanceof CustomHeaders custom) {
            rules.headers(custom);
        } else if (data instanceof OAuth2 oauth) {
            rules.oauth(oauth);
        }
        return rules.errors;
    }

    private void apiKey(ApiKey key) {
        if (key.placement() == Placement.HEADER) {
            headerName("name", key.name());
            value("key", key.key());
            value("secret", key.secret());
            if (key.prefix() != null && !Header.isValue(key.prefix().strip())) {
                error("prefix", VISIBLE);
            }
            return;
        }
        if (!PARAMETER.matcher(key.name()).matches()) {
            error("name", "must be the name of a query parameter: letters, digits and . _ $ [ ] : -");
        }
        text("key", key.key());
        text("secret", key.secret());
        if (key.prefix() != null && hasControls(key.prefix())) {
            error("prefix", CONTROLS);
        }
    }

    private void basic(Basic basic) {
        if (basic.username().reveal().indexOf(':') >= 0) {
            error("username", "must not contain a colon, which ends it (RFC 7617)");
        }
        if (hasControls(basic.username().reveal())) {
            error("username", CONTROLS);
        }
        if (hasControls(basic.password().reveal())) {
            error("password", CONTROLS);
        }
        if (basic.username().reveal().isEmpty() && basic.password().reveal().isEmpty()) {
            error("username", EMPTY);
        }
    }

    private void headers(CustomHeaders custom) {
        TreeSet<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        custom.headers().forEach((name, value) -> {
            headerName("headers." + name, name);
            value("headers." + name, value);
            if (!seen.add(name)) {
                error("headers." + name, "stands there twice: names of headers are the same in capitals");
            }
        });
    }

    private void oauth(OAuth2 oauth) {
        if (hasControls(oauth.clientId())) {
            error("clientId", CONTROLS);
        }
        if (oauth.issuer() != null && !Issuers.isName(oauth.issuer())) {
            error("issuer", "must be the URL of an authorization server, without a question mark");
        }
        text("clientSecret", oauth.clientSecret());
        token("accessToken", oauth.accessToken());
        text("refreshToken", oauth.refreshToken());
        for (int i = 0; i < oauth.scopes().size(); i++) {
            if (!SCOPE.matcher(oauth.scopes().get(i)).matches()) {
                error("scopes[" + i + "]", "must be one scope, without blanks");
            }
        }
        if (oauth.grant() == Grant.CLIENT_CREDENTIALS && oauth.clientSecret() == null) {
            error("clientSecret", "is required with grant client_credentials");
        }
        if (oauth.grant() == Grant.REFRESH_TOKEN && oauth.refreshToken() == null) {
            error("refreshToken", "is required with grant refresh_token");
        }
    }

    private void headerName(String field, String name) {
        if (!Header.isName(name)) {
            error(field, "is not the name of a header (RFC 9110 section 5.1)");
        } else if (Header.isReserved(name) || name.toLowerCase(Locale.ROOT).startsWith("content-")) {
            error(field, "is a header that only the client itself sets");
        }
    }

    /** Of a header. */
    private void value(String field, @Nullable Secret value) {
        if (value != null && (value.reveal().isEmpty() || !Header.isValue(value.reveal()))) {
            error(field, value.reveal().isEmpty() ? EMPTY : VISIBLE);
        }
    }

    private void token(String field, @Nullable Secret token) {
        value(field, token);
        if (token != null && token.reveal().strip().indexOf(' ') >= 0) {
            error(field, "must be the token alone, without a blank in it");
        }
    }

    /** What is encoded before it is sent. */
    private void text(String field, @Nullable Secret value) {
        if (value != null && (value.reveal().isEmpty() || hasControls(value.reveal()))) {
            error(field, value.reveal().isEmpty() ? EMPTY : CONTROLS);
        }
    }

    private void error(String field, String message) {
        errors.add(new FieldError("data." + field, message));
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }
}
