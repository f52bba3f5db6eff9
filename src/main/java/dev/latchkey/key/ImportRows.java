package dev.latchkey.key;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.StrictReader;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows of an import by the rules of a creation, as far as they can be checked without the database: each finding is told
 * of, not the first only. No message repeats what stands in the row, since people put tokens where hashes belong.
 */
@Singleton
class ImportRows {

    private static final Pattern HASH = Pattern.compile("[0-9A-Fa-f]{64}");
    private static final int MAX_START_BEYOND_PREFIX = 8;
    /** What only a key can have whose material was made here. */
    private static final Set<String> NOT_IMPORTED = Set.of("withSecret", "recoverable");

    private final StrictReader reader;
    private final Keys keys;
    private final MethodWarnings warnings;
    private final Peppers peppers;

    ImportRows(StrictReader reader, Keys keys, MethodWarnings warnings, Peppers peppers) {
        this.reader = reader;
        this.keys = keys;
        this.warnings = warnings;
        this.peppers = peppers;
    }

    ImportRow read(Keys.Actor actor, ImportLines.Line line) {
        String text = line.text();
        if (text == null) {
            return ImportRow.invalid(line.number(), List.of(new FieldError("", line.tooLong()
                    ? "is longer than " + ImportLines.MAX_BYTES + " bytes"
                    : "is not UTF-8")));
        }
        try {
            JsonNode tree = reader.tree(text);
            return tree instanceof ObjectNode row ? read(actor, line.number(), row)
                    : ImportRow.invalid(line.number(), List.of(new FieldError("", "must be one JSON object")));
        } catch (ProblemException refusal) {
            return ImportRow.invalid(line.number(), errorsOf(refusal));
        }
    }

    private ImportRow read(Keys.Actor actor, long line, ObjectNode row) {
        List<FieldError> errors = new ArrayList<>();
        byte[] hash = hash(row.remove("hash"), errors);
        String prefix = prefix(row.remove("prefix"), errors);
        String start = start(row.remove("start"), prefix, errors);
        if (hash != null && prefix != null && start != null && (isOf(hash, prefix) || isOf(hash, start))) {
            errors.add(new FieldError("hash", "is that of what stands beside it in clear, so the token is no secret"));
        }
        for (String field : NOT_IMPORTED) {
            if (row.has(field) && !row.remove(field).toString().equals("false")) {
                errors.add(new FieldError(field, "is not possible: only the hash of the token is known here"));
            }
        }
        if (holdsNul(row)) {
            errors.add(new FieldError("", "holds the character U+0000, which cannot be stored"));
        }
        Wanted wanted = key(actor, row, errors);
        if (hash == null || prefix == null || start == null || wanted == null || !errors.isEmpty()) {
            return ImportRow.invalid(line, errors);
        }
        boolean ours = ForeignPrefixes.isOurs(prefix);
        return new ImportRow(line, draft(wanted, hash, ours ? null : prefix, start), List.of(),
                warnings(wanted.key, prefix));
    }

    private List<FieldError> warnings(Key key, String prefix) {
        List<FieldError> told = new ArrayList<>();
        if (ForeignPrefixes.isOurs(prefix)) {
            told.add(new FieldError("prefix",
                    "is that of Latchkey's own keys and exempts nothing: the token verifies only if it has Latchkey's checksum"));
        } else if (KeyToken.isHead(prefix)) {
            told.add(new FieldError("prefix", "is as those of Latchkey's own keys: where exactly " + KeyToken.OWN_CHARACTERS
                    + " letters and digits follow, the token verifies only if it has Latchkey's checksum"));
        }
        if (key.methods != null) {
            warnings.on(Arrays.asList(key.scopes), Arrays.asList(key.methods))
                    .forEach(warning -> told.add(new FieldError(warning.field(), warning.message())));
        }
        return told;
    }

