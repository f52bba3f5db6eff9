package dev.latchkey.web;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;

/** Turns what Jackson says into what a caller understands; Jackson's own texts name classes and quote input. */
final class JsonProblems {

    private JsonProblems() {
    }

    static ProblemException of(JsonProcessingException fault) {
        if (fault instanceof UnrecognizedPropertyException unknown) {
            return ProblemException.invalid(path(unknown), "is not a field of this request" + known(unknown));
        }
        if (fault instanceof ValueInstantiationException refused && refused.getCause() instanceof IllegalArgumentException) {
            return ProblemException.invalid(path(refused), String.valueOf(refused.getCause().getMessage()));
        }
        if (fault instanceof MismatchedInputException mismatch) {
            String field = path(mismatch);
            return field.isEmpty()
                    ? new ProblemException(ProblemCode.MALFORMED_REQUEST,
                            "The body must be one JSON value of this operation's form.")
                    : ProblemException.invalid(field, mismatchMessage(mismatch));
        }
        if (fault instanceof JsonMappingException mapping && mapping.getCause() instanceof InputCoercionException) {
            return ProblemException.invalid(path(mapping), "must be a whole number within range");
        }
        if (fault instanceof JsonMappingException mapping && mapping.getCause() instanceof JsonProcessingException cause
                && !(cause instanceof JsonMappingException)) {
            return of(cause);
        }
        if (fault instanceof StreamConstraintsException) {
            return new ProblemException(ProblemCode.MALFORMED_REQUEST,
                    "The JSON goes too deep, or a name or number in it is too long.");
        }
        String where = fault.getLocation() == null ? ""
                : " at line " + fault.getLocation().getLineNr() + ", column " + fault.getLocation().getColumnNr();
        String what = fault.getOriginalMessage() != null && fault.getOriginalMessage().startsWith("Duplicate field")
                ? "The JSON names a field twice"
                : "The body is not valid JSON";
        return new ProblemException(ProblemCode.MALFORMED_REQUEST, what + where + ".");
    }

    private static String mismatchMessage(MismatchedInputException mismatch) {
        Class<?> target = mismatch.getTargetType();
        String said = mismatch.getOriginalMessage();
        if (said.startsWith("must ")) {
            return said;
        }
        if (target == null) {
            return "has the wrong type";
        }
        if (target.isEnum()) {
            return "must be one of " + Arrays.stream(target.getEnumConstants())
                    .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
        }
        if (target == boolean.class || target == Boolean.class) {
            return "must be true or false";
        }
        if (target == String.class) {
            return "must be text";
        }
        if (List.class.isAssignableFrom(target)) {
            return "must be a list";
        }
        if (target.isPrimitive() || Number.class.isAssignableFrom(target)) {
            return mismatch instanceof InvalidFormatException ? "must be a whole number within range"
                    : "must be a whole number";
        }
        return "must be an object";
    }

    private static String known(UnrecognizedPropertyException unknown) {
        return unknown.getKnownPropertyIds() == null || unknown.getKnownPropertyIds().isEmpty() ? ""
                : "; its fields are " + unknown.getKnownPropertyIds().stream().map(String::valueOf).sorted()
                        .collect(Collectors.joining(", "));
    }

    /** The path as callers write it: {@code access.stores[0]}. */
    private static String path(JsonMappingException fault) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : fault.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.toString();
    }
}
