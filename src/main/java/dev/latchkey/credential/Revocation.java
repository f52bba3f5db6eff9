package dev.latchkey.credential;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What became of giving a deleted credential's token back to its provider.
 *
 * @param revoked whether the provider has said that the token is dead
 * @param httpStatus what it answered; null where it did not
 * @param detail as a sentence
 */
@Schema(name = "CredentialRevocation", examples = """
        {"revoked": false, "httpStatus": 503, "detail": "The provider did not revoke the token. Withdraw it there."}""")
record Revocation(boolean revoked, @Schema(examples = "200") @Nullable Integer httpStatus, String detail) {
}
