package dev.latchkey.panel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.tools.ToolProvider;

import com.standardwebhooks.Webhook;
import dev.latchkey.testing.Tool;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/**
 * The code that the panel gives to be copied verifies what Standard Webhooks signs, and nothing else. It is run as it
 * stands, by the interpreters that are here.
 */
@NullUnmarked
class SnippetsTest extends SnippetCase {

    /** A vector of the specification. */
    private static final Message VECTOR = new Message("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "{\"test\": 2432232314}");
    private static final long THEN = Long.parseLong(VECTOR.timestamp());
    /** By which everybody signs, or whoever tries for long enough. */
    private static final List<String> WEAK = List.of("", "whsec_", "whsec_c2hvcnQ=");
    /** Seconds by which a clock may be away. */
    private static final int TOLERANCE = 300;

    /** What a receiver got. */
    private record Message(String id, String timestamp, String signatures, String body) {

        Message signed(String others) {
            return new Message(id, timestamp, others, body);
        }

        Message saying(String other) {
            return new Message(id, timestamp, signatures, other);
        }
    }

    /** Whether a snippet takes it, at that time. */
    @FunctionalInterface
    private interface Verifier {

        boolean takes(Message message, long now) throws Exception;
    }

    @Test
    void javaTakesWhatIsGenuineAndNothingElse() throws Exception {
        Path file = write("WebhookSignature.java", snippet("JAVA"));
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "17", file.toString())).isZero();
        try (URLClassLoader loader = new URLClassLoader(new URL[] { folder.toUri().toURL() })) {
            Class<?> type = loader.loadClass("WebhookSignature");
            Constructor<?> made = type.getConstructor(String.class);
            Method verifies = type.getMethod("verifies", String.class, String.class, String.class, byte[].class, Instant.class);
            Object signature = made.newInstance(SECRET);

            verify((message, now) -> (boolean) verifies.invoke(signature, message.id(), message.timestamp(),
                    message.signatures(), message.body().getBytes(StandardCharsets.UTF_8), Instant.ofEpochSecond(now)));
            assertThat((boolean) verifies.invoke(signature, null, null, null, new byte[0], Instant.now())).isFalse();
            for (String weak : WEAK) {
                assertThatThrownBy(() -> made.newInstance(weak)).as(weak).hasCauseInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void nodeTakesWhatIsGenuineAndNothingElse() throws Exception {
        List<String> node = interpreter("node", deno("run", "--no-remote", "--allow-read", "--allow-env"));
        write("verifies.mjs", beforeReceiver("NODE")
                + """
                        const [id, timestamp, signatures, body, secret, now] = process.argv.slice(2);
                        const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures };
                        const key = keyOf(secret);
                        console.log(verifies(headers, Buffer.from(body), key, Number(now))
                            && !verifies({}, Buffer.from(''), key));
                        """);
        verify((message, now) -> said(node, "verifies.mjs", message, now).equals("true"));
        refusesWeakSecrets(node, "verifies.mjs");
    }

    @Test
    void phpTakesWhatIsGenuineAndNothingElse() throws Exception {
        List<String> php = interpreter("php", List.of());
        write("verifies.php", beforeReceiver("PHP") + """
                [, $id, $timestamp, $signatures, $body, $secret, $now] = $argv;
                $headers = ['webhook-id' => $id, 'webhook-timestamp' => $timestamp, 'webhook-signature' => $signatures];
                $key = key_of($secret);
                echo json_encode(verifies($headers, $body, $key, (int) $now) && !verifies([], '', $key, time()));
                """);
        verify((message, now) -> said(php, "verifies.php", message, now).equals("true"));
        refusesWeakSecrets(php, "verifies.php");
    }

    @Test
    void theShellTakesWhatIsGenuineAndNothingElse() throws Exception {
        assumeTrue(Tool.isInstalled("bash") && Tool.isInstalled("openssl"), "no bash, or no openssl");
        write("verify.sh", snippet("BASH").replace("$(date +%s)", "$NOW"));
        verify((message, now) -> verified(message, now, Map.of()).exit() == 0);

        for (String weak : WEAK) {
            for (String signatures : List.of("v1,", signedByNothing())) {
                Ended ended = verified(VECTOR.signed(signatures), THEN, Map.of("WEBHOOK_SECRET", weak));

                assertThat(ended.exit()).as(weak).isEqualTo(2);
                assertThat(ended.said()).contains("WEBHOOK_SECRET is no secret");
            }
        }
    }

    @Test
    void theShellTakesNothingWhereOpensslFails() throws Exception {
        assumeTrue(Tool.isInstalled("bash") && Tool.isInstalled("openssl"), "no bash, or no openssl");
        write("verify.sh", snippet("BASH").replace("$(date +%s)", "$NOW"));
        Path broken = Files.createDirectory(folder.resolve("broken"));
        Files.writeString(broken.resolve("openssl"), "#!/bin/sh\n[ \"$1\" = rand ] && echo 00\n[ \"$1\" = rand ]\n").toFile()
                .setExecutable(true);

        Ended ended = verified(VECTOR.signed("v1,"), THEN, Map.of("PATH", broken + ":" + System.getenv("PATH")));

        assertThat(ended.exit()).isNotZero();
        assertThat(ended.said()).doesNotContain("genuine");
    }

    private Ended verified(Message message, long now, Map<String, String> others) throws Exception {
        Files.writeString(folder.resolve("body.json"), message.body());
        Map<String, String> environment = new HashMap<>(Map.of("NOW", String.valueOf(now), "WEBHOOK_SECRET", SECRET,
                "WEBHOOK_ID", message.id(), "WEBHOOK_TIMESTAMP", message.timestamp(), "WEBHOOK_SIGNATURE",
                message.signatures()));
        environment.putAll(others);
        return run(List.of("bash", "verify.sh", "body.json"), environment);
    }

    /** What a key of no bytes makes of the vector; in HMAC it is the same as one zero byte, which Java does take. */
    private static String signedByNothing() throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(new byte[1], "HmacSHA256"));
        String signed = VECTOR.id() + "." + VECTOR.timestamp() + "." + VECTOR.body();
        return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    }

