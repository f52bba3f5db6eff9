package dev.latchkey.testing;

import static io.restassured.RestAssured.given;

import java.util.List;
import java.util.Map;

import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

/**
 * Someone who is signed in to the panel, as his browser sees it.
 *
 * @param cookie the value of the cookie
 * @param csrf what his page shows with each change
 * @param session as it was answered
 */
public record SignedIn(String cookie, String csrf, Response session) {

    /** By plain http, as tests run. */
    public static final String COOKIE = "latchkey";
    public static final String CSRF_HEADER = "X-CSRF-Token";
    public static final String SESSION = "/api/v1/session";

    /** By a link of the platform's making. */
    public static SignedIn to(Api api, String... groups) {
        return by(linkTo(api, Map.of("org", api.organization(), "user", "ana@" + api.organization(), "groups", groups)));
    }

    /** The token of a link of the platform's making. */
    public static String linkTo(Api api, Map<String, ?> wanted) {
        String url = api.asPlatform().body(wanted).post("/api/v1/panel-sessions").then().statusCode(201).extract().path("url");
        return url.substring(url.indexOf('#') + 1);
    }

    /** By the token of a link. */
    public static SignedIn by(String link) {
        return of(given().contentType(ContentType.JSON).body(Map.of("link", link)).post(SESSION));
    }

    /** By a token of the identity provider. */
    public static SignedIn withToken(String jwt) {
        return of(given().auth().oauth2(jwt).contentType(ContentType.JSON).body("{}").post(SESSION));
    }

    /** What a sign-in answered. */
    public static SignedIn of(Response answer) {
        answer.then().statusCode(200);
        return new SignedIn(answer.cookie(COOKIE), answer.path("csrfToken"), answer);
    }

    /** A request of his page, which may change something. */
    public RequestSpecification request() {
        return reading().header(CSRF_HEADER, csrf);
    }

    /** A request with the cookie and nothing else, as any page could have his browser make. */
    public RequestSpecification reading() {
        return given().cookie(COOKIE, cookie).contentType(ContentType.JSON);
    }

    public Response signOut() {
        return request().delete(SESSION);
    }

    public String id(Behind behind) {
        List<Object> ids = behind.query("select id from panel_session where organization_id = cast(? as uuid)",
                session.<String> path("organization.id"));
        return String.valueOf(ids.get(0));
    }
}
