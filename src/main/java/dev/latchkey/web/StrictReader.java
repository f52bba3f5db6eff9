package dev.latchkey.web;

import java.util.Set;

import jakarta.inject.Singleton;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;

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
        T read;
        try {
            read = json.treeToValue(tree, type);
        } catch (JsonProcessingException fault) {
            throw JsonProblems.of(fault);
        }
        Set<ConstraintViolation<T>> violations = validator.validate(read);
        if (!violations.isEmpty()) {
            throw Violations.problem(violations);
        }
        return read;
    }
}
