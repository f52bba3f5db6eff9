package dev.latchkey.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;

import jakarta.inject.Singleton;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Reads JSON that is no request's whole body by the rules of one that is: {@link StrictJson}, and the record's constraints. */
@Singleton
public final class StrictReader {

    private final ObjectMapper json;
    private final Validator validator;

    StrictReader(ObjectMapper json, Validator validator) {
        this.json = json;
        this.validator = validator;
    }

    /**
     * One JSON value and nothing behind it.
     *
     * @throws ProblemException 400
     */
    public JsonNode tree(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException fault) {
            throw JsonProblems.of(fault);
        }
    }

    /** @throws ProblemException 422, naming each bad field */
    public <T> T read(JsonNode tree, Class<T> type) {
        try {
            return valid(json.treeToValue(tree, type));
        } catch (JsonProcessingException fault) {
            throw JsonProblems.of(fault);
        }
    }

    /**
     * A whole body, in which a {@link RawObject} stays as it is written.
     *
     * @param length how many of the characters are of it
     * @throws ProblemException 400 for what is not one JSON value; 422, naming each bad field
     */
    public <T> T read(char[] body, int length, Class<T> type) {
        RawObject.Source source = new RawObject.Source(body, hasEscapes(body, length));
        try (JsonParser parser = json.getFactory().createParser(body, 0, length)) {
            T read = json.readerFor(type).withAttribute(RawObject.Source.class, source).readValue(parser);
            if (read == null) {
                throw new ProblemException(ProblemCode.MALFORMED_REQUEST, "The request needs a JSON body.");
            }
            return valid(read);
        } catch (JsonProcessingException fault) {
            throw JsonProblems.of(fault);
        } catch (IOException impossible) {
            throw new UncheckedIOException("characters in memory", impossible);
        }
    }

    private static boolean hasEscapes(char[] text, int length) {
        for (int i = 1; i < length; i++) {
            if (text[i] == 'u' && text[i - 1] == '\\') {
                return true;
            }
        }
        return false;
    }

    private <T> T valid(T read) {
        Set<ConstraintViolation<T>> violations = validator.validate(read);
        if (!violations.isEmpty()) {
            throw Violations.problem(violations);
        }
        return read;
    }
}
