package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Finds the addresses of a destination, and lets through only whole sets of them. */
final class Ways {

    private static final Logger LOG = Logger.getLogger(Ways.class);

    private static final String BLOCKED_ADDRESS = "addresses that are private, reserved or of a cloud's metadata are not called";
    private static final String PLAIN = "use https: plain http goes only to what the operator of this service allows";
    private static final String AWAY = "the host cannot be reached";

    /** Servers of names that are silent are asked in turn and again, for search domains, too: that goes on for minutes. */
    private static final long LONGEST_LOOK_UP_MILLIS = TimeUnit.SECONDS.toMillis(5);

    private final Vertx vertx;
    private final AddressPolicy policy;
    private final Names names;

    Ways(Vertx vertx, AddressPolicy policy, Names names) {
        this.vertx = requireNonNull(vertx, "vertx");
        this.policy = requireNonNull(policy, "policy");
        this.names = requireNonNull(names, "names");
    }

    /** What was found. */
    sealed interface Way permits Open, Shut {
    }

    /** Each of these may be dialled; never none. */
    record Open(List<IpAddress> addresses) implements Way {
    }

    /** None may. */
    record Shut(OutboundOutcome.Code code, @Nullable String detail) implements Way {
        Shut(OutboundOutcome.Code code) {
            this(code, null);
        }
    }

    /**
     * Never fails; called on the context, and completes on it, after 5 s at the latest. One address that may not be dialled
     * shuts the way, however good the others are.
     */
    Future<Way> to(Destination to, Context context) {
        if (to.address() != null) {
            return Future.succeededFuture(checked(to, List.of(to.address())));
        }
        var way = Promise.<Way> promise();
        var timer = vertx.setTimer(LONGEST_LOOK_UP_MILLIS,
                late -> way.tryComplete(new Shut(OutboundOutcome.Code.TIMEOUT, Faults.DNS)));
        names.addresses(to.host(), policy.allow().names(to.host()), context).map(found -> checked(to, found))
                .otherwise(fault -> {
                    LOG.debugf("a name leads nowhere: host=%s cause=%s", to.host(), fault);
                    return new Shut(OutboundOutcome.Code.UNRESOLVED);
                }).onSuccess(found -> {
                    vertx.cancelTimer(timer);
                    way.tryComplete(found);
                });
        return way.future();
    }

    private Way checked(Destination to, List<IpAddress> addresses) {
        if (addresses.isEmpty()) {
            return new Shut(OutboundOutcome.Code.UNRESOLVED);
        }
        for (var address : addresses) {
            if (!policy.permits(to, address)) {
                LOG.debugf("an address is not dialled: to=%s address=%s", to.origin(), address);
                return new Shut(OutboundOutcome.Code.BLOCKED);
            }
        }
        return new Open(addresses);
    }

    Optional<Refusal> refusalAtSight(Destination to) {
        var known = to.address() != null ? List.of(to.address()) : Names.fixed(to.host());
        if (known.isEmpty()) {
            var allow = policy.allow();
            var mayBePlain = allow.names(to.host(), to.port()) || allow.hasNetworkAt(to.port());
            return to.secure() || mayBePlain ? Optional.empty() : Optional.of(new Refusal(true, PLAIN));
        }
        if (checked(to, known) instanceof Open) {
            return Optional.empty();
        }
        var onlyPlain = !to.disguised()
                && known.stream().allMatch(each -> AddressPolicy.standing(each) == AddressPolicy.Standing.PUBLIC);
        return Optional.of(new Refusal(true, onlyPlain ? PLAIN : BLOCKED_ADDRESS));
    }

    /** Of a name, plain http is refused in the same words wherever it leads: they would tell where that is. */
    Future<Optional<Refusal>> refusal(Destination to, Context context) {
        var atSight = refusalAtSight(to);
        if (atSight.isPresent()) {
            return Future.succeededFuture(atSight);
        }
        return to(to, context).map(way -> way instanceof Open ? Optional.empty()
                : Optional.of(new Refusal(false, to.secure() ? AWAY : PLAIN)));
    }
}
