package dev.latchkey.key;

import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import dev.latchkey.identity.Permission;
import dev.latchkey.key.VerificationResource.Request;
import dev.latchkey.net.IpAddress;
import dev.latchkey.web.ClientAddress;
import dev.latchkey.web.Problem;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Problems;
import dev.latchkey.web.RequestBody;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * Answers the two operations that a platform asks on each of its own requests, before Quarkus REST, which costs more than the
 * verdict itself (docs/adr/0006).
 *
 * <p>
 * <b>Invariant:</b> who is answered here is answered as the resource would. For {@code /keys/verify} only what is plain is
 * taken: a caller that presents a key, and a body of which nothing is to be complained. A key that is no good is refused as
 * {@link KeyAuthentication} does. Everything else, with a key that lacks the scope or has a limit of its own, goes on to
 * {@link VerificationResource} with the body that was read, and nothing has been counted for it: there alone stands how bodies
 * are faulted, and what callers may do. For forward auth the method of {@link ForwardAuthResource} itself is called, whatever
 * the request says; only its answer is written here.
 */
@ApplicationScoped
class DirectVerification {

    private static final String VERIFY = KeyAuthentication.VERIFY;
    private static final String NGINX = ForwardAuthRoutes.AUTH + "/nginx";
    private static final String JSON = "application/json";
    private static final String JSON_ANSWER = "application/json;charset=UTF-8";
    /** Behind everything that holds for each request: its name, its rules, and the policies of operators. */
    private static final int LAST = 10;

    private final Verifier verifier;
    private final ForwardAuthResource forwardAuth;
    private final VerificationJson json;
    private final ClientAddress addresses;
    private final Problems problems;
    private final Counter answered;

    DirectVerification(Verifier verifier, ForwardAuthResource forwardAuth, VerificationJson json, ClientAddress addresses,
            Problems problems, MeterRegistry metrics) {
        this.verifier = verifier;
        this.forwardAuth = forwardAuth;
        this.json = json;
        this.addresses = addresses;
        this.problems = problems;
        this.answered = metrics.counter("latchkey.verifications.direct");
    }

    void register(@Observes Filters filters) {
        filters.register(this::answer, LAST);
    }

    private void answer(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        String uri = request.uri();
        if (uri.equals(VERIFY) && request.method() == HttpMethod.POST && isPlainJson(request.headers())) {
            read(routing);
        } else if (uri.equals(ForwardAuthRoutes.AUTH) && hasNoBody(request.headers())) {
            send(routing, ForwardAuthRoutes.AUTH, () -> forwardAuth.forward(routing));
        } else if (uri.equals(NGINX) && hasNoBody(request.headers())) {
            send(routing, NGINX, () -> forwardAuth.nginx(routing));
        } else {
            routing.next();
        }
    }

    private static boolean isPlainJson(MultiMap headers) {
        String type = headers.get(HttpHeaders.CONTENT_TYPE);
        String accept = headers.get(HttpHeaders.ACCEPT);
        return type != null && isJson(type) && (accept == null || accept.equals("*/*") || accept.equals(JSON))
                && !headers.contains(HttpHeaders.EXPECT);
    }

    /** As clients write it, with the charset or without. */
    private static boolean isJson(String type) {
        return type.equals(JSON) || type.equalsIgnoreCase(JSON_ANSWER)
                || type.equalsIgnoreCase("application/json; charset=UTF-8");
    }

    private static boolean hasNoBody(MultiMap headers) {
        String length = headers.get(HttpHeaders.CONTENT_LENGTH);
        return (length == null || length.equals("0")) && !headers.contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private void read(RoutingContext routing) {
        Buffer body = RequestBody.of(routing);
        if (body != null) {
            verify(routing, body);
        } else if (routing.request().isEnded()) {
            routing.next();
        } else {
            routing.request().body().onSuccess(read -> {
                RequestBody.keep(routing, read);
                attempt(routing, () -> verify(routing, read));
            }).onFailure(routing::fail);
            routing.request().resume();
        }
    }

    private void verify(RoutingContext routing, Buffer body) {
        if (routing.response().ended()) {
            return; // The body came too late, and that has been said.
        }
        PresentedKey presented = PresentedKey.of(routing.request());
        Request asked = presented == null ? null : json.read(body.getBytes());
        if (presented == null || asked == null) {
            routing.next();
            return;
        }
        Problems.nameForMetrics(VERIFY);
        IpAddress ip = addresses.of(routing.request());
        subscribe(routing, verifier.authenticate(presented, KeyAuthentication.verificationBy(null, ip)),
                caller -> verify(routing, caller, asked, ip));
    }

    private void verify(RoutingContext routing, Verdict caller, Request asked, @Nullable IpAddress ip) {
        KeySnapshot key = caller.key();
        if (key == null || !caller.valid()) {
            problems.end(routing, Refusals.of(caller));
            return;
        }
        Question question = question(key, asked);
        if (question == null) {
            routing.next();
            return;
        }
        verifier.noteUse(key, Verdict.Code.VALID, KeyAuthentication.verificationBy(key, ip));
        subscribe(routing, verifier.verify(asked.presented(), question), verdict -> send(routing, verdict));
    }

    /**
     * Goes on in the context of this request: what has to be read is read once for many, and answered in the context of the
     * first of them.
     */
    private static <T> void subscribe(RoutingContext routing, Uni<T> answer, Consumer<T> next) {
        Context here = routing.vertx().getOrCreateContext();
        answer.subscribe().with(item -> {
            if (Vertx.currentContext() == here) {
                attempt(routing, () -> next.accept(item));
            } else {
                here.runOnContext(hop -> attempt(routing, () -> next.accept(item)));
            }
        }, fault -> here.runOnContext(hop -> routing.fail(fault)));
    }

    /** A request whose step fails is answered by whoever answers faults; otherwise nobody would. */
    private static void attempt(RoutingContext routing, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            routing.fail(fault);
        }
    }

    /** Null where the resource has to look at it. */
    private static @Nullable Question question(KeySnapshot caller, Request asked) {
        boolean counted = caller.limit() != null && caller.limit().own();
        boolean any = Permission.KEYS_VERIFY_ANY.isHeldByKey(caller.scopes());
        if (counted || !any && !Permission.KEYS_VERIFY.isHeldByKey(caller.scopes())) {
            return null;
        }
        UUID organization = any ? null : caller.organizationId();
        try {
            return asked.question(organization);
        } catch (ProblemException faulty) {
            return null;
        }
    }

    private void send(RoutingContext routing, Verdict verdict) {
        answered.increment();
        routing.response().putHeader(HttpHeaders.CONTENT_TYPE, JSON_ANSWER).end(Buffer.buffer(json.write(verdict)));
    }

    private void send(RoutingContext routing, String operation, Supplier<Uni<RestResponse<Problem>>> ask) {
        Problems.nameForMetrics(operation);
        answered.increment();
        attempt(routing, () -> subscribe(routing, ask.get(), answer -> problems.end(routing, answer)));
    }
}
