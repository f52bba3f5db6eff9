package dev.latchkey.catalog;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whoever may not replace the catalogue cannot keep others from it, either. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class LongDocumentTest {

    private static final String CATALOG = "/api/v1/catalog";
    private static final String PLATFORM = Tokens.withoutOrganization("operator", "platform");
    private static final int MANY = 12;

    private final List<Socket> slow = new ArrayList<>();

    @AfterEach
    void hangUp() throws IOException {
        for (Socket socket : slow) {
            socket.close();
        }
        Eventually.holds(() -> given().auth().oauth2(PLATFORM).delete(CATALOG).then().statusCode(200));
    }

    @Test
    void documentsThatComeSlowlyFromStrangersHoldUpNobody() throws IOException {
        for (int i = 0; i < MANY; i++) {
            assertThat(statusOf(begin(""))).isEqualTo(401);
        }
        assertThat(put().statusCode()).isEqualTo(200);
    }

    @Test
    void documentsThatComeSlowlyFromPeopleWhoMayNotSendThemHoldUpNobody() throws IOException {
        String owner = Tokens.of(Api.ofNewOrganization().organization(), "ana", "owner");
        for (int i = 0; i < MANY; i++) {
            assertThat(statusOf(begin("Authorization: Bearer " + owner + "\r\n"))).isEqualTo(403);
        }
        assertThat(put().statusCode()).isEqualTo(200);
    }

    @Test
    void whoeverMaySendThemAndGoesAwayGivesHisPlaceBack() throws IOException {
        for (int i = 0; i < MANY; i++) {
            begin("Authorization: Bearer " + PLATFORM + "\r\n");
        }
        Eventually.holds(() -> assertThat(put().statusCode()).isEqualTo(503));
        for (Socket socket : slow) {
            socket.close();
        }
        Eventually.holds(() -> assertThat(put().statusCode()).isEqualTo(200));
    }

    /** As any other body ({@code latchkey.body-patience}). */
    @Test
    void aDocumentThatDoesNotArriveIsGivenUpAndGivesItsPlaceBack() throws IOException {
        for (int i = 0; i < MANY; i++) {
            begin("Authorization: Bearer " + PLATFORM + "\r\n");
        }
        List<Integer> statuses = new ArrayList<>();
        for (Socket socket : slow) {
            statuses.add(statusOf(socket));
        }

        assertThat(statuses).containsOnly(408, 503).contains(408);
        assertThat(put().statusCode()).isEqualTo(200);
    }

    private static Response put() {
        return given().auth().oauth2(PLATFORM).contentType("application/json").body(CatalogCase.shop("orders:all"))
                .put(CATALOG);
    }

    /** A megabyte is announced, and a few bytes come. */
    private Socket begin(String authorization) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port);
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(("PUT " + CATALOG + " HTTP/1.1\r\nHost: localhost\r\n" + authorization
                + "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{\"openapi\"")
                .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        slow.add(socket);
        return socket;
    }

    private static int statusOf(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        return Integer.parseInt(new String(in.readNBytes(12), StandardCharsets.US_ASCII).substring(9));
    }
}
