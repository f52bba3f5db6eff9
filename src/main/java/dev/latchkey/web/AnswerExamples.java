package dev.latchkey.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/**
 * Examples of answers, made of those that stand at the answers' records or their components, so that a thing has one example
 * wherever it is shown: alone, and on a page.
 */
final class AnswerExamples {

    private static final String SCHEMAS = "#/components/schemas/";
    private static final String EXAMPLES = "#/components/examples/";

    private final Components components;

    AnswerExamples(Components components) {
        this.components = components;
    }

    /** Gives an answer an example unless it has one of its own. */
    void complete(APIResponse answer) {
        if (answer.getContent() != null && answer.getContent().getMediaTypes() != null) {
            answer.getContent().getMediaTypes().values().forEach(this::complete);
        }
    }

    private void complete(MediaType answer) {
        Schema schema = answer.getSchema();
        if (schema == null || schema.getRef() == null || answer.getExample() != null || answer.getExamples() != null) {
            return;
        }
        String name = schema.getRef().substring(SCHEMAS.length());
        if (components.getExamples() == null || !components.getExamples().containsKey(name)) {
            components.addExample(name, OASFactory.createExample().value(of(schema)));
        }
        answer.addExample(name, OASFactory.createExample().ref(EXAMPLES + name));
    }

    /** Null where nothing says what it looks like, as where it says where the next page begins. */
    private @Nullable Object of(Schema schema) {
        if (schema.getExamples() != null && !schema.getExamples().isEmpty()) {
            return schema.getExamples().get(0);
        }
        if (schema.getRef() != null) {
            Schema named = components.getSchemas().get(schema.getRef().substring(SCHEMAS.length()));
            return named == null ? null : of(named);
        }
        if (schema.getEnumeration() != null) {
            return schema.getEnumeration().get(0);
        }
        if (schema.getProperties() != null) {
            Map<String, @Nullable Object> example = new LinkedHashMap<>();
            schema.getProperties().forEach((name, property) -> example.put(name, of(property)));
            return example;
        }
        if (schema.getItems() != null) {
            List<@Nullable Object> items = new ArrayList<>();
            items.add(of(schema.getItems()));
            return items;
        }
        return null;
    }
}
