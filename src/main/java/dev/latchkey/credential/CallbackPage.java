package dev.latchkey.credential;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The page that a person sees who comes back from a provider. Whole in itself: it loads nothing, runs nothing, and none of what
 * the provider's redirect has brought along stands in it, so that neither it nor whoever it leads to learns a code or a state.
 */
final class CallbackPage {

    private static final String STYLE = """
            :root{color-scheme:light dark}
            body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh}
            main{max-width:34rem;padding:2rem}
            h1{font-size:1.5rem;margin:0 0 1rem}
            a{display:inline-block;margin-top:1rem;padding:.6rem 1.2rem;border:1px solid;border-radius:.4rem;
            text-decoration:none;color:inherit}
            a:focus-visible{outline:3px solid Highlight}""";
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");

    /** No script, no frame, no form, and no style but the one in it. */
    static final String POLICY = "default-src 'none'; style-src 'sha256-" + hash(STYLE)
            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private CallbackPage() {
    }

    static String of(ConnectResult result, Locale locale) {
        ConnectTexts texts = ConnectTexts.in(locale);
        String key = result.code().text();
        Map<String, String> values = Map.of("credential", orEmpty(result.name()), "detail", orEmpty(result.detail()));
        StringBuilder page = new StringBuilder(2048).append("<!doctype html>\n<html lang=\"").append(locale.getLanguage())
                .append("\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n")
                .append("<meta name=\"robots\" content=\"noindex\">\n<title>").append(escaped(texts.text(key + ".title")))
                .append(" · Latchkey</title>\n<style>").append(STYLE).append("</style>\n</head>\n<body>\n<main>\n<h1>")
                .append(escaped(texts.text(key + ".title"))).append("</h1>\n<p>")
                .append(filled(texts.text(key + ".text"), values)).append("</p>\n");
        if (!result.lost().isEmpty()) {
            page.append("<p role=\"alert\">").append(escaped(texts.text("lost"))).append("</p>\n<ul>\n");
            result.lost().forEach(scope -> page.append("<li><code>").append(escaped(scope)).append("</code></li>\n"));
            page.append("</ul>\n");
        }
        if (result.isUnproved()) {
            page.append("<p>").append(escaped(texts.text("unproved"))).append("</p>\n");
        }
        page.append("<p>").append(filled(texts.text(key + ".next"), values)).append("</p>\n");
        if (result.returnTo() != null) {
            page.append("<a rel=\"noreferrer\" href=\"").append(escaped(result.returnTo())).append("\">")
                    .append(escaped(texts.text("back"))).append("</a>\n");
        }
        return page.append("</main>\n</body>\n</html>\n").toString();
    }

    /** Each place is filled once: what stands in a value is never taken for another place, nor for markup. */
    private static String filled(String text, Map<String, String> values) {
        return PLACE.matcher(escaped(text))
                .replaceAll(place -> Matcher.quoteReplacement(escaped(values.getOrDefault(place.group(1), ""))));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String hash(String style) {
        try {
            return Base64.getEncoder().encodeToString(
                    MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
