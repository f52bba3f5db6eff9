package dev.latchkey.key;

import dev.latchkey.testing.GatewayKind;
import dev.latchkey.testing.NeedsGateway;

/** All that gateways guarantee, by Caddy. */
@NeedsGateway(GatewayKind.CADDY)
class CaddyGatewayIT extends GatewayRefuses {

    CaddyGatewayIT() {
        super(GatewayKind.CADDY);
    }
}
