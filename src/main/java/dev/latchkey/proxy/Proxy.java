package dev.latchkey.proxy;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.inject.Singleton;

import dev.latchkey.credential.Authentication;
import dev.latchkey.credential.CredentialUse;
import dev.latchkey.credential.CredentialUses;
import dev.latchkey.credential.LastUses;
import dev.latchkey.identity.Caller;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Outbound;
import dev.latchkey.proxy.Forwarding.Result;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * Sends a bound key's request on: reads where it goes, asks whether it may, has it written down, opens a checked connection,
 * and lets both bodies pass.
 */
@Singleton
class Proxy {

    static final String RETRY_SECONDS = "2";
    private static final int BAD_REQUEST = 400;

    private final CredentialUses uses;
    private final LastUses lastUses;
    private final ProxyAudit audit;
    private final Outbound outbound;
    private final ProxyConfig config;
    private final AtomicInteger open = new AtomicInteger();
    private final Shares shares;
    private final HeaderNames stripped;
    private final Map<Outcome, Timer> timers = new EnumMap<>(Outcome.class);
    private final Forwarding.Meter meter;

    Proxy(CredentialUses uses, LastUses lastUses, ProxyAudit audit, Outbound outbound, ProxyLimits limits,
            MeterRegistry metrics) {
        this.uses = uses;
        this.lastUses = lastUses;
        this.audit = audit;
        this.outbound = outbound;
        this.config = limits.config();
        this.shares = new Shares(config.atOncePerOrganization());
        this.stripped = limits.stripped();
        for (Outcome outcome : Outcome.values()) {
            timers.put(outcome, metrics.timer("latchkey.proxy.requests", "outcome", outcome.name().toLowerCase(Locale.ROOT)));
        }
        metrics.gauge("latchkey.proxy.open", Tags.empty(), open, AtomicInteger::get);
        this.meter = new Bytes(metrics.counter("latchkey.proxy.bytes", "direction", "up"),
                metrics.counter("latchkey.proxy.bytes", "direction", "down"));
    }

    /**
     * Answers the request by what the provider answers.
     *
     * @throws ProblemException 404, 403 and 409 as {@link CredentialUses#of}, 422 for a target that is not sent on, 502 and 504
     *         where there is no answer, 503 where too many are under way
     */
    Uni<Void> forward(Caller caller, UUID credential, RoutingContext routing) {
        Incoming incoming = Incoming.of(routing);
        ProxyTarget target = target(routing.request(), credential);
        return Uni.createFrom().deferred(() -> {
            Caller.Tenant organization = caller.organization();
            take(organization);
            return Uni.createFrom().deferred(() -> uses.of(caller, credential)).flatMap(use -> {
                Destination base = requireBase(use);
                return audit.begin(caller, use).flatMap(span -> forward(use, base, span, target, incoming));
            }).onTermination().invoke(() -> giveBack(organization));
        });
    }

    private void take(Caller.@Nullable Tenant organization) {
        boolean isWithinShare = organization == null || shares.take(organization.id());
        if (!isWithinShare || open.incrementAndGet() > config.atOnce()) {
            if (isWithinShare) {
                giveBack(organization);
            }
            throw new ProblemException(ProblemCode.UNAVAILABLE,
                    "Too many requests are being sent on; repeat this one in a moment.")
                    .with("Retry-After", RETRY_SECONDS);
        }
    }

    private static Destination requireBase(CredentialUse use) {
        Destination base = use.base();
        if (base == null) {
            throw new ProblemException(ProblemCode.CREDENTIAL_UNUSABLE,
                    "The credential has no base URL that requests could be sent to; give it one.",
                    List.of(new FieldError("baseUrl", "is missing")));
        }
        return base;
    }

    /** Whether nothing is under way, or counted as such. */
    boolean isIdle() {
        return open.get() == 0 && shares.isEmpty();
    }

    private void giveBack(Caller.@Nullable Tenant organization) {
        open.decrementAndGet();
        if (organization != null) {
            shares.give(organization.id());
        }
    }

    private Uni<Void> forward(CredentialUse use, Destination base, ProxyAudit.Span span, ProxyTarget target,
            Incoming incoming) {
        Authentication authentication = use.authentication();
        Destination to = base.withTarget(authentication.addedTo(target.below(base.target())));
        RequestOptions options = new RequestOptions().setMethod(incoming.routing().request().method()).setURI(to.target());
        ProxyHeaders headers = new ProxyHeaders(authentication, stripped,
                new Redirects(ProxyTarget.ROOT + "/" + use.id(), base, to));
        Forwarding forwarding = new Forwarding(incoming, () -> outbound.open(to, options), headers, config, meter);
        long begun = System.nanoTime();
        lastUses.note(use.id(), audit.now());
        return Uni.createFrom().completionStage(() -> forwarding.run().toCompletionStage())
                .invoke(result -> count(span, result, begun))
                .onFailure(Refused.class).invoke(fault -> count(span, new Result(((Refused) fault).outcome(), 0), begun))
                .onFailure(Refused.class).transform(fault -> ((Refused) fault).problem()).replaceWithVoid();
    }

    private void count(ProxyAudit.Span span, Result result, long begun) {
        if (result.outcome() != Outcome.ANSWERED || result.status() >= BAD_REQUEST) {
            audit.fail(span);
        }
        Timer timer = timers.get(result.outcome());
        if (timer != null) {
            timer.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
        }
    }

    private static ProxyTarget target(HttpServerRequest asked, UUID credential) {
        ProxyTarget.Parsed parsed = ProxyTarget.parse(asked.uri());
        if (parsed instanceof ProxyTarget.Valid valid && valid.credential().equalsIgnoreCase(credential.toString())) {
            return valid.target();
        }
        throw ProblemException.invalid("path",
                parsed instanceof ProxyTarget.Invalid invalid ? invalid.message() : "is not written as it is read");
    }

    /** How much passes. */
    private record Bytes(Counter up, Counter down) implements Forwarding.Meter {

        @Override
        public void uploaded(int bytes) {
            up.increment(bytes);
        }

        @Override
        public void downloaded(int bytes) {
            down.increment(bytes);
        }
    }
}