    /** Even a message that is signed by such a key. */
    private void refusesWeakSecrets(List<String> interpreter, String file) throws Exception {
        for (String weak : WEAK) {
            Ended ended = run(Stream.concat(interpreter.stream(), Stream.of(file, VECTOR.id(), VECTOR.timestamp(),
                    signedByNothing(), VECTOR.body(), weak, String.valueOf(THEN))).toList(), Map.of());

            assertThat(ended.exit()).as(weak).isNotZero();
            assertThat(ended.said()).contains("WEBHOOK_SECRET is no secret").doesNotContain("true");
        }
    }

    private static void verify(Verifier verifier) throws Exception {
        String zeros = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        Message genuine = VECTOR;
        String fresh = new Webhook(SECRET).sign(VECTOR.id(), THEN, "{}");

        assertThat(verifier.takes(genuine, THEN)).as("the vector").isTrue();
        assertThat(verifier.takes(genuine, THEN + TOLERANCE)).as("five minutes late").isTrue();
        assertThat(verifier.takes(genuine.signed(zeros + " " + genuine.signatures()), THEN)).as("the second of two").isTrue();
        assertThat(verifier.takes(genuine.saying("{}").signed(fresh), THEN)).as("of the public library").isTrue();

        assertThat(verifier.takes(genuine, THEN + TOLERANCE + 1)).as("too old").isFalse();
        assertThat(verifier.takes(genuine, THEN - TOLERANCE - 1)).as("from the future").isFalse();
        assertThat(verifier.takes(genuine.saying("{\"test\":2432232314}"), THEN)).as("another body").isFalse();
        assertThat(verifier.takes(genuine.signed(zeros), THEN)).as("another signature").isFalse();
        assertThat(verifier.takes(genuine.signed(genuine.signatures().replace("v1,", "v1a,")), THEN)).as("another kind")
                .isFalse();
        assertThat(verifier.takes(genuine.signed("v1,"), THEN)).as("an empty one").isFalse();
        assertThat(verifier.takes(new Message(genuine.id(), "soon", genuine.signatures(), genuine.body()), THEN))
                .as("no timestamp").isFalse();
    }

    private String said(List<String> interpreter, String file, Message message, long now) throws Exception {
        List<String> arguments = List.of(file, message.id(), message.timestamp(), message.signatures(), message.body(), SECRET,
                String.valueOf(now));
        Ended ended = run(Stream.concat(interpreter.stream(), arguments.stream()).toList(), Map.of());
        assertThat(ended.exit()).as(ended.said()).isZero();
        return ended.said().strip();
    }

    /** The code alone, without the example of its use. */
    private static String beforeReceiver(String name) throws IOException {
        String text = snippet(name);
        assertThat(text).contains("// Receiver\n");
        return text.substring(0, text.indexOf("// Receiver\n"));
    }
}
