package dev.latchkey.catalog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.latchkey.catalog.Part.Kind;
import dev.latchkey.catalog.Part.Place;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads the text of a document, JSON or YAML, in one pass and keeps what {@link Shape} names.
 * <p>
 * Token by token, so that memory does not hold what is passed over, and that nothing in it can grow: an alias of YAML is one
 * token and expands to nothing, a number is never converted, depth, names and the number of parts that are kept are bounded.
 * For that, anchors and merge keys are not followed where something is kept; they are told of, and do no harm elsewhere (in
 * schemas, where they usually are). Models of OpenAPI, as SmallRye's, were dropped: they hold a document whole several times
 * over, and know no lines.
 */
final class DocumentText {

    /** Bound of a document, in bytes: that of the contract. */
    static final int MAX_BYTES = 8 * 1024 * 1024;

    private static final int MAX_DEPTH = 500;
    private static final int MAX_PARTS = 200_000;
    /**
     * Of a text that is kept, and of the name of a field; what is longer can be no path and no description that anyone shows.
     */
    private static final int MAX_CHARACTERS = 2_000;
    private static final int MAX_FAULT_CHARACTERS = 120;
    private static final String MERGE_KEY = "<<";
    private static final String TOO_LONG = "holds a text of more than " + YamlSource.MOST_CHARACTERS + " characters";

    private static final StreamReadConstraints BOUNDS = StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build();
    private static final JsonFactory JSON = JsonFactory.builder().streamReadConstraints(BOUNDS).build();
    private static final YAMLFactory YAML = YAMLFactory.builder().streamReadConstraints(BOUNDS).loaderOptions(yamlBounds())
            .build();

    private final JsonParser parser;
    /** Null for JSON. */
    private final @Nullable YamlSource yaml;
    private int parts;

    private DocumentText(JsonParser parser, @Nullable YamlSource yaml) {
        this.parser = parser;
        this.yaml = yaml;
    }

