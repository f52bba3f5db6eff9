package dev.latchkey.identity;

import static dev.latchkey.identity.Permission.CATALOG_READ;
import static dev.latchkey.identity.Permission.CATALOG_WRITE;
import static dev.latchkey.identity.Permission.EVENT_TYPES_READ;
import static dev.latchkey.identity.Permission.KEYS_SELF;
import static dev.latchkey.identity.Permission.KEYS_VERIFY;
import static dev.latchkey.identity.Permission.KEYS_VERIFY_ANY;
import static dev.latchkey.identity.Permission.LEAKS_REPORT;
import static dev.latchkey.identity.Permission.PLATFORM_OPERATE;
import static dev.latchkey.identity.Permission.SESSION_OWN;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import dev.latchkey.web.AnswerHeader;
import dev.latchkey.web.OpenApiDocument;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.IndexView;

/**
 * Tells in the OpenAPI document who may call each operation, by the permission that it demands: keys, people, or both; and
 * where the platform has to say for which organization. Runs after {@link OpenApiDocument}, to which a parameter is one that
 * can be invalid.
 */
@OpenApiFilter(value = OpenApiFilter.RunStage.BUILD, priority = OpenApiDocument.CALLERS)
public class DocumentedCallers implements OASFilter {

    private static final String KEY = "key";
    private static final String TOKEN = "token";
    private static final String SESSION = "session";
    private static final String ORGANIZATION = "Organization";

    /** What the platform may do without naming an organization. */
    private static final Set<Permission> OF_THE_INSTALLATION = EnumSet.of(KEYS_SELF, KEYS_VERIFY, KEYS_VERIFY_ANY, CATALOG_READ,
            CATALOG_WRITE, EVENT_TYPES_READ, LEAKS_REPORT, PLATFORM_OPERATE, SESSION_OWN);

    /** By the id of the operation. */
    private final Map<String, Permission> demanded = new HashMap<>();

    public DocumentedCallers(IndexView classes) {
        for (AnnotationInstance annotation : classes.getAnnotations(PermissionsAllowed.class)) {
            String operation = OpenApiDocument.operationId(annotation);
            String name = annotation.value().asStringArray()[0];
            if (operation != null) {
                demanded.put(operation, Arrays.stream(Permission.values())
                        .filter(permission -> permission.permissionName().equals(name)).findFirst().orElseThrow());
            }
        }
    }

    @Override
    public void filterOpenAPI(OpenAPI document) {
        Components components = document.getComponents();
        components.addSecurityScheme(KEY,
                OASFactory.createSecurityScheme().type(SecurityScheme.Type.APIKEY).in(SecurityScheme.In.HEADER)
                        .name("X-API-Key").description("""
                                An API key, with its secret, where it has one, in X-API-Secret. Authorization takes both, too: \
                                Bearer the key, Basic key:secret."""));
        components.addSecurityScheme(TOKEN, OASFactory.createSecurityScheme().type(SecurityScheme.Type.HTTP)
                .scheme("bearer").bearerFormat("JWT").description("A token of the identity provider."));
        components.addSecurityScheme(SESSION, OASFactory.createSecurityScheme().type(SecurityScheme.Type.APIKEY)
                .in(SecurityScheme.In.COOKIE).name("__Host-latchkey").description("""
                        The panel's cookie, from POST /api/v1/session; by plain http it is named latchkey, \
                        and where other pages may frame the panel __Host-latchkey-frame. The panel calls all \
                        operations of people with it; whatever is not GET then needs the session's csrfToken in X-CSRF-Token. \
                        Programs send a key or a token, which win where both are sent."""));
        components.addParameter(ORGANIZATION,
                OASFactory.createParameter().name(Caller.ORGANIZATION_HEADER).in(Parameter.In.HEADER)
                        .description(
                                """
                                        The key of the organization to act for. Of the role platform only, which has to name one where its \
                                        token does not; everyone else acts for his own.""")
                        .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING).minLength(1).maxLength(100))
                        .example("acme"));
        document.getPaths().getPathItems().values().forEach(path -> path.getOperations().values().forEach(this::complete));
    }

    private void complete(Operation operation) {
        Permission permission = demanded.get(operation.getOperationId());
        if (permission == null) {
            return;
        }
        if (permission.isForKeys()) {
            operation.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme(KEY));
            operation.getResponses().getAPIResponses().forEach((status, answer) -> {
                if (status.startsWith("2")) {
                    AnswerHeader.RATE_LIMIT.on(answer);
                    AnswerHeader.RATE_LIMIT_POLICY.on(answer);
                }
            });
        }
        if (permission == SESSION_OWN) {
            operation.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme(SESSION));
        } else if (permission.isForPeople()) {
            operation.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme(TOKEN));
        }
        // A key has its own.
        if (permission.isForPeople() && !OF_THE_INSTALLATION.contains(permission)) {
            operation.addParameter(OASFactory.createParameter().ref("#/components/parameters/" + ORGANIZATION));
        }
    }
}
