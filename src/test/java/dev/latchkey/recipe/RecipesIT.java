package dev.latchkey.recipe;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import dev.latchkey.testing.Databases;
import dev.latchkey.testing.FreePort;
import dev.latchkey.testing.Gateway;
import dev.latchkey.testing.GatewayKind;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.NeedsGateway;
import dev.latchkey.testing.NeedsPython;
import dev.latchkey.testing.Receiver;
import dev.latchkey.testing.WireServer;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Follows each recipe command by command, as it stands in its document, and holds the answers against those of the document.
 * Each is followed by an organization of its own, which the documents call default.
 */
@NeedsPython
class RecipesIT {

    private static final String TAKEN_DOWN = "Take it down";

    private static LatchkeyProcess latchkey;

    private Shell shell;
    private int port;

    @BeforeAll
    static void start() {
        latchkey = LatchkeyProcess.on(Databases.create()).with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8,[::1]").ready();
    }

    @AfterAll
    static void stop() {
        latchkey.close();
    }

    @BeforeEach
    void aReader() {
        port = FreePort.draw();
        String organization = "reader-" + UUID.randomUUID();
        shell = Shell.of(latchkey.token(organization, "ana@acme.example", "owner", "platform"), port)
                .replacing("# default", "# " + organization)
                .replacing("localhost:8080", "localhost:" + portOf(latchkey))
                .replacing("localhost:9009", "localhost:" + FreePort.draw());
    }

    @AfterEach
    void tellsNoSecret() {
        shell.close();
        assertThat(shell.said()).doesNotContainPattern("lk_live_\\w{30}").doesNotContainPattern("whsec_\\w{10}")
                .doesNotContain("correct-horse");
    }

    @Test
    void theStockOfTheShopIsWrittenToAnErpThatIsBusy() {
        shell.replacing("localhost:9000", "localhost:" + port);
        List<Recipe> steps = Recipe.read("stock-to-an-erp");

        follow(before(steps, "What can go wrong"));

        assertThat(given().auth().preemptive().basic("sync", "correct-horse-staple").port(port).get("/api/stock").then()
                .statusCode(200).extract().jsonPath().getMap("items.collectEntries { [it.sku, it.stock] }"))
                .isEqualTo(Map.of("shirt-m", 5, "shirt-l", 2, "cap", 12));
        follow(from(steps, "What can go wrong"));
        assertThat(shell.home()).isEmptyDirectory();
    }

    @Test
    @NeedsGateway(GatewayKind.NGINX)
    void ordersComeThroughTheGatewayOnceEach() {
        try (Gateway nginx = Gateway.start(GatewayKind.NGINX, portOf(latchkey), port)) {
            shell.replacing("localhost:9000", "localhost:" + port).replacing("localhost:8000", "localhost:" + nginx.port());
            List<Recipe> steps = Recipe.read("orders-from-a-channel");

            follow(before(steps, "What can go wrong"));

            assertThat(JsonPath.from(given().port(port).get("/api/v1/orders").asString()).getList("orders.id"))
                    .containsExactly("10245", "10246");
            assertThat(nginx.log().lines().filter(line -> line.contains("POST /api/v1/orders 429"))).hasSize(1);
            assertThat(nginx.log().lines().filter(line -> line.contains("POST /api/v1/orders 20"))).hasSize(3);
            follow(from(steps, "What can go wrong"));
            assertThat(shell.home()).isEmptyDirectory();
        }
    }

    @Test
    void theReportNamesWhatNeedsSomebody() {
        List<Recipe> steps = Recipe.read("nightly-report");

        follow(before(steps, TAKEN_DOWN));

        assertThat(shell.said()).contains("**ERP order sync**", "expiring-soon", "**Carrier** is red (unreachable)",
                "1 failing, and tried again");
        follow(from(steps, TAKEN_DOWN));
        assertThat(shell.home()).isEmptyDirectory();
    }

    @Test
    void theReceiverKeepsOrdersOnceAndBelievesNobodyElse() throws IOException {
        shell.replacing("localhost:9001", "localhost:" + port);
        List<Recipe> steps = Recipe.read("receive-orders");

        follow(before(steps, TAKEN_DOWN));

        assertThat(Files.readAllLines(shell.home().resolve("orders.ndjson")))
                .extracting(line -> JsonPath.from(line).getString("id"))
                .contains("order-10245-created", "order-10247-created").doesNotHaveDuplicates()
                .doesNotContain("order-10246-created").hasSize(6);
        follow(from(steps, TAKEN_DOWN));
        assertThat(shell.home()).isEmptyDirectory();
    }

    @Test
    void aReceiverThatBelievesEverybodyIsToldSo() {
        try (Receiver credulous = Receiver.start()) {
            String told = shell.run("WEBHOOK_SECRET=whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= "
                    + "python3 docs/recipes/try_receiver.py " + credulous.url() + "; echo \"exit code $?\"");

            assertThat(told.lines().filter(line -> line.endsWith(", which is wrong"))).hasSize(5);
            assertThat(told).contains("signed: 200\n", "exit code 1");
        }
    }

    @Test
    void everyScriptSaysWhatItMisses() {
        for (String script : List.of("python3 docs/recipes/report.py", "docs/recipes/import_orders.sh .",
                "python3 docs/recipes/try_receiver.py", "python3 deploy/examples/receiver.py",
                "python3 docs/recipes/sync_stock.py nothing.csv")) {
            String told = shell.run(script + "; echo \"exit code $?\"");

            assertThat(told).as(script).containsPattern("exit code [12]").doesNotContain("Traceback");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "whsec_", "whsec_c2hvcnQ=", "whsec_no base64" })
    void aSecretThatEverybodySignsByStartsNoReceiver(String secret) {
        String told = shell.run("WEBHOOK_SECRET='" + secret + "' timeout 20 python3 deploy/examples/receiver.py; "
                + "echo \"exit code $?\"");

        assertThat(told).contains("WEBHOOK_SECRET is not set to a secret", "exit code 1").doesNotContain("Traceback");
    }

