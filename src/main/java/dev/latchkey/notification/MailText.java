package dev.latchkey.notification;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * A notice as a mail: the same in plain text and in simple HTML, which names its language for screen readers. It links to
 * nothing: what {@link Texts.Written#link} names is for those who are in the panel.
 *
 * @param subject one line, whatever people call their organization
 * @param text the plain part
 * @param html the HTML part
 */
record MailText(String subject, String text, String html) {

    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}]+");

    static MailText of(Told told) {
        Texts texts = Texts.in(told.locale());
        Texts.Written notice = texts.write(told);
        String organization = told.organizationName();
        String subject = texts.text("mail.subject", Map.of("title", notice.title(), "organization", organization));
        String next = texts.text("mail.next", Map.of());
        String footer = texts.text("mail.footer", Map.of("organization", organization));
        String plain = """
                %s

                %s

                %s: %s

                --\s
                %s
                """.formatted(notice.title(), notice.text(), next, notice.next(), footer);
        String html = """
                <!DOCTYPE html>
                <html lang="%1$s">
                <head><meta charset="UTF-8"><title>%2$s</title></head>
                <body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">
                <h1 style="font-size: 1.3em">%2$s</h1>
                <p>%3$s</p>
                <p><strong>%4$s:</strong> %5$s</p>
                <hr>
                <p><small>%6$s</small></p>
                </body>
                </html>
                """.formatted(texts.locale().getLanguage(), html(notice.title()), html(notice.text()), html(next),
                html(notice.next()), html(footer));
        return new MailText(CONTROLS.matcher(subject).replaceAll(" "), plain, html);
    }

    private static String html(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'",
                "&#39;");
    }
}
