package dev.latchkey.credential;

import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * A test of the merchant's own.
 *
 * @param head whether HEAD is asked, which brings no body; else GET
 * @param url absolute, or a path below the credential's base URL
 * @param expectStatus of a good answer; null: any 2xx
 * @param bodyContains what a good answer contains; null: anything. Told from the first {@link Probes#MAX_BODY_BYTES}
 */
public record ProbeTest(boolean head, String url, @Nullable Integer expectStatus, @Nullable String bodyContains) {

    /**
     * Checks what goes together.
     *
     * @throws ProblemException 422
     */
    public ProbeTest {
        if (head && bodyContains != null) {
            throw ProblemException.invalid("test.bodyContains", "cannot be told from HEAD, which has no body; use GET");
        }
        if (expectStatus != null && (expectStatus < 200 || expectStatus > 599)) {
            throw ProblemException.invalid("test.expectStatus", "must be from 200 to 599");
        }
    }
}