    private static LoaderOptions yamlBounds() {
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES + 1);
        return options;
    }

    /**
     * @param isJson whether it says to be JSON; else it is YAML, of which JSON is nearly a part
     * @throws ProblemException 422 that says where it cannot be read
     */
    static Part read(byte[] text, boolean isJson) {
        var format = isJson ? "JSON" : "YAML";
        var yaml = isJson ? null : new YamlSource(text);
        try (var parser = yaml == null ? JSON.createParser(text) : YAML.createParser(yaml)) {
            return new DocumentText(parser, yaml).read();
        } catch (StreamConstraintsException tooMuch) {
            throw refused("goes too deep, or a name in it is too long" + at(tooMuch));
        } catch (JsonProcessingException fault) {
            if (isOfTooLongText(fault)) {
                throw refused(TOO_LONG + at(fault));
            }
            var reason = fault.getCause() instanceof MarkedYAMLException marked ? reason(marked) : "";
            throw refused("is not valid " + format + at(fault) + reason);
        } catch (MarkedYAMLException fault) {
            var mark = fault.getProblemMark();
            throw refused("is not valid YAML"
                    + (mark == null ? "" : at(mark.getLine() + 1, mark.getColumn() + 1)) + reason(fault));
        } catch (IOException | YAMLException noText) {
            throw refused(isOfTooLongText(noText) ? TOO_LONG : "is not valid " + format + " in UTF-8");
        }
    }

    /** The parser wraps what its source throws, once or twice. */
    private static boolean isOfTooLongText(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof YamlSource.TooLong) {
                return true;
            }
        }
        return false;
    }

    private static String reason(MarkedYAMLException fault) {
        var problem = fault.getProblem() == null ? "" : CleanText.of(fault.getProblem(), MAX_FAULT_CHARACTERS);
        return problem.isEmpty() ? "" : ": " + problem;
    }

    private static String at(JsonProcessingException fault) {
        var location = fault.getLocation();
        return location == null || location.getLineNr() < 1 ? "" : at(location.getLineNr(), location.getColumnNr());
    }

    private static String at(int line, int column) {
        return " at line " + line + ", column " + column;
    }

    private static ProblemException refused(String message) {
        return ProblemException.invalid(Findings.field(""), message);
    }

    private @Nullable JsonToken next() throws IOException {
        var token = parser.nextToken();
        if (yaml != null) {
            yaml.tokenSeen();
        }
        return token;
    }

    private void skip() throws IOException {
        for (var depth = depthAfter(parser.currentToken()); depth > 0; depth += depthAfter(next())) {
            // What is passed over is looked at by the parser alone.
        }
    }

    private static int depthAfter(@Nullable JsonToken token) {
        return token == null ? Integer.MIN_VALUE / 2 : token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    }

    private Part read() throws IOException {
        if (next() == null) {
            throw refused("is empty");
        }
        var document = part(Shape.DOCUMENT, Place.DOCUMENT);
        if (next() != null) {
            throw refused("must be one document, and another one begins" + here());
        }
        return document;
    }

    /** What begins at the current token; afterwards that is its last one. */
    private Part part(Shape shape, Place place) throws IOException {
        if (++parts > MAX_PARTS) {
            throw refused("holds more than can be read: give it fewer operations, tags or scopes");
        }
        var start = parser.currentTokenLocation();
        var line = start.getLineNr();
        var column = start.getColumnNr();
        if (parser instanceof YAMLParser aliased && aliased.isCurrentAlias()) {
            throw refusedAlias(place);
        }
        var token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> new Part(Kind.OBJECT, "", fields(shape, place), List.of(), place, line, column);
            case START_ARRAY -> new Part(Kind.LIST, "", Map.of(), items(shape.item(), place), place, line, column);
            case VALUE_NULL -> new Part(Kind.NULL, "", Map.of(), List.of(), place, line, column);
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE -> {
                var text = text();
                // Of YAML, this parser tells a field that says nothing as an empty text.
                var kind = text.isEmpty() && parser instanceof YAMLParser ? Kind.NULL : Kind.SCALAR;
                yield new Part(kind, text, Map.of(), List.of(), place, line, column);
            }
            default -> throw refused("holds what has no place in an OpenAPI document" + here());
        };
    }

    private String text() throws IOException {
        var text = parser.getText();
        return text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS);
    }

    private Map<String, Part> fields(Shape shape, Place place) throws IOException {
        var fields = new LinkedHashMap<String, Part>();
        while (next() != JsonToken.END_OBJECT) {
            var name = parser.currentName();
            var inner = shape.field(name);
            if (parser instanceof YAMLParser && name.equals(MERGE_KEY)) {
                throw refusedAlias(place);
            }
            var where = here();
            next();
            if (inner == null) {
                skip();
            } else if (name.length() > MAX_CHARACTERS) {
                throw ProblemException.invalid(Findings.field(place.pointer()),
                        "holds a name of more than " + MAX_CHARACTERS + " characters" + where);
            } else if (fields.put(name, part(inner, place.below(name))) != null) {
                throw ProblemException.invalid(Findings.field(place.below(name).pointer()),
                        "stands there twice, the second time" + where);
            }
        }
        return fields;
    }

    private List<Part> items(@Nullable Shape item, Place place) throws IOException {
        var items = new ArrayList<Part>();
        for (var i = 0; next() != JsonToken.END_ARRAY; i++) {
            if (item == null) {
                skip();
            } else {
                items.add(part(item, place.below(Integer.toString(i))));
            }
        }
        return items;
    }

    private String here() {
        var location = parser.currentTokenLocation();
        return at(location.getLineNr(), location.getColumnNr());
    }

    private ProblemException refusedAlias(Place place) {
        return ProblemException.invalid(Findings.field(place.pointer()),
                "must be written out: anchors, aliases and merge keys are not followed here" + here());
    }
}
