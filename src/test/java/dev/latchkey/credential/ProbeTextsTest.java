package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProbeTextsTest {

    private static final List<Locale> LOCALES = List.of(Locale.ENGLISH, new Locale("es", "MX"));

    @Test
    void bothLanguagesHoldTheSameTexts() {
        Set<String> wanted = new HashSet<>();
        for (ProbeReason reason : ProbeReason.values()) {
            wanted.add("detail." + reason.text());
            wanted.add("next." + reason.text());
        }
        for (ProbeSentence sentence : ProbeSentence.values()) {
            wanted.add("said." + sentence.key());
        }
        assertThat(ProbeTexts.in(LOCALES.get(0)).keys()).isEqualTo(wanted);
        assertThat(ProbeTexts.in(LOCALES.get(1)).keys()).isEqualTo(wanted);
    }

    @ParameterizedTest
    @EnumSource
    void everySentenceHasItsPlacesFilled(ProbeSentence sentence) {
        Map<String, String> values = new HashMap<>(Map.of("host", "{status}", "status", "403", "error", "invalid_client",
                "expected", "200", "date", "2026-11-22T09:30:00Z", "seconds", "10", "size", "256 KiB"));
        for (Locale locale : LOCALES) {
            String said = ProbeTexts.in(locale).said(sentence, values);
            assertThat(said).endsWith(said.endsWith("?") ? "?" : ".").doesNotContain("  ");
            assertThat(said.replace("{status}", "")).as("each place once").doesNotContain("{", "}");
        }
        assertThat(ProbeTexts.in(LOCALES.get(1)).said(sentence, values))
                .isNotEqualTo(ProbeTexts.in(Locale.GERMAN).said(sentence, values));
    }

    @ParameterizedTest
    @EnumSource
    void aStoredReasonCanBeToldAgain(ProbeReason reason) {
        assertThat(ProbeReason.of(reason.text())).contains(reason);
        for (Locale locale : LOCALES) {
            assertThat(List.of(reason.detail(locale), reason.nextStep(locale))).noneMatch(text -> text.contains("{"));
        }
    }
}
