package dev.latchkey.web;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Singleton;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;

import dev.latchkey.web.Problem.FieldError;
import io.vertx.core.http.HttpServerRequest;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.SimpleResourceInfo;

/**
 * Refuses query parameters that an operation does not have, as bodies with unknown fields are refused: a filter with a typing
 * error would be none, and the caller would take all that there is for what he asked for.
 *
 * <p>
 * Callers are known by then, so that nobody else learns which parameters there are. What is told are names alone, and few of
 * them, since values may be anything. Which parameters there are is learnt before a native executable is made, in which methods
 * no longer know of their annotations.
 */
@Singleton
class QueryRules {

    private static final int MOST_TOLD = 5;
    private static final int MAX_SHOWN = 63;
    /** Lists take it by contract; those that are always told whole have nothing to do for it. */
    private static final String LIMIT = "limit";

    private final Map<Operation, Set<String>> known = new HashMap<>();

    private record Operation(Class<?> resource, String method, List<Class<?>> parameters) {
    }

    void learn(@Observes @Initialized(ApplicationScoped.class) Object started, BeanManager beans) {
        for (Bean<?> bean : beans.getBeans(Object.class, Any.Literal.INSTANCE)) {
            Class<?> resource = bean.getBeanClass();
            if (resource.isAnnotationPresent(Path.class) && !resource.isAnnotationPresent(AnyQuery.class)) {
                for (Method method : resource.getDeclaredMethods()) {
                    known.put(new Operation(resource, method.getName(), List.of(method.getParameterTypes())), namesOf(method));
                }
            }
        }
    }

    private static Set<String> namesOf(Method operation) {
        Set<String> names = new TreeSet<>();
        for (Parameter parameter : operation.getParameters()) {
            QueryParam declared = parameter.getAnnotation(QueryParam.class);
            if (declared != null) {
                names.add(declared.value());
            }
        }
        return names;
    }

    @ServerRequestFilter
    void refuseUnknown(ContainerRequestContext request, SimpleResourceInfo info, HttpServerRequest asked) {
        // Not of the URI, which a caller has not told whole who speaks HTTP/1.0.
        if (asked.query() == null) {
            return;
        }
        Set<String> names = known
                .get(new Operation(info.getResourceClass(), info.getMethodName(), List.of(info.parameterTypes())));
        if (names == null) {
            return;
        }
        List<String> unknown = request.getUriInfo().getQueryParameters().keySet().stream()
                .filter(name -> !name.isEmpty() && !names.contains(name))
                .filter(name -> !(name.equals(LIMIT) && isRead(request.getMethod()))).sorted()
                .limit(MOST_TOLD).toList();
        if (!unknown.isEmpty()) {
            throw refusal(unknown.stream().map(name -> new FieldError(shown(name), message(name, names))).toList());
        }
    }

    private static boolean isRead(String method) {
        return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    }

    private static ProblemException refusal(List<FieldError> errors) {
        return new ProblemException(ProblemCode.MALFORMED_REQUEST,
                "The query parameter " + errors.get(0).field() + " " + errors.get(0).message(), errors);
    }

    private static String shown(String name) {
        return name.length() > MAX_SHOWN ? name.substring(0, MAX_SHOWN) + "…" : name;
    }

    private static String message(String name, Set<String> names) {
        return "is not one of this operation" + (names.isEmpty() ? ", which has none" : NearNames.of(name, names));
    }
}
