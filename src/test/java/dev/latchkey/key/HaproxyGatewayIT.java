package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.latchkey.testing.Gateway;
import dev.latchkey.testing.GatewayKind;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.NeedsGateway;
import dev.latchkey.testing.RawHttp;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All that gateways guarantee, by HAProxy and our script. */
@NeedsGateway(GatewayKind.HAPROXY)
class HaproxyGatewayIT extends GatewayRefuses {

    HaproxyGatewayIT() {
        super(GatewayKind.HAPROXY);
    }

    /** After a script that fails, HAProxy goes on with its next rule, be it before the question or after the verdict. */
    @ParameterizedTest
    @ValueSource(strings = { "local client = core.httpclient()", "txn:set_var(\"txn.latchkey_passes\", \"yes\")" })
    void whereTheScriptFailsNobodyPasses(String before, @TempDir Path directory) throws IOException {
        Created key = api.aKey().create();
        String script = Files.readString(Path.of("deploy", "gateway", "latchkey.lua"));
        assertThat(script).containsOnlyOnce(before);
        Path failing = Files.writeString(directory.resolve("failing.lua"),
                script.replace(before, "error(\"this script fails\")\n" + before));

        try (Gateway failed = Gateway.start(kind, portOf(latchkey), backend.port(),
                shipped -> shipped.replace("lua-load /etc/haproxy/latchkey.lua", "lua-load " + failing))) {
            assertRefused(RawHttp.to(failed.port()).ask("GET", ORDERS, "X-API-Key: " + key.key()), 503, "unavailable");
            assertThat(failed.log()).contains("this script fails");
        }
        assertThat(backend.reached()).isEmpty();
    }
}
