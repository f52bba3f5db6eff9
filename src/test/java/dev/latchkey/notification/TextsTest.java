package dev.latchkey.notification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.activity.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TextsTest {

    @Test
    void bothLanguagesHoldTheSameTexts() {
        assertThat(Texts.in("es").keys()).containsExactlyInAnyOrderElementsOf(Texts.in("en").keys());
    }

    @ParameterizedTest
    @EnumSource
    void everyKindSaysWhatItMeansAndWhatToDo(NoticeKind kind) {
        for (String language : List.of("en", "es")) {
            Texts.Written written = Texts.in(language).write(told(kind, "Acme", language));

            assertThat(List.of(written.title(), written.text(), written.next())).allSatisfy(
                    text -> assertThat(text).isNotBlank().doesNotContain("{", "}"));
            assertThat(written.link()).startsWith("/").doesNotContain("{");
        }
        assertThat(NoticeKind.of(kind.kindName())).isEqualTo(kind);
    }

    @Test
    void aReaderGetsTheFirstLanguageThatThereAreTextsInAndElseThatOfTheOrganization() {
        assertThat(Texts.in(List.of(Locale.GERMAN, new Locale("es", "MX"), Locale.ENGLISH), "en").locale().getLanguage())
                .isEqualTo("es");
        assertThat(Texts.in(List.of(Locale.GERMAN), "es").locale().getLanguage()).isEqualTo("es");
        assertThat(Texts.in(List.of(), "en").locale().getLanguage()).isEqualTo("en");
    }

    @Test
    void aMailIsOneLineOfSubjectWhateverAnOrganizationIsCalled() {
        MailText mail = MailText.of(told(NoticeKind.ORGANIZATION_SUSPENDED, "Acme\r\nBcc: all@victims.example\u2028x", "en"));

        assertThat(mail.subject()).isEqualTo("Your organization is suspended – Acme Bcc: all@victims.example x");
    }

    @Test
    void aNameCannotBringMarkupOrOtherPlacesIntoAMail() {
        MailText mail = MailText.of(told(NoticeKind.ORGANIZATION_SUSPENDED, "<b onclick='x'>{title}&\"", "es"));

        assertThat(mail.html()).contains("&lt;b onclick=&#39;x&#39;&gt;{title}&amp;&quot;").doesNotContain("<b onclick")
                .contains("<html lang=\"es\">");
        assertThat(mail.text()).contains("{title}");
    }

    /** The panel's pages are not there yet. */
    @ParameterizedTest
    @EnumSource
    void aMailLinksToNothing(NoticeKind kind) {
        MailText mail = MailText.of(told(kind, "Acme", "en"));

        assertThat(List.of(mail.text(), mail.html())).allSatisfy(
                part -> assertThat(part).doesNotContain("href", "http", kind.link()));
    }

    private static Told told(NoticeKind kind, String organization, String locale) {
        return new Told(UUID.randomUUID(), kind, new Target("organization", UUID.randomUUID(), organization), Map.of(),
                organization, locale);
    }
}