    /** As the statement of {@link Imports} takes it. */
    private ImportRow.Draft draft(Wanted wanted, byte[] hash, @Nullable String prefix, String start) {
        Key key = wanted.key;
        List<Peppers.Digest> digests = peppers.digests(hash);
        List<String> hex = digests.stream().map(digest -> "\\x" + HexFormat.of().formatHex(digest.bytes())).toList();
        String row = new JsonObject().put("id", key.id.toString()).put("name", key.name)
                .put("description", key.description).put("active", key.active).put("environment", key.environment)
                .put("scopes", new JsonArray(Arrays.asList(key.scopes)))
                .put("methods", key.methods == null ? null : new JsonArray(Arrays.asList(key.methods)))
                .put("all_stores", key.allStores)
                .put("expires_at", key.expiresAt == null ? null : key.expiresAt.toString()).put("limit_source", key.limitSource)
                .put("rate_limit", key.rateLimit)
                .put("rate_window_seconds", key.rateWindowSeconds)
                .put("ip_allow_list", new JsonArray(Arrays.asList(key.ipAllowList))).put("metadata", key.metadata)
                .put("material", UuidCreator.getTimeOrderedEpoch().toString()).put("digests", new JsonArray(hex))
                .put("pepper_id", digests.get(0).pepperId()).put("start", start).encode();
        return new ImportRow.Draft(key.id, hex, row, wanted.stores, prefix);
    }

    /** @param stores ids or keys */
    private record Wanted(Key key, List<String> stores) {
    }

    private @Nullable Wanted key(Keys.Actor actor, ObjectNode row, List<FieldError> errors) {
        KeyForm form;
        try {
            form = reader.read(row, KeyForm.class);
        } catch (ProblemException refusal) {
            errors.addAll(errorsOf(refusal));
            return null;
        }
        collect(errors, () -> keys.requireFuture(form.expiresAt(), null));
        collect(errors, () -> keys.requireKnownScopes(form.scopes(), List.of()));
        Key key = new Key();
        collect(errors, () -> {
            Keys.fill(key, form);
            keys.requireGivenBy(actor, key, Grants.NONE);
        });
        key.id = UuidCreator.getTimeOrderedEpoch();
        key.environment = form.environment().column();
        return new Wanted(key, form.access().storesOrNone());
    }

    /** In a text or in a name, however deep. */
    private static boolean holdsNul(JsonNode node) {
        if (node.isTextual()) {
            return node.textValue().indexOf('\0') >= 0;
        }
        for (Iterator<String> names = node.fieldNames(); names.hasNext();) {
            if (names.next().indexOf('\0') >= 0) {
                return true;
            }
        }
        for (JsonNode child : node) {
            if (holdsNul(child)) {
                return true;
            }
        }
        return false;
    }

    private static byte @Nullable [] hash(@Nullable JsonNode given, List<FieldError> errors) {
        if (given == null || !given.isTextual() || !HASH.matcher(given.textValue()).matches()) {
            errors.add(new FieldError("hash", given == null || given.isNull() ? "is required"
                    : "must be a SHA-256 in 64 hexadecimal digits"));
            return null;
        }
        return HexFormat.of().parseHex(given.textValue());
    }

    private static @Nullable String prefix(@Nullable JsonNode given, List<FieldError> errors) {
        String prefix = given == null || !given.isTextual() ? "" : given.textValue();
        boolean good = ForeignPrefixes.isVisibleAscii(prefix) && prefix.length() <= ForeignPrefixes.MAX_CHARACTERS
                && (prefix.length() >= ForeignPrefixes.MIN_CHARACTERS || !prefix.isEmpty() && ForeignPrefixes.isOurs(prefix));
        if (!good) {
            errors.add(new FieldError("prefix", given == null || given.isNull() ? "is required"
                    : "must be " + ForeignPrefixes.MIN_CHARACTERS + " to " + ForeignPrefixes.MAX_CHARACTERS
                            + " visible ASCII characters, with which the token begins"));
            return null;
        }
        return prefix;
    }

    private static @Nullable String start(@Nullable JsonNode given, @Nullable String prefix, List<FieldError> errors) {
        if (given == null || given.isNull() || prefix == null) {
            return prefix;
        }
        String start = given.isTextual() ? given.textValue() : "";
        if (!start.startsWith(prefix) || start.length() > prefix.length() + MAX_START_BEYOND_PREFIX
                || !ForeignPrefixes.isVisibleAscii(start)) {
            errors.add(new FieldError("start", "must begin with the prefix and have at most " + MAX_START_BEYOND_PREFIX
                    + " more visible ASCII characters of the token"));
            return null;
        }
        return start;
    }

    private static boolean isOf(byte[] hash, String text) {
        return Arrays.equals(Peppers.fingerprint(text), hash);
    }

    private static void collect(List<FieldError> errors, Runnable check) {
        try {
            check.run();
        } catch (ProblemException refusal) {
            errors.addAll(errorsOf(refusal));
        }
    }

    private static List<FieldError> errorsOf(ProblemException refusal) {
        return refusal.errors().isEmpty()
                ? List.of(new FieldError("", refusal.detail().replace(" at line 1, column", ", column")))
                : refusal.errors();
    }
}
