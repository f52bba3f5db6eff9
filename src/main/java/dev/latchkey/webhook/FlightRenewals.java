package dev.latchkey.webhook;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/** Keeps the claims of what is under way here. On one context of Vert.x; one renewal is under way at a time. */
final class FlightRenewals {

    private static final Logger LOG = Logger.getLogger(FlightRenewals.class);
    private static final long AGAIN_MILLIS = 200;

    private final Flights.Tools tools;
    private final Duration lease;
    private final Map<Claimed, Flight> flights;
    private final Completions completions;
    private boolean isRenewing;
    private boolean isArmed;

    FlightRenewals(Flights.Tools tools, Map<Claimed, Flight> flights, Completions completions) {
        this.tools = tools;
        this.lease = tools.config().lease();
        this.flights = flights;
        this.completions = completions;
    }

    /**
     * What is under way here, or answered and not written yet, is claimed again where its claim ran out, as after an outage of
     * the database. It is not sent again, but goes on.
     */
    List<Claimed> withoutOurs(List<Claimed> claimed, long begun) {
        Map<UUID, Claimed> ours = new HashMap<>();
        flights.keySet().forEach(delivery -> ours.put(delivery.id(), delivery));
        Map<Claimed, Claimed> again = new HashMap<>();
        List<Claimed> anew = new ArrayList<>(claimed.size());
        for (Claimed delivery : claimed) {
            Claimed mine = ours.get(delivery.id());
            if (mine == null) {
                anew.add(delivery);
            } else {
                again.put(mine, delivery);
            }
        }
        if (!again.isEmpty()) {
            tools.held().adopt(again, lease).subscribe().with(done -> again.keySet().forEach(mine -> {
                Flight flight = flights.get(mine);
                if (flight != null) {
                    flight.keptAt = Math.max(flight.keptAt, begun);
                    flight.isLost = false;
                }
            }), fault -> LOG.warnf("deliveries under way were claimed again, and that runs out: deliveries=%d cause=%s",
                    again.size(), fault));
        }
        return anew;
    }

    /**
     * Half of the lease is left at least when this is called each third of it. Not of those that are being written, whose rows
     * nobody can take meanwhile, and for which the others would have to wait.
     */
    void renew() {
        if (isRenewing) {
            return;
        }
        long now = tools.ticker().read();
        List<Claimed> held = held(now);
        if (held.isEmpty()) {
            return;
        }
        isRenewing = true;
        Uni.createFrom().deferred(() -> tools.held().renew(held, lease)).subscribe().with(kept -> {
            isRenewing = false;
            held.forEach(delivery -> {
                Flight flight = flights.get(delivery);
                if (flight != null) {
                    flight.keptAt = now;
                    flight.isLost = !kept.contains(delivery.id());
                }
            });
        }, fault -> {
            isRenewing = false;
            LOG.warnf("claims cannot be renewed now, tried again: deliveries=%d cause=%s", held.size(), fault);
            arm();
        });
    }

    /** One of these at a time, however often it fails: what calls each third of a lease would leave another one each time. */
    private void arm() {
        if (!isArmed) {
            isArmed = true;
            tools.vertx().setTimer(AGAIN_MILLIS, over -> {
                isArmed = false;
                renew();
            });
        }
    }

    private List<Claimed> held(long now) {
        Set<Claimed> written = Collections.newSetFromMap(new IdentityHashMap<>());
        completions.underWay().forEach(ended -> written.add(ended.delivery()));
        List<Claimed> held = new ArrayList<>();
        flights.forEach((delivery, flight) -> {
            if (!flight.isLost && now - flight.keptAt > lease.toNanos() / 6 && !written.contains(delivery)) {
                held.add(delivery);
            }
        });
        return held;
    }
}
