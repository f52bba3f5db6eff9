package dev.latchkey.key;

import static org.jboss.resteasy.reactive.RestResponse.Status.NO_CONTENT;
import static org.jboss.resteasy.reactive.RestResponse.Status.OK;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;

import dev.latchkey.catalog.ApiPath;
import dev.latchkey.key.Question.Operation;
import dev.latchkey.net.IpAddress;
import dev.latchkey.web.AnyQuery;
import dev.latchkey.web.ClientAddress;
import dev.latchkey.web.Problem;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Problems;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * Forward auth: a gateway asks about the request that it holds, by the headers that it sends. Answered to gateways only, and
 * refused wherever they leave open what is asked: no header that names an operation, or two that name different ones, stores
 * or organizations, as a client's own header beside the gateway's would.
 */
@AnyQuery
@Path("/api/v1/auth")
@Tag(name = "Forward auth", description = "For gateways: whether the request that they hold may pass")
class ForwardAuthResource {

    private static final String ALLOWED = "The request may pass; X-Auth-* headers say who asks.";

    private static final List<String> FORWARDED_METHOD = List.of("X-Forwarded-Method");
    private static final List<String> FORWARDED_URI = List.of("X-Forwarded-Uri");
    private static final List<String> NGINX_METHOD = List.of("X-Original-Method", "X-Forwarded-Method");
    private static final List<String> NGINX_URI = List.of("X-Original-URI", "X-Original-URL", "X-Forwarded-Uri");

    private static final String ORGANIZATION = "X-Auth-Organization-Required";
    private static final String STORE = "X-Store";

    private final Verifier verifier;
    private final ClientAddress addresses;
    private final Problems problems;

    ForwardAuthResource(Verifier verifier, ClientAddress addresses, Problems problems) {
        this.problems = problems;
        this.verifier = verifier;
        this.addresses = addresses;
    }

    @GET
    @org.eclipse.microprofile.openapi.annotations.Operation(operationId = "forwardAuth", summary = "Forward auth for Traefik, Caddy and HAProxy", description = "Any HTTP method. The request is told by X-Forwarded-Method, X-Forwarded-Uri, X-Forwarded-For and, optionally, X-Store. The key is in X-API-Key or Authorization; its secret in X-API-Secret, or with it in Authorization: Basic.")
    @APIResponse(responseCode = "204", description = ALLOWED, content = @Content)
    public Uni<RestResponse<Problem>> forward(@Context RoutingContext request) {
        return ask(request, told(request.request(), FORWARDED_METHOD, FORWARDED_URI),
                addresses.behindGateway(request.request(), false), NO_CONTENT);
    }

    @GET
    @Path("/nginx")
    @org.eclipse.microprofile.openapi.annotations.Operation(operationId = "forwardAuthNginx", summary = "Forward auth for nginx auth_request and ingress-nginx", description = "Any HTTP method. Also X-Original-Method, X-Original-URI and X-Original-URL. nginx knows 401 and 403 only: a 429 travels as 403; X-Auth-Status tells the true status and X-Auth-Problem the problem, since nginx drops the body.")
    @APIResponse(responseCode = "204", description = ALLOWED, content = @Content)
    public Uni<RestResponse<Problem>> nginx(@Context RoutingContext request) {
        return ask(request, told(request.request(), NGINX_METHOD, NGINX_URI), addresses.behindGateway(request.request(), false),
                NO_CONTENT).map(this::inNginxForm);
    }

    @GET
    @Path("/envoy/{path: .*}")
    @Parameter(name = "path", in = ParameterIn.PATH, description = "The path of the request that is asked about", schema = @Schema(type = SchemaType.STRING))
    @org.eclipse.microprofile.openapi.annotations.Operation(operationId = "forwardAuthEnvoy", summary = "Forward auth for Envoy ext_authz with a path prefix", description = "Any HTTP method; the request's own method and path behind the prefix are judged.")
    @APIResponse(responseCode = "200", description = ALLOWED, content = @Content)
    public Uni<RestResponse<Problem>> envoy(@Context RoutingContext request) {
        HttpServerRequest asked = request.request();
        // The raw target: the routed one has been normalized already, by rules that are not ours.
        String target = asked.uri().substring(ForwardAuthRoutes.ENVOY.length());
        return ask(request, new Operation(asked.method().name(), ApiPath.parse(target)), addresses.behindGateway(asked, true),
                OK);
    }

