package dev.latchkey.key;

import dev.latchkey.testing.GatewayKind;
import dev.latchkey.testing.NeedsGateway;

/** All that gateways guarantee, by HAProxy and our script. */
@NeedsGateway(GatewayKind.HAPROXY)
class HaproxyGatewayIT extends GatewayRefuses {

    HaproxyGatewayIT() {
        super(GatewayKind.HAPROXY);
    }
}
