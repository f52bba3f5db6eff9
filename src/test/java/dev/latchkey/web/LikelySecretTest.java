package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testing.Foreign;
import org.junit.jupiter.api.Test;

/** Nobody knows the forms of other issuers' tokens; what looks like one is not repeated. */
class LikelySecretTest {

    @Test
    void whatMayBeATokenIsLeftOutOfAPathAndTheRestStays() {
        String token = Foreign.key(Foreign.aPrefix()).token();

        assertThat(LikelySecret.leftOutOfPath("/api/v1/keys/" + token)).isEqualTo("/api/v1/keys/***");
        assertThat(LikelySecret.leftOutOfPath("/api/v1/keys/" + token + "/revoke/")).isEqualTo("/api/v1/keys/***/revoke/");
        assertThat(LikelySecret.leftOutOfPath("/" + "x".repeat(40))).isEqualTo("/***");
        for (String path : new String[] { "", "/", "//", "/api/v1/keys/01890a5d-ac96-774b-bcce-b302099a8057/end-grace",
                "/api/v1/auth/envoy/orders/2026-11-22", "/settings/organization" }) {
            assertThat(LikelySecret.leftOutOfPath(path)).isEqualTo(path);
        }
    }

    @Test
    void whatMayBeATokenIsLeftOutOfASentenceAndTheRestStays() {
        String token = Foreign.key(Foreign.aPrefix()).token();

        assertThat(LikelySecret.leftOutOfText("There is no store '" + token + "'.")).isEqualTo("There is no store '***'.");
        assertThat(LikelySecret.leftOutOfText("metadata." + token)).isEqualTo("metadata.***");
        for (String text : new String[] { "scopes[12]",
                "/paths/~1v2~1orders~1{id}~1refunds/post/security/0/oauth2AuthorizationCode",
                "Replaced at 2026-11-22T10:15:00.123456Z by 01890a5d-ac96-774b-bcce-b302099a8057.",
                "Send application/vnd.oai.openapi+json, or RFC 7396.", "organizationNames, notificationEmails[3]" }) {
            assertThat(LikelySecret.leftOutOfText(text)).isEqualTo(text);
        }
    }
}
