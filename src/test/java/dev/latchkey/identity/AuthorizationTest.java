package dev.latchkey.identity;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import dev.latchkey.crypto.DataKeys;
import dev.latchkey.event.Event;
import dev.latchkey.event.Events;
import dev.latchkey.fuzz.Contract;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Credentials;
import dev.latchkey.testing.DeliveryRows;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Walks every operation of the OpenAPI document: who calls without being anybody, each role, keys with and without the scope,
 * and another organization. An operation that is added is walked without being named here.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class AuthorizationTest {

    /**
     * Operations that demand no caller. May only shrink: forward auth believes networks instead, and who signs in is nobody.
     */
    private static final Set<String> WITHOUT_CALLER = Set.of("forwardAuth", "forwardAuthNginx", "forwardAuthEnvoy",
            "startSession");

    private static final Pattern ID = Pattern.compile("\\{(id|credentialId)}");

    @Inject
    Events events;
    @Inject
    DataSource database;
    @Inject
    DataKeys dataKeys;

    /** What the platform operates belongs to no organization; whoever else asks is refused. May only shrink. */
    private static final Set<String> OF_NO_ORGANIZATION = Set.of("getOrganization", "editOrganization", "deleteOrganization");

    /** Operation id to the permission that it names. */
    private static final Map<String, String> PERMISSIONS = permissions();
    /** Read by the first test, the same for all. */
    private static final List<Operation> OPERATIONS = new ArrayList<>();
    private Api api;

    /** @param security as the document tells it */
    private record Operation(String id, String method, String path, String security) {
    }

    @BeforeEach
    void everyOperation() {
        api = Api.ofNewOrganization();
        if (OPERATIONS.isEmpty()) {
            Map<String, Map<String, Map<String, Object>>> paths = given().accept("application/json")
                    .get("/q/openapi?format=json").then().statusCode(200).extract().path("paths");
            paths.forEach((path, methods) -> methods.forEach((method, operation) -> OPERATIONS
                    .add(new Operation(String.valueOf(operation.get("operationId")), method.toUpperCase(Locale.ROOT), path,
                            String.valueOf(operation.get("security"))))));
        }
    }

    private static Map<String, String> permissions() {
        Map<String, String> permissions = new HashMap<>();
        for (JavaMethod method : new ClassFileImporter().withImportOption(new DoNotIncludeTests())
                .importPackages("dev.latchkey").stream().flatMap(type -> type.getMethods().stream()).toList()) {
            if (method.isAnnotatedWith(org.eclipse.microprofile.openapi.annotations.Operation.class)
                    && method.isAnnotatedWith(PermissionsAllowed.class)) {
                permissions.put(
                        method.getAnnotationOfType(org.eclipse.microprofile.openapi.annotations.Operation.class).operationId(),
                        method.getAnnotationOfType(PermissionsAllowed.class).value()[0]);
            }
        }
        return permissions;
    }

    /** What replaces the catalogue is walked with its example, too. */
    @AfterEach
    void theCatalogueBuiltIn() {
        api.asPlatform().delete("/api/v1/catalog").then().statusCode(200);
    }

    @Test
    void everyOperationNamesItsPermissionOrIsAnException() {
        assertThat(OPERATIONS).hasSizeGreaterThan(15);
        Set<String> unprotected = OPERATIONS.stream().map(Operation::id).filter(id -> !PERMISSIONS.containsKey(id))
                .collect(Collectors.toCollection(HashSet::new));

        assertThat(unprotected).isEqualTo(WITHOUT_CALLER);
        assertThat(PERMISSIONS.values()).allMatch(
                name -> Arrays.stream(Permission.values()).anyMatch(permission -> permission.permissionName().equals(name)));
    }

    @Test
    void nobodyIsAskedWhoHeIs() {
        for (Operation operation : protectedOperations()) {
            Response response = ask(given().contentType("application/json"), operation);
            assertThat(response.statusCode()).as(operation.toString()).isEqualTo(401);
            assertThat(response.header("WWW-Authenticate")).as(operation.toString()).startsWith("Bearer");
        }
    }

    @Test
    void eachRoleDoesWhatTheTableSays() {
        for (Role role : Role.values()) {
            Set<Permission> held = Permission.ofPerson(Set.of(role));
            for (Operation operation : protectedOperations()) {
                assertAllowed(role + " " + operation, held::contains, operation,
                        ask(api.as(role.name().toLowerCase(Locale.ROOT)), operation));
            }
        }
    }

    @Test
    void aKeyDoesWhatItsScopesSay() {
        for (Permission permission : Permission.values()) {
            if (Permission.ofScope(permission.permissionName()).isEmpty()) {
                continue;
            }
            Set<Permission> held = Permission.ofKey(Set.of(permission.permissionName()));
            String key = api.aKey().scopes(permission.permissionName()).unlimited()
                    .createdBy(api.as("owner", "platform")).key();
            for (Operation operation : protectedOperations()) {
                assertAllowed("key with " + permission.permissionName() + " " + operation, held::contains, operation,
                        ask(Api.withKey(key), operation));
            }
        }
    }

    @Test
    void whatIsAnothersDoesNotExist() {
        Api other = Api.ofNewOrganization();
        api.setActive(false);
        api.setActive(true);
        String credential = new Credentials(api, database, dataKeys).basic("https://erp.example", "erp", "4fTzW7Qm2VbXc9Lk");
        String webhook = api.asOwner().body(Map.of("url", "https://192.0.43.8/hooks", "events", List.of("order.create")))
                .post("/api/v1/webhooks").path("id");
        Map<String, String> ids = Map.of("/api/v1/keys/{id}", api.aKey().create().id(), "/api/v1/stores/{id}",
                api.createStore("madrid"), "/api/v1/events/{id}", anEvent(), "/api/v1/notifications/{id}",
                api.asOwner().get("/api/v1/notifications").path("items[0].id"), "/api/v1/credentials/{id}", credential,
                "/api/v1/proxy/{credentialId}", credential, "/api/v1/integrations/{id}",
                api.asOwner().body(Map.of("name", "ERP"))
                        .post("/api/v1/integrations").path("id"),
                "/api/v1/webhooks/{id}", webhook, "/api/v1/deliveries/{id}", aDelivery(webhook), "/api/v1/replays/{id}",
                api.asOwner().body(Map.of("from", "2026-01-01T00:00:00Z"))
                        .post("/api/v1/webhooks/" + webhook + "/replay").path("id"));
        List<Operation> onObjects = protectedOperations().stream().filter(operation -> ID.matcher(operation.path()).find())
                .filter(operation -> !OF_NO_ORGANIZATION.contains(operation.id())).toList();
        assertThat(onObjects).isNotEmpty();

        for (Operation operation : onObjects) {
            String root = operation.path().substring(0, operation.path().indexOf('}') + 1);
            assertThat(ids).as("an object to try operations below it on").containsKey(root);
            Permission demanded = demanded(operation);
            RequestSpecification stranger = demanded.isForPeople() ? other.as("owner")
                    : Api.withKey(other.aKey().scopes(demanded.permissionName()).unlimited().create().key());
            assertThat(request(stranger, operation, ids.getOrDefault(root, "")).statusCode()).as(operation.toString())
                    .isEqualTo(404);
        }
    }

    @Test
    void theDocumentSaysWhoMayCall() {
        Set<String> everyScope = Arrays.stream(Permission.values()).map(Permission::permissionName).collect(Collectors.toSet());
        for (Operation operation : protectedOperations()) {
            Permission demanded = demanded(operation);
            assertThat(operation.security().contains("{key=[]}")).as(operation.toString())
                    .isEqualTo(Permission.ofKey(everyScope).contains(demanded));
            assertThat(operation.security().contains("{token=[]}")).as(operation.toString())
                    .isEqualTo(Permission.ofPerson(Set.of(Role.values())).contains(demanded)
                            && demanded != Permission.SESSION_OWN);
            assertThat(operation.security().contains("{session=[]}")).as(operation.toString())
                    .isEqualTo(demanded == Permission.SESSION_OWN);
        }
    }

    /** Whoever acts for all of them is told where to say for which one. */
    @Test
    void theDocumentSaysWhereAnOrganizationHasToBeNamed() {
        Contract contract = Contract.parse(given().get("/q/openapi?format=json").asString());
        String nobodys = Tokens.withoutOrganization("operator-" + UUID.randomUUID(), "platform", "owner");
        for (Contract.Operation operation : contract.operations()) {
            if (WITHOUT_CALLER.contains(operation.id()) || Permission.Names.KEYS_SELF.equals(PERMISSIONS.get(operation.id()))) {
                continue;
            }
            RequestSpecification request = given().auth().oauth2(nobodys);
            if (operation.takesBody()) {
                request.contentType(operation.bodyType())
                        .body((operation.examples().isEmpty() ? "{}" : operation.examples().get(0).toString())
                                .getBytes(StandardCharsets.UTF_8));
            }
            Response response = request.request(operation.method(),
                    withId(operation.path(), UUID.randomUUID().toString()));
            // An answer to HEAD says it without a body.
            String code = operation.method().equals("HEAD") ? "" : response.path("code");
            assertThat("organization-required".equals(code)).as(operation + " " + response.asString())
                    .isEqualTo(operation.parameters().stream().anyMatch(each -> each.name().equals("X-Organization")));
        }
    }

    private String anEvent() {
        UUID organization = new Behind(database).organization(api);
        return Behind.inTransaction(
                () -> events.publish(organization, Event.of("key.created", new JsonObject().put("name", "ERP")))).toString();
    }

    private String aDelivery(String webhook) {
        Behind behind = new Behind(database);
        return new DeliveryRows(behind, behind.organization(api))
                .delivery(webhook, "a", "delivered", DeliveryRows.ago(1, ChronoUnit.HOURS)).toString();
    }

    private void assertAllowed(String who, Predicate<Permission> held, Operation operation, Response response) {
        if (held.test(demanded(operation))) {
            assertThat(response.statusCode()).as(who).isNotIn(401, 403).isLessThan(500);
        } else {
            assertThat(response.statusCode()).as(who).isEqualTo(403);
            // An answer to HEAD says it without a body.
            if (!operation.method().equals("HEAD")) {
                assertThat(response.<String> path("code")).as(who).isEqualTo("forbidden");
            }
        }
    }

    private Permission demanded(Operation operation) {
        return Arrays.stream(Permission.values())
                .filter(permission -> permission.permissionName().equals(PERMISSIONS.get(operation.id()))).findFirst()
                .orElseThrow();
    }

    private List<Operation> protectedOperations() {
        return OPERATIONS.stream().filter(operation -> !WITHOUT_CALLER.contains(operation.id())).toList();
    }

    /** With a body that is none and an id that names nothing: whoever may is told so, and nothing changes. */
    private static Response ask(RequestSpecification caller, Operation operation) {
        return request(caller, operation, UUID.randomUUID().toString());
    }

    private static Response request(RequestSpecification caller, Operation operation, String id) {
        RequestSpecification request = operation.method().equals("GET") ? caller : caller.body("{}");
        return request.request(operation.method(), withId(operation.path(), id));
    }

    /** Whatever stands below an object that is not there does not matter. */
    private static String withId(String path, String id) {
        return ID.matcher(path).replaceAll(id).replace("{path}", "x").replace("{key}", "unknown");
    }
}
