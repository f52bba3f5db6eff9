package dev.latchkey.web;

import java.util.regex.Pattern;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.smallrye.common.vertx.VertxContext;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.jboss.resteasy.reactive.RestResponse;

/** Writes problems. */
@Singleton
public class Problems {

    private static final Pattern SECRET = Pattern.compile(
            "[A-Za-z0-9_]*_(live|test|secret)_[0-9A-Za-z]{16,}|eyJ[\\w-]{10,}\\.[\\w-]+\\.[\\w-]*|whsec_[\\w+/=-]{16,}"
                    + "|latchkey_(link|session)_[\\w-]{16,}");

    /** Where Quarkus's metrics look for the path of the operation that was reached. */
    private static final String PATH_TEMPLATE = "UrlPathTemplate";

    private final ObjectWriter asciiJson;

    Problems(ObjectMapper json) {
        this.asciiJson = json.writer().with(JsonGenerator.Feature.ESCAPE_NON_ASCII);
    }

    /** The answer to a request that is refused. */
    public static RestResponse<Problem> answer(ProblemException refusal, RoutingContext request) {
        Problem problem = of(refusal, request);
        RestResponse.ResponseBuilder<Problem> answer = RestResponse.ResponseBuilder.<Problem> create(problem.status())
                .type(Problem.MEDIA_TYPE).entity(problem);
        refusal.headers().forEach(answer::header);
        return answer.build();
    }

    static Problem of(ProblemException refusal, RoutingContext request) {
        nameForMetrics();
        return Problem.of(refusal, path(request), RequestId.of(request));
    }

    /**
     * What reached no operation is counted under one name. Under its path, anyone could use up the number of series that there
     * may be, and leave keys in them.
     */
    private static void nameForMetrics() {
        nameForMetrics("/unrouted");
    }

    /** Counts the request under an operation that is answered before it is reached. */
    public static void nameForMetrics(String template) {
        Context context = Vertx.currentContext();
        if (context != null && VertxContext.isDuplicatedContext(context) && context.getLocal(PATH_TEMPLATE) == null) {
            context.putLocal(PATH_TEMPLATE, template);
        }
    }

    /** The request's path for answers and logs. */
    static String path(RoutingContext request) {
        String path = request.request().path();
        return path == null ? "" : LikelySecret.leftOutOfPath(masked(path));
    }

    /** People slip and put a key where a name belongs: whatever looks like one, or like a token, is not repeated. */
    public static String masked(String text) {
        return SECRET.matcher(text).replaceAll("***");
    }

    /** The path as it is routed; empty when it cannot be, since an escape in it is broken. */
    public static String normalizedPath(RoutingContext request) {
        try {
            return request.normalizedPath();
        } catch (IllegalArgumentException brokenEscape) {
            return "";
        }
    }

    /** Answers where no resource is reached. */
    public void end(RoutingContext request, ProblemException refusal) {
        refusal.headers().forEach((name, value) -> request.response().putHeader(name, value));
        Problem problem = of(refusal, request);
        end(request.response().setStatusCode(problem.status()), problem);
    }

    /** Sends what an operation answered that was not reached by Quarkus REST. */
    public void end(RoutingContext request, RestResponse<Problem> answer) {
        HttpServerResponse response = request.response().setStatusCode(answer.getStatus());
        answer.getHeaders().forEach((name, values) -> values.forEach(value -> response.putHeader(name, value.toString())));
        Problem problem = answer.getEntity();
        if (problem == null) {
            response.end();
        } else {
            end(response, problem);
        }
    }

    /** It is for whoever asked, at this moment: gateways pass it on to their clients. */
    private void end(HttpServerResponse response, Problem problem) {
        if (!response.headers().contains(HttpHeaders.CACHE_CONTROL)) {
            response.putHeader(HttpHeaders.CACHE_CONTROL, "private, no-store");
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE).end(inOneLine(problem));
    }

    /** A problem in one line of ASCII: also fit for a header, where someone sees no body. */
    public String inOneLine(Problem problem) {
        try {
            return asciiJson.writeValueAsString(problem);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a problem is plain text and numbers", impossible);
        }
    }
}
