package dev.latchkey.catalog;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.catalog.Part.Kind;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/** What is wrong with a document, and what is odd: errors by place, as many as are useful at once, and warnings by kind. */
final class Findings {

    private static final int MAX_ERRORS = 20;
    private static final int EXAMPLES = 3;
    private static final int MAX_EXAMPLE_CHARACTERS = 100;

    /** What a person should know of several operations or scopes; their number and some examples follow. */
    enum Note {
        OPEN("operations demand no scope: any valid key may call them, unless its methods keep it from that"),
        CHOSEN("operations name alternatives with different scopes: keys need those of the first"),
        PASSED_OVER("operations also let callers in who hold no scope, by another scheme or none: keys need the scopes all the"
                + " same"),
        SAME_PATH(
                "operations match the same requests as another one, whose path is written otherwise (by slashes, or by parameters side"
                        + " by side): each demands the scopes of both"),
        UNDESCRIBED("scopes are demanded that no flow of OAuth 2 describes"),
        OWN_SCOPE("scopes are also scopes of this service: a key that holds one may use it here too, and not everyone may"
                + " give it away"),
        OWN_OPERATION("operations are also operations of this service: keys need its scopes besides"),
        BASE_PATH("servers name another base path than the first, whose is taken");

        private final String sentence;

        Note(String sentence) {
            this.sentence = sentence;
        }
    }

    private static final class Noted {
        private int number;
        private final List<String> examples = new ArrayList<>();
    }

    private final List<FieldError> errors = new ArrayList<>();
    private final Map<Note, Noted> notes = new EnumMap<>(Note.class);

    /** A pointer as problems name it: that of the whole document is empty. */
    static String field(String pointer) {
        return pointer.isEmpty() ? "document" : pointer;
    }

    /** @throws ProblemException when there are so many that more would not help */
    void error(Part at, String message) {
        error(at.pointer(), message + " (" + at.where() + ")");
    }

    void error(String pointer, String message) {
        errors.add(new FieldError(field(pointer), message));
        if (errors.size() == MAX_ERRORS) {
            throwIfAny();
        }
    }

    void note(Note note, String example) {
        var noted = notes.computeIfAbsent(note, first -> new Noted());
        noted.number++;
        if (noted.examples.size() < EXAMPLES) {
            noted.examples.add(CleanText.of(example, MAX_EXAMPLE_CHARACTERS));
        }
    }

    /** @throws ProblemException 422 with all errors */
    void throwIfAny() {
        if (!errors.isEmpty()) {
            throw ProblemException.invalid(errors);
        }
    }

    List<String> warnings() {
        return notes.entrySet().stream().map(entry -> {
            var noted = entry.getValue();
            var examples = String.join(", ", noted.examples) + (noted.number > noted.examples.size() ? ", …" : "");
            return entry.getKey().sentence + " [" + noted.number + "]: " + examples;
        }).toList();
    }

    /** Whether it is there and of that kind; where it is there and of another one, that is an error. */
    boolean expect(@Nullable Part part, Kind kind) {
        if (part == null) {
            return false;
        }
        if (!part.is(kind)) {
            error(part, "must be " + kind.words() + ", not " + part.kind().words());
            return false;
        }
        return true;
    }

    /** The text of a field that may be absent; empty where it is. */
    String text(Part of, String field) {
        var part = of.get(field);
        return part != null && expect(part, Kind.SCALAR) ? part.text() : "";
    }
}
