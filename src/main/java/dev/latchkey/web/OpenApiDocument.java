package dev.latchkey.web;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.ws.rs.core.HttpHeaders;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationTarget;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.IndexView;
import org.jspecify.annotations.Nullable;

/**
 * Completes the OpenAPI document with what holds for every operation, so that no resource repeats it: problems, headers,
 * examples, the schemas of patches. Who may call is told by a later filter of a higher tier.
 */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public class OpenApiDocument implements OASFilter {

    /** For filters of higher tiers; the higher priorities run first, 1 is the default. */
    public static final int BEFORE_CALLERS = 0;
    /** For the filter that tells who may call. */
    public static final int CALLERS = -1;

    private static final String FORWARD_AUTH = "/api/v1/auth";
    private static final String PROXY = "/api/v1/proxy/";
    private static final String IDEMPOTENCY_KEY = "IdempotencyKey";

    /** The ids of the operations with {@link Idempotent}. */
    private final Set<String> idempotent = new HashSet<>();

    /** By the id of the operation. */
    private final Map<String, AnnotationInstance> notEditable = new HashMap<>();

    public OpenApiDocument(IndexView classes) {
        for (AnnotationInstance annotation : classes.getAnnotations(Idempotent.class)) {
            String operation = operationId(annotation);
            if (operation != null) {
                idempotent.add(operation);
            }
        }
        for (AnnotationInstance annotation : classes.getAnnotations(NotEditable.class)) {
            String operation = operationId(annotation);
            if (operation != null) {
                notEditable.put(operation, annotation);
            }
        }
    }

    /** The id of the operation whose method bears an annotation; null where it stands elsewhere. */
    public static @Nullable String operationId(AnnotationInstance annotation) {
        if (annotation.target().kind() != AnnotationTarget.Kind.METHOD) {
            return null;
        }
        AnnotationInstance operation = annotation.target().asMethod()
                .annotation(org.eclipse.microprofile.openapi.annotations.Operation.class);
        return operation == null ? null : operation.value("operationId").asString();
    }

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getComponents() == null) {
            document.setComponents(OASFactory.createComponents());
        }
        AnswerHeader.define(document.getComponents());
        for (ProblemCode code : ProblemCode.values()) {
            document.getComponents().addResponse(name(code.status()), problem(code.status()));
        }
        addIdempotency(document.getComponents());
        PatchSchemas patches = new PatchSchemas(document.getComponents());
        AnswerExamples examples = new AnswerExamples(document.getComponents());
        Set<String> versioned = versioned(document);
        document.getPaths().getPathItems().forEach((path, item) -> item.getOperations().forEach((method, operation) -> {
            if (method == PathItem.HttpMethod.PATCH) {
                patch(operation, patches);
            }
            operation.getResponses().getAPIResponses().forEach((status, answer) -> {
                examples.complete(answer);
                addHeaders(path, method, status, answer, versioned);
            });
            complete(path, method, operation);
        }));
    }

    /** What can be edited or replaced has a version, which every answer tells that shows the whole of it. */
    private static Set<String> versioned(OpenAPI document) {
        Stream<Operation> edits = document.getPaths().getPathItems().values().stream().map(PathItem::getPATCH);
        Stream<Operation> replaced = document.getPaths().getPathItems().values().stream()
                .filter(path -> path.getPUT() != null).flatMap(path -> path.getOperations().values().stream());
        return Stream.concat(edits, replaced).filter(Objects::nonNull)
                .flatMap(edit -> edit.getResponses().getAPIResponses().values().stream())
                .flatMap(OpenApiDocument::schemas).collect(Collectors.toSet());
    }

    /** References to what an answer shows. */
    private static Stream<String> schemas(APIResponse answer) {
        if (answer.getContent() == null || answer.getContent().getMediaTypes() == null) {
            return Stream.empty();
        }
        return answer.getContent().getMediaTypes().values().stream().map(MediaType::getSchema).filter(Objects::nonNull)
                .map(Schema::getRef).filter(Objects::nonNull);
    }

    private static void addHeaders(String path, PathItem.HttpMethod method, String status, APIResponse answer,
            Set<String> versioned) {
        AnswerHeader.REQUEST_ID.on(answer);
        if (schemas(answer).anyMatch(versioned::contains)) {
            AnswerHeader.ETAG.on(answer);
        }
        // What has been made, and what is still there while it is being deleted.
        if (status.equals("201") || status.equals("202") && method == PathItem.HttpMethod.DELETE) {
            AnswerHeader.LOCATION.on(answer);
        }
        if (path.startsWith(FORWARD_AUTH)) {
            AnswerHeader.RATE_LIMIT.on(answer);
            AnswerHeader.RATE_LIMIT_POLICY.on(answer);
        }
    }

    private void patch(Operation operation, PatchSchemas patches) {
        AnnotationInstance refused = notEditable.get(operation.getOperationId());
        AnnotationValue name = refused == null ? null : refused.value("schema");
        Set<String> fields = refused == null ? Set.of() : Set.of(refused.value().asStringArray());
        operation.getRequestBody().getContent().getMediaTypes().values().forEach(
                body -> body.setSchema(patches.of(body.getSchema(), name == null ? "" : name.asString(), fields)));
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
    }

    private void complete(String path, PathItem.HttpMethod method, Operation operation) {
        if (operation.getParameters() != null) {
            operation.getParameters().forEach(OpenApiDocument::bound);
        }
        List<Integer> statuses = new ArrayList<>(List.of(401, 403, 429, 503));
        boolean forwardAuth = path.startsWith(FORWARD_AUTH);
        if (!forwardAuth) {
            // Also for an organization that X-Organization fails to name, or names in vain.
            statuses.addAll(List.of(400, 404));
            if (operation.getRequestBody() != null) {
                statuses.addAll(List.of(408, 413, 415));
            }
            if (operation.getRequestBody() != null || operation.getParameters() != null) {
                statuses.add(422);
            }
            if (path.startsWith(PROXY)) {
                statuses.addAll(List.of(409, 422, 502, 504));
            } else if (method != PathItem.HttpMethod.GET && !path.endsWith("/verify")) {
                statuses.add(409);
            }
            if (hasIfMatch(operation)) {
                statuses.add(412);
            }
        }
        if (idempotent.contains(operation.getOperationId())) {
            statuses.addAll(List.of(409, 422));
            operation.addParameter(OASFactory.createParameter().ref("#/components/parameters/" + IDEMPOTENCY_KEY));
            operation.getResponses().getAPIResponses().values().forEach(AnswerHeader.IDEMPOTENCY_REPLAYED::on);
        }
        Map<Integer, APIResponse> added = new LinkedHashMap<>();
        statuses.stream().distinct().sorted().forEach(
                status -> added.put(status, OASFactory.createAPIResponse().ref("#/components/responses/" + name(status))));
        added.forEach((status, response) -> operation.getResponses().addAPIResponse(String.valueOf(status), response));
    }

    private static boolean hasIfMatch(Operation operation) {
        return operation.getParameters() != null
                && operation.getParameters().stream().anyMatch(each -> HttpHeaders.IF_MATCH.equalsIgnoreCase(each.getName()));
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
        APIResponse answer = OASFactory.createAPIResponse()
                .description(
                        "A problem with one of the codes " + String.join(", ", codes.stream().map(ProblemCode::code).toList()))
                .content(OASFactory.createContent().addMediaType(Problem.MEDIA_TYPE,
                        OASFactory.createMediaType().schema(schema).example(example)));
        AnswerHeader.REQUEST_ID.on(answer);
        if (Set.of(409, 429, 503).contains(status)) {
            AnswerHeader.RETRY_AFTER.on(answer);
        }
        if (status == 429) {
            AnswerHeader.RATE_LIMIT.on(answer);
            AnswerHeader.RATE_LIMIT_POLICY.on(answer);
        }
        return answer;
    }

    private static String name(int status) {
        return "Problem" + status;
    }
}
