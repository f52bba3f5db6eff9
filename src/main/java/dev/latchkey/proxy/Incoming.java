package dev.latchkey.proxy;

import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * A caller's request, and whether he has gone before he was answered. That is listened for from the first moment: a listener
 * that is added after he went is never called, and his response need not know it yet.
 */
final class Incoming {

    private final RoutingContext routing;
    private boolean gone;
    private @Nullable Runnable told;

    private Incoming(RoutingContext routing) {
        this.routing = routing;
    }

    /** Not to be read before somebody takes it. */
    static Incoming of(RoutingContext routing) {
        routing.request().pause();
        Incoming incoming = new Incoming(routing);
        routing.addEndHandler(ended -> {
            if (ended.failed()) {
                incoming.go();
            }
        });
        incoming.gone = routing.response().closed();
        return incoming;
    }

    RoutingContext routing() {
        return routing;
    }

    /** Runs it when he goes; now, if he has. */
    void onLeaving(Runnable then) {
        told = then;
        if (gone || routing.response().closed()) {
            then.run();
        }
    }

    private void go() {
        gone = true;
        if (told != null) {
            told.run();
        }
    }
}
