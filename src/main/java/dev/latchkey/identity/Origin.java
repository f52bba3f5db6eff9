package dev.latchkey.identity;

import java.util.Objects;

import dev.latchkey.net.IpAddress;
import dev.latchkey.web.ClientAddress;
import dev.latchkey.web.RequestId;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a request comes from, for the record of what it does.
 *
 * @param ip the client's address; null where the connection has none
 * @param requestId as it stands in the answer and the logs; null outside of a request
 */
public record Origin(@Nullable String ip, @Nullable String requestId) {

    public static final Origin NOWHERE = new Origin(null, null);

    public static Origin of(@Nullable RoutingContext request, ClientAddress addresses) {
        if (request == null) {
            return NOWHERE;
        }
        IpAddress ip = addresses.of(request.request());
        return new Origin(ip == null ? null : Objects.toString(ip), RequestId.of(request));
    }
}
