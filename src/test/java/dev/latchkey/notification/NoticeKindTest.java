package dev.latchkey.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testing.FrontEnd;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every kind of notice has. */
class NoticeKindTest {

    @ParameterizedTest
    @EnumSource
    void eachKindLeadsToAPageThatThereIs(NoticeKind kind) {
        assertThat(FrontEnd.addresses()).contains(kind.link().replace("{id}", ":id").replaceFirst("\\?.*", ""));
    }
}
