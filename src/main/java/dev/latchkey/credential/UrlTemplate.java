package dev.latchkey.credential;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.latchkey.net.Destination;
import org.jspecify.annotations.Nullable;

/**
 * A URL, or a path below one, with places for variables: {@code https://{shop}.example.com/v1/{account}?site={site}}.
 * <p>
 * A value never leaves its place. What decides is not what it looks like but where it goes: in the host it is letters, digits,
 * hyphens and dots; in the path and in the query everything but RFC 3986's unreserved characters is percent-encoded, and no
 * segment of the path becomes {@code .} or {@code ..}. That the dots of a host lead to no other one is the business of the
 * entry's patterns and of {@link Provider#admits}, which is asked of the finished address.
 *
 * @param text as it stands in the file
 * @param parts in their order
 */
public record UrlTemplate(String text, List<Part> parts) {

    private static final Pattern IN_HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");
    private static final Pattern DOTS = Pattern.compile("/\\.{1,2}(/|$)");
    private static final String SCHEME_END = "://";

    /**
     * What a template is made of.
     *
     * @param text literal, or the variable's name
     * @param where null for a literal
     */
    record Part(String text, @Nullable Where where) {
    }

    /** In which part of the URL a place is. */
    enum Where {
        HOST,
        PATH,
        QUERY
    }

    /** Null where it is neither a URL nor a path, or where a place stands in the scheme or splits an escape. */
    static @Nullable UrlTemplate parse(String text) {
        if (!text.startsWith("/") && !text.startsWith("https" + SCHEME_END) && !text.startsWith("http" + SCHEME_END)) {
            return null;
        }
        int host = text.startsWith("/") ? 0 : text.indexOf(SCHEME_END) + SCHEME_END.length();
        int path = text.startsWith("/") ? 0 : endOfHost(text, host);
        int query = text.indexOf('?') < 0 ? text.length() : text.indexOf('?');
        List<Part> parts = new ArrayList<>();
        Matcher place = TextTemplate.PLACE.matcher(text);
        int from = 0;
        while (place.find()) {
            parts.add(new Part(text.substring(from, place.start()), null));
            parts.add(new Part(place.group(1),
                    place.start() < path ? Where.HOST : place.start() < query ? Where.PATH : Where.QUERY));
            from = place.end();
        }
        parts.add(new Part(text.substring(from), null));
        UrlTemplate template = new UrlTemplate(text, List.copyOf(parts));
        boolean isRead = parts.stream().allMatch(part -> part.where() != null || isLiteral(part.text()))
                && Destination.parse((path == 0 ? "https://example.com" : "") + template.withPlaces("x")).orNull() != null;
        return isRead ? template : null;
    }

    private static int endOfHost(String text, int from) {
        int end = from;
        while (end < text.length() && text.charAt(end) != '/' && text.charAt(end) != '?') {
            end++;
        }
        return end;
    }

    private static boolean isLiteral(String text) {
        return text.chars().allMatch(each -> each > ' ' && each <= '~' && "{}#@\\".indexOf(each) < 0);
    }

    /** Whether it stands below another URL. */
    boolean isPath() {
        return text.startsWith("/");
    }

    /** The names of its variables. */
    List<String> places() {
        return parts.stream().filter(part -> part.where() != null).map(Part::text).toList();
    }

    private String withPlaces(String value) {
        StringBuilder url = new StringBuilder();
        parts.forEach(part -> url.append(part.where() == null ? part.text() : value));
        return url.toString();
    }

    /** The URL, or null when a value does not fit its place or is not there. */
    @Nullable
    String fill(Map<String, String> values) {
        StringBuilder url = new StringBuilder();
        for (Part part : parts) {
            Where where = part.where();
            String value = where == null ? part.text() : fitted(where, values.getOrDefault(part.text(), ""));
            if (value == null) {
                return null;
            }
            url.append(value);
        }
        // Of the whole, since two places side by side may make a segment together.
        return DOTS.matcher(url.toString().split("\\?", 2)[0]).find() ? null : url.toString();
    }

    private static @Nullable String fitted(Where where, String value) {
        if (value.isEmpty()) {
            return null;
        }
        return switch (where) {
            case HOST -> IN_HOST.matcher(value).matches() && !value.contains("..") ? value : null;
            case PATH, QUERY -> encoded(value);
        };
    }

    /** RFC 3986 section 2.3: unreserved characters stay. */
    static String encoded(String value) {
        StringBuilder text = new StringBuilder(value.length());
        for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
            if (each >= 'a' && each <= 'z' || each >= 'A' && each <= 'Z' || each >= '0' && each <= '9'
                    || each > 0 && "-._~".indexOf(each) >= 0) {
                text.append((char) each);
            } else {
                text.append('%').append(Character.toUpperCase(Character.forDigit(each >> 4 & 0xf, 16)))
                        .append(Character.toUpperCase(Character.forDigit(each & 0xf, 16)));
            }
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