    @Test
    void aLineThatAKillCutShortKeepsNoReceiverFromItsStart() throws IOException {
        shell.replacing("localhost:9001", "localhost:" + port);
        Path inbox = Files.writeString(shell.home().resolve("orders.ndjson"), "{\"id\": \"one\"}\n{\"id\": \"tw");

        shell.run("export INBOX=~/orders.ndjson WEBHOOK_SECRET=whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
        shell.run("python3 deploy/examples/receiver.py >~/receiver.log 2>&1 &");
        shell.run("until curl -s -o /dev/null localhost:9001; do sleep 0.2; done");
        String told = shell.run("python3 docs/recipes/try_receiver.py http://localhost:9001/; echo \"exit code $?\"");

        assertThat(told).contains("exit code 0");
        assertThat(shell.home().resolve("receiver.log")).content().contains("line 2 is no message and is skipped");
        assertThat(Files.readAllLines(inbox)).hasSize(3).last().asString().contains("try-receiver");
    }

    @ParameterizedTest
    @CsvSource({ "301, text/html, 2", "401, application/json, 2", "403, text/html, 2", "404, application/json, 2",
            "405, text/html, 2", "403, application/json, 1", "400, text/plain, 1", "409, application/json, 1",
            "413, text/html, 1", "415, application/json, 1", "422, application/problem+json, 1" })
    void theShopAloneRefusesAnOrder(int status, String type, int exit) throws IOException {
        Path outbox = Files.createDirectory(shell.home().resolve("outbox"));
        Path order = Files.writeString(outbox.resolve("stall-1.json"), "{}");
        try (WireServer gateway = WireServer.answering("HTTP/1.1 " + status + " No\r\nContent-Type: " + type
                + "\r\nContent-Length: 2\r\n\r\n{}")) {

            String told = imported(gateway);

            assertThat(told).contains("exit code " + exit);
            assertThat(Files.exists(order)).isEqualTo(exit == 2);
            assertThat(Files.exists(outbox.resolve("refused/stall-1.json"))).isEqualTo(exit == 1);
        }
    }

    @Test
    void theNameOfAFileIsNoHeaderOfItsOwn() throws IOException {
        Path outbox = Files.createDirectory(shell.home().resolve("outbox"));
        Files.writeString(outbox.resolve("stall-1\nX-Store: london.json"), "{}");
        try (WireServer gateway = WireServer.answering("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")) {

            String told = imported(gateway);

            assertThat(told).contains("0 taken, 1 refused", "exit code 1");
            assertThat(gateway.requests()).isEmpty();
        }
    }

    private String imported(WireServer gateway) throws IOException {
        Files.writeString(shell.home().resolve("stall.key"), "a-key\n");
        return shell.run("GATEWAY=" + gateway.url() + " KEY_FILE=~/stall.key PATIENCE=1 "
                + "docs/recipes/import_orders.sh ~/outbox; echo \"exit code $?\"");
    }

    /** What is no answer, or no answer of Latchkey's, is told in a line, with the exit code that the documents name. */
    @ParameterizedTest
    @CsvSource({ "200, 100, 75", "403, 100, 75", "503, 4, 75", "200, 4, 2", "301, 4, 2" })
    void anAnswerThatIsNoneOfLatchkeyIsTold(int status, int length, int exit) throws IOException {
        Files.writeString(shell.home().resolve("a.key"), "a-key\n");
        Files.writeString(shell.home().resolve("stock.csv"), "\ufeffsku,stock\ncap,1\n");
        try (WireServer proxy = WireServer.start(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 " + status + " Odd\r\nRetry-After: soon\r\nContent-Length: " + length + "\r\n\r\n<h1>");
        })) {
            for (String script : List.of("report.py", "sync_stock.py ~/stock.csv")) {
                String told = shell.run("LATCHKEY=" + proxy.url() + " KEY_FILE=~/a.key CREDENTIAL=any PATIENCE=0 python3 "
                        + "docs/recipes/" + script + "; echo \"exit code $?\"");

                assertThat(told).as(script).contains("exit code " + exit + "\n").doesNotContain("Traceback");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "HOURS=many", "HOURS=1e20", "PATIENCE=some" })
    void aReportThatIsAskedForOddlyIsNone(String setting) throws IOException {
        Files.writeString(shell.home().resolve("a.key"), "a-key\n");

        String told = shell.run("LATCHKEY=http://localhost:8080 KEY_FILE=~/a.key " + setting
                + " python3 docs/recipes/report.py; echo \"exit code $?\"");

        assertThat(told).contains("no report: ", "exit code 2").doesNotContain("Traceback");
    }

    private void follow(Stream<Recipe> steps) {
        steps.forEach(shell::follow);
    }

    private static Stream<Recipe> before(List<Recipe> steps, String title) {
        return steps.stream().takeWhile(step -> !step.title().equals(title));
    }

    private static Stream<Recipe> from(List<Recipe> steps, String title) {
        return steps.stream().dropWhile(step -> !step.title().equals(title));
    }

    private static int portOf(LatchkeyProcess process) {
        return URI.create(process.baseUrl()).getPort();
    }
}
