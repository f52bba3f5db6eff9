package dev.latchkey.testing;

import java.util.List;

import io.quarkus.test.junit.callback.QuarkusTestBeforeEachCallback;
import io.quarkus.test.junit.callback.QuarkusTestMethodContext;
import io.restassured.RestAssured;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;

/**
 * Notes what every test sends and receives that must not turn up anywhere else. Installed for all by {@code META-INF/services}.
 */
public final class Planting implements QuarkusTestBeforeEachCallback, Filter {

    private static final List<String> SECRET_HEADERS = List.of("X-API-Key", "X-API-Secret", "Idempotency-Key", "X-CSRF-Token");
    private static final String BASIC = "Basic ";

    @Override
    public void beforeEach(QuarkusTestMethodContext context) {
        RestAssured.replaceFiltersWith(this);
    }

    /** Of Basic also as it was sent: what it holds stands elsewhere in it than at its beginning. */
    private static void plantAuthorization(String authorization) {
        Planted.addFrom(authorization);
        if (authorization.startsWith(BASIC)) {
            Planted.add(authorization.substring(BASIC.length()));
        }
    }

    @Override
    public Response filter(FilterableRequestSpecification request, FilterableResponseSpecification expected,
            FilterContext context) {
        SECRET_HEADERS.forEach(name -> request.getHeaders().getValues(name).forEach(Planted::add));
        request.getHeaders().getValues("Authorization").forEach(Planting::plantAuthorization);
        Planted.addFrom(String.valueOf(request.<Object> getBody()));
        request.getCookies().forEach(cookie -> Planted.addFrom(cookie.getValue()));
        Response response = context.next(request, expected);
        response.getHeaders().getValues("Set-Cookie").forEach(Planted::addFrom);
        String type = String.valueOf(response.contentType());
        if (type.contains("problem+json")) {
            Planted.problem(response.asString());
        } else if (type.contains("json")) {
            Planted.addFrom(response.asString());
        }
        return response;
    }
}
