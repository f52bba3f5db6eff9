package dev.latchkey.credential;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import dev.latchkey.credential.FakeProvider.Answer;

/** What a browser shows that was sent to {@link FakeAuthorization}: the person agrees, or does not. */
final class FakeLogin {

    private FakeLogin() {
    }

    static Answer page(String authorizationUrl, FakeAuthorization server) {
        Map<String, String> asked = FakeAuthorization.query(authorizationUrl);
        String back = Objects.requireNonNull(asked.get("redirect_uri"), "redirect_uri");
        Map<String, String> denied = Map.of("error", "access_denied", "state",
                Objects.requireNonNull(asked.get("state"), "state"));
        return new Answer(200, "<!doctype html><html lang=\"en\"><title>Sign in</title><h1>Shop account</h1>"
                + link("Allow", back, server.agree(authorizationUrl)) + link("Deny", back, denied));
    }

    private static String link(String label, String to, Map<String, String> parameters) {
        return "<p><a href=\"" + to + "?"
                + parameters.entrySet().stream()
                        .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&amp;"))
                + "\">" + label + "</a></p>";
    }
}