    private Uni<RestResponse<Problem>> ask(RoutingContext request, @Nullable Operation operation, @Nullable IpAddress client,
            RestResponse.Status allowed) {
        HttpServerRequest asked = request.request();
        if (!addresses.isGateway(asked)) {
            throw new ProblemException(ProblemCode.GATEWAY_FORBIDDEN,
                    "Forward auth is answered to gateways only; LATCHKEY_GATEWAYS says which networks they are in.");
        }
        PresentedKey presented = PresentedKey.of(asked);
        if (presented == null) {
            return Uni.createFrom().item(Problems.answer(Refusals.missing(), request));
        }
        if (operation == null || !isClear(asked, ORGANIZATION) || !isClear(asked, STORE)) {
            return Uni.createFrom().item(Problems.answer(new ProblemException(ProblemCode.METHOD_FORBIDDEN,
                    "The gateway does not say, or not unambiguously, what the request is for."), request));
        }
        Question question = new Question(null, asked.getHeader(ORGANIZATION), operation, List.of(), asked.getHeader(STORE),
                client, 1);
        return verifier.verify(presented, question)
                .map(verdict -> verdict.valid() ? allow(verdict, allowed) : Problems.answer(Refusals.of(verdict), request));
    }

    private static RestResponse<Problem> allow(Verdict verdict, RestResponse.Status status) {
        RestResponse.ResponseBuilder<Problem> answer = RestResponse.ResponseBuilder.create(status);
        KeySnapshot key = verdict.key();
        if (key != null) {
            answer.header("X-Auth-Key-Id", key.keyId()).header("X-Auth-Organization", key.organization())
                    .header("X-Auth-Scopes", String.join(" ", key.scopes())).header("X-Auth-Stores", stores(key));
        }
        Quota quota = verdict.quota();
        if (quota != null) {
            answer.header("RateLimit", quota.limitField()).header("RateLimit-Policy", quota.policyField());
        }
        return answer.build();
    }

    private static String stores(KeySnapshot key) {
        return key.stores() == null ? "all"
                : key.stores().stream().map(KeySnapshot.StoreReference::key).collect(Collectors.joining(","));
    }

    /** auth_request lets 401 and 403 through and turns everything else into its own 500. */
    private RestResponse<Problem> inNginxForm(RestResponse<Problem> answer) {
        Problem problem = answer.getEntity();
        if (problem == null) {
            return answer;
        }
        return RestResponse.ResponseBuilder.<Problem> create(problem.status() == 401 ? 401 : 403)
                .replaceAll(answer.getHeaders()).header("X-Auth-Status", problem.status())
                .header("X-Auth-Problem", problems.inOneLine(problem)).entity(problem).build();
    }

    /** What the gateway says that the request is for; null unless all that it says is one and the same. */
    private static @Nullable Operation told(HttpServerRequest request, List<String> methodHeaders, List<String> targetHeaders) {
        List<String> methods = values(request, methodHeaders).distinct().toList();
        List<ApiPath> paths = values(request, targetHeaders).map(ApiPath::parse).distinct().toList();
        return methods.size() == 1 && paths.size() == 1 ? new Operation(methods.get(0), paths.get(0)) : null;
    }

    /** Whether a header says one thing at most: of two values, one may be the client's own. */
    private static boolean isClear(HttpServerRequest request, String header) {
        return values(request, List.of(header)).distinct().count() <= 1;
    }

    private static Stream<String> values(HttpServerRequest request, List<String> headers) {
        return headers.stream().flatMap(header -> request.headers().getAll(header).stream());
    }
}
