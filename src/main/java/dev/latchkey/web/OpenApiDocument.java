package dev.latchkey.web;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationTarget;
import org.jboss.jandex.IndexView;

/**
 * Completes the OpenAPI document with what holds for every operation, so that no resource repeats it: callers, problems,
 * and the header of operations that are carried out once.
 */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public class OpenApiDocument implements OASFilter {

    private static final String FORWARD_AUTH = "/api/v1/auth";
    private static final String KEY = "key";
    private static final String TOKEN = "token";
    private static final String IDEMPOTENCY_KEY = "IdempotencyKey";
    private static final String IDEMPOTENCY_REPLAYED = "IdempotencyReplayed";

    /** The ids of the operations with {@link Idempotent}. */
    private final Set<String> idempotent = new HashSet<>();

    public OpenApiDocument(IndexView classes) {
        for (AnnotationInstance annotation : classes.getAnnotations(Idempotent.class)) {
            if (annotation.target().kind() == AnnotationTarget.Kind.METHOD) {
                AnnotationInstance operation = annotation.target().asMethod()
                        .annotation(org.eclipse.microprofile.openapi.annotations.Operation.class);
                idempotent.add(operation.value("operationId").asString());
            }
        }
    }

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getComponents() == null) {
            document.setComponents(OASFactory.createComponents());
        }
        document.getComponents().addSecurityScheme(KEY,
                OASFactory.createSecurityScheme().type(SecurityScheme.Type.APIKEY).in(SecurityScheme.In.HEADER)
                        .name("X-API-Key")
                        .description("An API key; Authorization: Bearer takes it, too."));
        document.getComponents().addSecurityScheme(TOKEN, OASFactory.createSecurityScheme().type(SecurityScheme.Type.HTTP)
                .scheme("bearer").bearerFormat("JWT").description("A token of the identity provider."));
        for (ProblemCode code : ProblemCode.values()) {
            document.getComponents().addResponse(name(code.status()), problem(code.status()));
        }
        addIdempotency(document.getComponents());
        document.getPaths().getPathItems()
                .forEach(
                        (path, item) -> item.getOperations().forEach((method, operation) -> complete(path, method, operation)));
    }

    private static void addIdempotency(Components components) {
        components.addParameter(IDEMPOTENCY_KEY, OASFactory.createParameter().name(Idempotency.HEADER)
                .in(Parameter.In.HEADER).description("""
                        Any 1 to 255 visible ASCII characters, best a random UUID. The same request with the same key, by the \
                        same caller, is carried out once: repeats get the first answer for 24 hours, or for 10 minutes if it \
                        shows a secret, and then a 409 that names what was made. Another body is refused with 422.""")
                .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING).minLength(1).maxLength(255)
                        .pattern("^[!-~]+$"))
                .example("8e03978e-40d5-43dd-bc93-6894a57f9324"));
        components.addHeader(IDEMPOTENCY_REPLAYED, OASFactory.createHeader()
                .description("true where an earlier request was answered, and this is that answer")
                .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING).addEnumeration("true")));
    }

    private void complete(String path, PathItem.HttpMethod method, Operation operation) {
        if (operation.getParameters() != null) {
            operation.getParameters().forEach(OpenApiDocument::bound);
        }
        List<Integer> statuses = new ArrayList<>(List.of(401, 403, 429, 503));
        boolean forwardAuth = path.startsWith(FORWARD_AUTH);
        if (!forwardAuth) {
            operation.setSecurity(List.of(OASFactory.createSecurityRequirement().addScheme(KEY),
                    OASFactory.createSecurityRequirement().addScheme(TOKEN)));
            // Also for an organization that X-Organization fails to name, or names in vain.
            statuses.addAll(List.of(400, 404));
            if (operation.getRequestBody() != null) {
                statuses.addAll(List.of(408, 413, 415));
            }
            if (operation.getRequestBody() != null || operation.getParameters() != null) {
                statuses.add(422);
            }
            if (method != PathItem.HttpMethod.GET && !path.endsWith("/verify")) {
                statuses.add(409);
                if (path.contains("{") || method == PathItem.HttpMethod.PATCH) {
                    statuses.add(412);
                }
            }
        }
        if (idempotent.contains(operation.getOperationId())) {
            statuses.addAll(List.of(409, 422));
            operation.addParameter(OASFactory.createParameter().ref("#/components/parameters/" + IDEMPOTENCY_KEY));
            operation.getResponses().getAPIResponses().values().forEach(response -> response.addHeader(
                    Idempotency.REPLAYED, OASFactory.createHeader().ref("#/components/headers/" + IDEMPOTENCY_REPLAYED)));
        }
        Map<Integer, APIResponse> added = new LinkedHashMap<>();
        statuses.stream().distinct().sorted().forEach(
                status -> added.put(status, OASFactory.createAPIResponse().ref("#/components/responses/" + name(status))));
        added.forEach((status, response) -> operation.getResponses().addAPIResponse(String.valueOf(status), response));
    }

    /** What has no bound of its own has that of the whole head. */
    private static void bound(Parameter parameter) {
        Schema schema = parameter.getSchema();
        if (schema != null && schema.getType() != null && schema.getType().contains(Schema.SchemaType.STRING)
                && schema.getMaxLength() == null
                && schema.getEnumeration() == null && schema.getFormat() == null) {
            schema.setMaxLength("cursor".equals(parameter.getName()) ? Cursors.CHARACTERS : RequestRules.MAX_HEADER_CHARACTERS);
        }
    }

    private static APIResponse problem(int status) {
        List<ProblemCode> codes = Arrays.stream(ProblemCode.values()).filter(code -> code.status() == status)
                .toList();
        ProblemCode first = codes.get(0);
        Map<String, Object> example = new LinkedHashMap<>();
        example.put("type", "urn:latchkey:problem:" + first.code());
        example.put("title", first.title());
        example.put("status", status);
        example.put("detail", "What happened, and what to do about it.");
        example.put("instance", "/api/v1/keys");
        example.put("code", first.code());
        example.put("requestId", "01890a5d-ac96-774b-bcce-b302099a8057");
        Schema schema = OASFactory.createSchema().ref("#/components/schemas/Problem");
        return OASFactory.createAPIResponse()
                .description(
                        "A problem with one of the codes " + String.join(", ", codes.stream().map(ProblemCode::code).toList()))
                .content(OASFactory.createContent().addMediaType(Problem.MEDIA_TYPE,
                        OASFactory.createMediaType().schema(schema).example(example)));
    }

    private static String name(int status) {
        return "Problem" + status;
    }
}
