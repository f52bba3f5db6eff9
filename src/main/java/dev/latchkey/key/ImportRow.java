package dev.latchkey.key;

import java.util.List;
import java.util.UUID;

import dev.latchkey.web.Problem.FieldError;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a line came to when it was read.
 *
 * @param line its number
 * @param draft what is to be written; null where something is wrong
 * @param errors what is wrong
 * @param warnings what is not as it seems, though nothing is wrong
 */
record ImportRow(long line, @Nullable Draft draft, List<FieldError> errors, List<FieldError> warnings) {

    static ImportRow invalid(long line, List<FieldError> errors) {
        return new ImportRow(line, null, errors, List.of());
    }

    /**
     * A key that is not written yet.
     *
     * @param id the key's
     * @param digests of its token, under each pepper; by the first one two are known to be the same
     * @param json all of it but its stores, as the statement takes it
     * @param stores ids or keys
     * @param prefix by which its token is known though it lacks our checksum; null: it has it
     */
    record Draft(UUID id, List<String> digests, String json, List<String> stores, @Nullable String prefix) {

        String digest() {
            return digests.get(0);
        }
    }

    /** A row as the OpenAPI document shows it: what stands here, and all that a creation takes. */
    @Schema(name = "KeyImport", description = "A line of the file, as one JSON object: these fields, and all of KeyForm", allOf = {
            KeyForm.class }, requiredProperties = { "hash", "prefix" })
    record Documented(
            @Schema(description = "SHA-256 of the whole token, in hexadecimal digits", pattern = "^[0-9A-Fa-f]{64}$", minLength = 64, maxLength = 64, examples = "5f29ab3e3d0b1c3f6b2b6d0f5a64d1d3ed7e7b6f52b2b9c1f3a8ad2f1f0e9c77") String hash,
            @Schema(description = "How the token begins; whatever begins so is looked up though it lacks Latchkey's checksum", pattern = "^[!-~]{3,32}$", minLength = 3, maxLength = 32, examples = "acme_") String prefix,
            @Schema(description = "The first characters, for recognition: the prefix and at most 8 more", maxLength = 40, examples = "acme_7Qm2", nullable = true) @Nullable String start) {
    }
}
