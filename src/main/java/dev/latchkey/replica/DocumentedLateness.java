package dev.latchkey.replica;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import dev.latchkey.web.AnswerHeader;
import dev.latchkey.web.OpenApiDocument;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.IndexView;

/** Tells in the OpenAPI document of each operation with {@link AnsweredInForce} how it answers when it cannot. */
@OpenApiFilter(value = OpenApiFilter.RunStage.BUILD, priority = OpenApiDocument.BEFORE_CALLERS)
public class DocumentedLateness implements OASFilter {

    private static final String NAME = "ChangeUnderway";
    private static final String LATE = "202";
    private static final String WHEN = "2026-11-22T09:30:08Z";
    private static final String SENTENCE = "A replica has not confirmed within two seconds: every replica judges by the change from "
            + "`effectiveBy` on, at the latest";

    /** The ids of the operations with the annotation. */
    private final Set<String> inForce = new HashSet<>();

    public DocumentedLateness(IndexView classes) {
        for (AnnotationInstance annotation : classes.getAnnotations(AnsweredInForce.class)) {
            String operation = OpenApiDocument.operationId(annotation);
            if (operation != null) {
                inForce.add(operation);
            }
        }
    }

    @Override
    public void filterOpenAPI(OpenAPI document) {
        Components components = document.getComponents();
        components.addSchema(NAME, OASFactory.createSchema().addType(Schema.SchemaType.OBJECT)
                .description("What the other answer holds, if anything, and when the change is in force at the latest")
                .addProperty("effectiveBy",
                        OASFactory.createSchema().addType(Schema.SchemaType.STRING).format("date-time").addExample(WHEN))
                .addRequired("effectiveBy"));
        components.addExample(NAME, OASFactory.createExample().value(Map.of("effectiveBy", WHEN)));
        document.getPaths().getPathItems().values().forEach(path -> path.getOperations().values().stream()
                .filter(operation -> inForce.contains(operation.getOperationId())).forEach(DocumentedLateness::complete));
    }

    private static void complete(Operation operation) {
        APIResponse accepted = operation.getResponses().getAPIResponse(LATE);
        if (accepted != null) {
            accepted.setDescription(accepted.getDescription() + ". With `effectiveBy`: " + SENTENCE);
            return;
        }
        APIResponse late = OASFactory.createAPIResponse().description(SENTENCE)
                .content(OASFactory.createContent().addMediaType("application/json", OASFactory.createMediaType()
                        .schema(OASFactory.createSchema().ref("#/components/schemas/" + NAME))
                        .addExample(NAME, OASFactory.createExample().ref("#/components/examples/" + NAME))));
        AnswerHeader.REQUEST_ID.on(late);
        operation.getResponses().addAPIResponse(LATE, late);
    }
}
