package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import dev.latchkey.credential.Provider.ErrorRule;
import dev.latchkey.net.OutboundAnswer;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeRuleTest {

    private static OutboundAnswer answer(int status, String body) {
        return new OutboundAnswer(status, List.of(), Buffer.buffer(body), false);
    }

    @ParameterizedTest
    @CsvSource({ "200, valid", "204, valid", "299, valid", "301, misconfigured", "302, misconfigured", "304, misconfigured",
            "400, misconfigured", "401, invalid", "403, limited", "404, misconfigured", "405, misconfigured",
            "407, misconfigured", "429, rate-limited", "451, misconfigured", "500, provider-error", "502, provider-error",
            "503, provider-error", "504, provider-error", "599, provider-error" })
    void eachStatusMeansSomethingElse(int status, String reason) {
        assertThat(ProbeRule.USUAL.read(answer(status, "")).reason().text()).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({ "204, valid", "200, misconfigured", "401, invalid", "403, limited", "500, provider-error",
            "429, rate-limited" })
    void anExpectedStatusIsTheOnlyGoodOne(int status, String reason) {
        assertThat(ProbeRule.of(new ProbeTest(false, "/", 204, null)).read(answer(status, "")).reason().text())
                .isEqualTo(reason);
    }

    @Test
    void evenAStatusThatUsuallyIsNoneIsGoodWhenItIsExpected() {
        assertThat(ProbeRule.of(new ProbeTest(false, "/", 404, null)).read(answer(404, "")).reason())
                .isEqualTo(ProbeReason.VALID);
    }

    @Test
    void aTextTellsAnErrorWithin200() {
        ProbeRule rule = ProbeRule.of(new ProbeTest(false, "/", null, "\"ok\": true"));

        assertThat(rule.read(answer(200, "{\"ok\": true}"))).isEqualTo(ProbeSentence.ACCEPTED);
        assertThat(rule.read(answer(200, "{\"ok\": false}"))).isEqualTo(ProbeSentence.LACKS_TEXT);
        assertThat(rule.read(answer(200, "")).reason()).isEqualTo(ProbeReason.INVALID);
        assertThat(rule.read(new OutboundAnswer(200, List.of(), Buffer.buffer("{"), true)))
                .isEqualTo(ProbeSentence.LACKS_TEXT_SO_FAR);
        assertThat(rule.read(answer(500, "{\"ok\": true}")).reason()).isEqualTo(ProbeReason.PROVIDER_ERROR);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "200 | {\"e\": {\"code\": 0}} | valid", "200 | {\"e\": {}} | valid",
            "200 | {\"e\": {\"code\": null}} | valid", "200 | [] | valid", "200 | no json | valid",
            "200 | {\"e\": {\"code\": \"7\"}} | invalid", "200 | {\"e\": {\"code\": 7}} | invalid",
            "400 | {\"e\": {\"code\": 7}} | invalid", "500 | {\"e\": {\"code\": 9}} | rate-limited",
            "200 | {\"e\": {\"code\": 8}} | misconfigured", "403 | {\"e\": {\"code\": 8}} | limited",
            "410 | {\"e\": {\"code\": 8}} | invalid", "410 | gone | invalid" })
    void theBodyComesBeforeTheStatusAndTheEntryBeforeWhatIsUsual(int status, String body, String reason) {
        ProbeRule rule = new ProbeRule(List.of(200), null, Map.of(410, ProbeReason.INVALID), new ErrorRule("/e/code",
                List.of("0"), Map.of("7", ProbeReason.INVALID, "9", ProbeReason.RATE_LIMITED)));

        assertThat(rule.read(answer(status, body)).reason().text()).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({ "190, INVALID", "199, ", "200, LIMITED", "283, LIMITED", "299, LIMITED", "300, ", "250, RATE_LIMITED",
            "Expired since, INVALID", "expired, ", "20x, " })
    void aCodeIsMeantByItselfByItsBeginningOrByARange(String code, @Nullable ProbeReason meaning) {
        ErrorRule rule = new ErrorRule("/code", List.of(), Map.of("190", ProbeReason.INVALID, "200-299", ProbeReason.LIMITED,
                "250", ProbeReason.RATE_LIMITED, "Expired*", ProbeReason.INVALID));

        assertThat(rule.meaning(code)).isEqualTo(meaning);
    }
}
