package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 section 13.1.1: strong comparison, any of a list, or whatever there is. */
class EntityTagsTest {

    @ParameterizedTest
    @ValueSource(strings = { "\"7\"", "*", " * ", "\"1\", \"7\"", "\"1\",\"7\"", "W/\"7\", \"7\"", " \"7\" ",
            "\"a,b\", \"7\"" })
    void whatNamesTheVersionOrAnyMatches(String ifMatch) {
        assertThatCode(() -> EntityTags.requireMatch(ifMatch, 7)).doesNotThrowAnyException();
    }

    @Test
    void whoAsksForNothingIsNotRefused() {
        assertThatCode(() -> EntityTags.requireMatch(null, 7)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = { "\"6\"", "\"70\"", "\"07\"", "W/\"7\"", "w/\"7\"", "7", "", " ", "\"7", "7\"", "\"\"",
            "\"1\", \"2\"",
            "\"*\"", "**", "'7'", "\"7\"x" })
    void whatDoesNotIsRefusedWithTheTagThatHolds(String ifMatch) {
        assertThatThrownBy(() -> EntityTags.requireMatch(ifMatch, 7)).isInstanceOfSatisfying(ProblemException.class,
                refusal -> {
                    assertThat(refusal.code()).isEqualTo(ProblemCode.PRECONDITION_FAILED);
                    assertThat(refusal.headers()).containsEntry("ETag", "\"7\"");
                });
    }

    @Test
    void whoForgetsTheQuotesIsToldSo() {
        assertThatThrownBy(() -> EntityTags.requireMatch("7", 7)).hasMessageContaining("quotes");
        assertThatThrownBy(() -> EntityTags.requireMatch("\"6\"", 7)).hasMessageContaining("changed");
    }
}
