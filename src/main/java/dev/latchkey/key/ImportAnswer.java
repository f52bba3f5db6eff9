package dev.latchkey.key;

import java.util.List;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.latchkey.web.Problem.FieldError;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A line of an import's answer: what a row has come to, or, as the last one, what all of them have.
 *
 * @param line of the row, from 1
 * @param status of the row, or of the import
 * @param id of the key that has this token
 * @param errors why the row is invalid
 * @param warnings what is not as it seems, though the row is valid
 * @param importId by which the activity log finds what was imported
 * @param counts of rows
 * @param detail why an import failed, and what to do about it
 */
@Schema(name = "KeyImportResult", description = "A line of the answer: of a row, in the order of the file, or the last one, which sums up", examples = ImportAnswer.EXAMPLE)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@RegisterForReflection(targets = { ImportAnswer.class, ImportAnswer.Counts.class, ImportAnswer.Status.class })
@JsonPropertyOrder({ "line", "status", "id", "errors", "warnings", "import", "rows", "detail" })
record ImportAnswer(@Nullable Long line, Status status,
        @Nullable UUID id, List<FieldError> errors, List<FieldError> warnings,
        @Schema(name = "import") @JsonProperty("import") @Nullable UUID importId,
        @Schema(name = "rows") @JsonProperty("rows") @Nullable Counts counts, @Nullable String detail) {

    static final String EXAMPLE = "{\"line\": 1, \"status\": \"imported\", \"id\": \"01890a5d-ac96-774b-bcce-b302099a8057\"}";

    static ImportAnswer row(long line, Status status, @Nullable UUID id, List<FieldError> errors, List<FieldError> warnings) {
        return new ImportAnswer(line, status, id, errors, warnings, null, null, null);
    }

    static ImportAnswer end(Status status, UUID id, Counts counts, @Nullable String detail) {
        return new ImportAnswer(null, status, null, List.of(), List.of(), id, counts, detail);
    }

    /** What becomes of a row: the first three; of an import: the others. */
    @Schema(name = "KeyImportStatus")
    enum Status {
        @JsonProperty("imported")
        IMPORTED,
        /** The organization has a key with this token. */
        @JsonProperty("duplicate")
        DUPLICATE,
        @JsonProperty("invalid")
        INVALID,
        /** Every row has been answered for. */
        @JsonProperty("done")
        DONE,
        /** Rows that were not answered for are not imported, or nobody knows. */
        @JsonProperty("failed")
        FAILED
    }

    /** How many rows have come to what. */
    @Schema(name = "KeyImportCounts")
    record Counts(long imported, long duplicate, long invalid) {
    }
}
