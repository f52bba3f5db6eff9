package dev.latchkey.web;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A query parameter with a typing error is told, never passed over. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class QueryRulesTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "keys?stats=active | stats | did you mean status",
            "keys?status=active&stroe=madrid | stroe | did you mean store", "keys?LIMIT=5 | LIMIT | did you mean limit",
            "activity?targetid=x | targetid | did you mean targetId", "events?kind=order.create | kind | there are cursor",
            "credentials?state=red | state | did you mean", "webhooks?active=true | active | there are cursor, limit",
            "notifications?read=true | read | did you mean unread", "event-types?q=order | q | which has none",
            "keys/01890a5d-ac96-774b-bcce-b302099a8057?expand=all | expand | which has none" })
    void aParameterThatAnOperationDoesNotHaveIsNamed(String address, String name, String hint) {
        get(address).statusCode(400).body("code", equalTo("malformed-request")).body("errors", hasSize(1))
                .body("errors[0].field", equalTo(name)).body("errors[0].message", containsString(hint))
                .body("detail", containsString(name));
    }

    @Test
    void nothingIsDoneWhereOneIsUnknown() {
        api.asPlatform().body("{}").put("/api/v1/catalog?dryrun=true").then().statusCode(400)
                .body("errors[0].message", containsString("did you mean dryRun"));
        api.asOwner().body(Map.of("key", "madrid", "name", "Madrid")).post("/api/v1/stores?dry=true").then().statusCode(400);
        get("stores").statusCode(200).body("items", empty());
    }

    @ParameterizedTest
    @ValueSource(strings = { "keys?status=active&status=revoked", "event-types?limit=50",
            "keys?limit=5&status=active&access=all&q=erp" })
    void whatIsKnownOrNothingIsTaken(String address) {
        get(address).statusCode(not(400));
    }

    @Test
    void whoIsNotKnownIsToldNothingOfIt() {
        RestAssured.given().get("/api/v1/keys?stats=active").then().statusCode(401);
    }

    @Test
    void fewAreTold() {
        get("keys?a=1&b=1&c=1&d=1&e=1&f=1&g=1").statusCode(400).body("errors", hasSize(5));
    }

    private ValidatableResponse get(String address) {
        return api.as("viewer").get("/api/v1/" + address).then();
    }
}
