package dev.latchkey.web;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;

/** Names violated constraints as callers know the fields: {@code access.stores[0]}, or a parameter's name. */
final class Violations {

    private Violations() {
    }

    static ProblemException problem(Collection<? extends ConstraintViolation<?>> violations) {
        List<Problem.FieldError> errors = violations.stream()
                .map(violation -> new Problem.FieldError(field(violation), violation.getMessage()))
                .sorted(Comparator.comparing(Problem.FieldError::field)).toList();
        return errors.stream().allMatch(error -> error.field().isEmpty())
                ? new ProblemException(ProblemCode.MALFORMED_REQUEST, "The request needs a JSON body.")
                : ProblemException.invalid(errors);
    }

    private static String field(ConstraintViolation<?> violation) {
        StringBuilder field = new StringBuilder();
        String parameter = "";
        for (Path.Node node : violation.getPropertyPath()) {
            if (node.getKind() == ElementKind.PARAMETER) {
                // Only a missing body is null here: an absent parameter has its default or may be absent.
                parameter = violation.getInvalidValue() == null ? "" : String.valueOf(node.getName());
            } else if (!Set.of(ElementKind.METHOD, ElementKind.CONSTRUCTOR).contains(node.getKind())) {
                append(field, node);
            }
        }
        return field.isEmpty() ? parameter : field.toString();
    }

    private static void append(StringBuilder field, Path.Node node) {
        if (node.getIndex() != null) {
            field.append('[').append(node.getIndex()).append(']');
        } else if (node.getKey() != null) {
            field.append('.').append(node.getKey());
        }
        // Elements of containers are named <list element> and the like.
        if (node.getName() != null && !node.getName().startsWith("<")) {
            field.append(field.isEmpty() ? "" : ".").append(node.getName());
        }
    }
}
