package dev.latchkey.web;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The schemas of merge patches (RFC 7396), made of those of the forms that they are applied to. Nothing is required, nothing
 * has a default, since what is left out stays as it is; a client generated from a default would send it. Null is what removes
 * a field, so it is allowed wherever the form can do without.
 */
final class PatchSchemas {

    private static final String ROOT = "#/components/schemas/";

    private final Components components;

    PatchSchemas(Components components) {
        this.components = components;
    }

    /**
     * A reference to the patch of a form, which is made at first use.
     *
     * @param form a reference, or a schema that stands in place, which is its own business
     * @param name of the patch; empty: the form's, with {@code Patch} behind it
     */
    Schema of(Schema form, String name, Set<String> notEditable) {
        String formName = name(form);
        if (formName == null) {
            return form;
        }
        String patchName = name.isEmpty() ? formName + "Patch" : name;
        if (!components.getSchemas().containsKey(patchName)) {
            components.addSchema(patchName, patch(formName, notEditable));
        }
        return OASFactory.createSchema().ref(ROOT + patchName);
    }

    private Schema patch(String formName, Set<String> notEditable) {
        Schema form = requireNonNull(components.getSchemas().get(formName), formName);
        if (form.getOneOf() != null) {
            Schema patch = OASFactory.createSchema();
            // Several may fit where nothing is required.
            form.getOneOf().forEach(one -> patch.addAnyOf(of(one, "", Set.of())));
            return patch;
        }
        List<String> required = form.getRequired() == null ? List.of() : form.getRequired();
        Schema patch = OASFactory.createSchema().addType(Schema.SchemaType.OBJECT).description("A JSON merge patch of "
                + formName + ": what is left out stays as it is, null sets what a creation without it would have");
        form.getProperties().forEach((property, schema) -> {
            if (!notEditable.contains(property)) {
                Schema editable = editable(schema);
                patch.addProperty(property, required.contains(property) ? editable : nullable(editable));
            }
        });
        return patch;
    }

    private Schema editable(Schema schema) {
        String name = name(schema);
        Schema named = name == null ? null : components.getSchemas().get(name);
        if (named != null
                && (named.getOneOf() != null || named.getProperties() != null && named.getRequired() != null)) {
            return of(schema, "", Set.of());
        }
        Schema copy = copy(schema);
        copy.setDefaultValue(null);
        return copy;
    }

    /** Beside a reference, a type would demand more, not allow more. */
    private static Schema nullable(Schema schema) {
        if (schema.getRef() != null) {
            Schema either = OASFactory.createSchema().description(schema.getDescription());
            either.setExamples(schema.getExamples());
            Schema value = copy(schema);
            value.setDescription(null);
            value.setExamples(null);
            return either.addAnyOf(value).addAnyOf(OASFactory.createSchema().addType(Schema.SchemaType.NULL));
        }
        if (schema.getType() != null && !schema.getType().contains(Schema.SchemaType.NULL)) {
            List<Schema.SchemaType> types = new ArrayList<>(schema.getType());
            types.add(Schema.SchemaType.NULL);
            schema.setType(types);
        }
        return schema;
    }

    private static Schema copy(Schema schema) {
        Schema copy = OASFactory.createSchema();
        copy.setAll(new LinkedHashMap<>(schema.getAll()));
        copy.setRef(schema.getRef());
        return copy;
    }

    private static @Nullable String name(Schema schema) {
        String ref = schema.getRef();
        return ref != null && ref.startsWith(ROOT) ? ref.substring(ROOT.length()) : null;
    }
}
