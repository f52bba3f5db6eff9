package dev.latchkey.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.MailServer;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a real SMTP server. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@QuarkusTestResource(MailServer.class)
@NullUnmarked
class MailTest {

    @Inject
    Pool database;
    @Inject
    MailOutbox outbox;
    @MailServer.Running
    MailServer server;

    private Api api;
    private String address;

    @BeforeEach
    void aNewOrganizationWithAnAddress() {
        api = Api.ofNewOrganization();
        address = "it-" + UUID.randomUUID() + "@acme.example";
        api.set(Map.of("name", "Ácme & Söhne", "notificationEmails", List.of(address))).then().statusCode(200);
    }

    @Test
    void aMailArrivesInTheOrganizationsLanguage() throws Exception {
        api.set(Map.of("locale", "es"));
        api.setActive(false);

        MimeMessage mail = theOnlyMail();
        assertThat(mail.getSubject()).isEqualTo("Su organización está suspendida – Ácme & Söhne");
        assertThat(mail.getFrom()[0]).hasToString(MailServer.SENDER);
        assertThat(mail.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(mail.getHeader("Message-ID")).hasSize(1).allSatisfy(id -> assertThat(id).endsWith("@latchkey>"));
        MimeMultipart parts = (MimeMultipart) mail.getContent();
        assertThat(parts.getContentType()).startsWith("multipart/alternative");
        assertThat((String) parts.getBodyPart(0).getContent()).contains("suspendido Ácme & Söhne", "Qué hacer:");
        assertThat((String) parts.getBodyPart(1).getContent()).contains("<html lang=\"es\">", "suspendido Ácme &amp; Söhne");
    }

    @Test
    void anEpisodeIsOneMail() throws Exception {
        api.setActive(false);
        api.setActive(false);
        theOnlyMail();
        api.setActive(true);

        Eventually.holds(() -> assertThat(subjects()).containsExactlyInAnyOrder("Your organization is suspended – Ácme & Söhne",
                "Your organization is active again – Ácme & Söhne"));
        Eventually.holds(() -> assertThat(waiting()).isZero());
    }

    @Test
    void whatCannotBeSentNowIsSentLater() {
        server.cut();
        try {
            api.setActive(false);
            Eventually.holds(() -> assertThat(attempts()).as("tried in vain").isGreaterThanOrEqualTo(2));
            assertThat(server.mailsTo(address)).isEmpty();
        } finally {
            server.restore();
        }

        theOnlyMail();
        Eventually.holds(() -> assertThat(waiting()).as("sent, and then noted").isZero());
    }

    @Test
    void anAddressThatIsRefusedHoldsUpNobody() {
        String bad = "gone@" + MailServer.NOWHERE;
        api.set(Map.of("notificationEmails", List.of(bad, address))).then().statusCode(200);
        api.setActive(false);

        theOnlyMail();
        Eventually.holds(() -> assertThat(waiting()).as("the refused one is given up").isZero());
        assertThat(server.mailsTo(bad)).isEmpty();
    }

    @Test
    void whatIsTooOldIsGivenUp() {
        server.cut();
        try {
            api.setActive(false);
            database.preparedQuery("update notification_mail set created_at = now() - interval '49 hours' where address = $1")
                    .executeAndAwait(Tuple.of(address));
            Eventually.holds(() -> assertThat(waiting()).isZero());
        } finally {
            server.restore();
        }

        assertThat(server.mailsTo(address)).isEmpty();
        api.asOwner().get("/api/v1/notifications").then().body("items", hasSize(1));
    }

    /** As after a week in which no server was configured. */
    @Test
    void whatHasWaitedTooLongIsGivenUpWithoutBeingTried() {
        suspendUnmailed();
        insertMail("a day", "24 hours");
        insertMail("too old", "49 hours");

        Eventually.holds(() -> assertThat(waiting()).isZero());
        assertThat(server.mailsTo(tagged("a day"))).hasSize(1);
        assertThat(server.mailsTo(tagged("too old"))).isEmpty();
        assertThat(metrics()).contains("latchkey_mails_total{result=\"given_up\"}");
    }

    @Test
    void whatOnlyANewerVersionCanWriteIsLeftToItAndGivenUpInTheEnd() {
        suspendUnmailed();
        database.preparedQuery("""
                update notification n set kind = 'key.of_tomorrow' from organization o
                 where o.id = n.organization_id and o.key = $1
                """).executeAndAwait(Tuple.of(api.organization()));
        insertMail("fresh", "1 hour");
        insertMail("too old", "49 hours");

        Eventually.holds(() -> assertThat(waiting()).as("the old one is gone").isEqualTo(1));
        assertThat(waitingFor(tagged("fresh"))).isEqualTo(1);
        assertThat(server.mailsTo(tagged("too old"))).isEmpty();
    }

    @Test
    void whatIsOverBeforeItCouldBeSentIsNotMailed() {
        server.cut();
        try {
            api.setActive(false);
            Eventually.holds(() -> assertThat(attempts()).as("tried in vain").isPositive());
            api.setActive(true);
        } finally {
            server.restore();
        }

        Eventually.holds(() -> assertThat(waiting()).isZero());
        assertThat(subjects()).containsExactly("Your organization is active again – Ácme & Söhne");
        assertThat(metrics()).contains("latchkey_mails_total{result=\"obsolete\"}");
    }

    @Test
    void onlyWhatAnOrganizationWantsIsMailed() {
        api.set(Map.of("notifyByEmail", List.of("organization.reactivated"))).then().statusCode(200);
        api.setActive(false);
        assertThat(waiting()).isZero();
        api.setActive(true);

        assertThat(theSubject()).startsWith("Your organization is active again");
        api.asOwner().get("/api/v1/notifications").then().body("items", hasSize(2));
        api.set(Map.of("notifyByEmail", List.of())).then().body("notifyByEmail", hasSize(0));
        api.setActive(false);
        assertThat(waiting()).isZero();
    }

    @Test
    void aMailIsClaimedByOneReplicaAndTheReportOfAnOvertakenOneChangesNothing() {
        server.cut();
        try {
            api.setActive(false);
            database.preparedQuery("update notification_mail set due_at = now() - interval '1 day' where address = $1")
                    .executeAndAwait(Tuple.of(address));
            MailOutbox.Claimed first = claimOurs();
            assertThat(await(outbox.claim(1000, Duration.ofMinutes(1)))).as("leased")
                    .noneMatch(mail -> mail.address().equals(address));
            database.preparedQuery("update notification_mail set due_at = now() - interval '1 day' where address = $1")
                    .executeAndAwait(Tuple.of(address));
            Eventually.holds(() -> assertThat(attempts()).isGreaterThan(first.attempt()));

            await(outbox.done(first));
            assertThat(waiting()).as("another one is at it").isEqualTo(1);
        } finally {
            server.restore();
        }
        theOnlyMail();
    }

    @Test
    void mailsAreCounted() {
        api.setActive(false);
        theOnlyMail();
        Eventually.holds(() -> assertThat(metrics()).contains("latchkey_mails_total{result=\"sent\"}"));
    }

    @Test
    void anAddressIsValidatedBeforeItIsWrittenTo() {
        for (String bad : List.of("x", "a@b", "a b@c.de", "a@b.de\r\nBcc: c@d.de", "a..b@c.de", "<a@b.de>", "a@b.de,c@d.de",
                "a@-b.de", "ñ@b.de", "a.".repeat(60_000) + "@b.de", "a@" + "b.".repeat(60_000) + "de")) {
            api.set(Map.of("notificationEmails", List.of(bad))).then().statusCode(422)
                    .body("errors[0].field", equalTo("notificationEmails[0]"));
        }
    }

    /** A notification that no mail was written for. */
    private void suspendUnmailed() {
        api.set(Map.of("notifyByEmail", List.of())).then().statusCode(200);
        api.setActive(false);
        assertThat(waiting()).isZero();
    }

    private void insertMail(String tag, String age) {
        database.preparedQuery("""
                insert into notification_mail (notification_id, address, organization_id, due_at, created_at)
                select n.id, $2, o.id, now(), now() - cast($3::text as interval)
                  from notification n join organization o on o.id = n.organization_id
                 where o.key = $1
                """).executeAndAwait(Tuple.of(api.organization(), tagged(tag), age));
    }

    private String tagged(String tag) {
        return tag.replace(' ', '-') + "-" + address;
    }

    private static String metrics() {
        return RestAssured.get("/q/metrics").then().statusCode(200).extract().asString();
    }

    private MailOutbox.Claimed claimOurs() {
        // The application's own sender may be faster; then it has failed, and the mail is due again.
        for (int i = 0; i < 200; i++) {
            for (MailOutbox.Claimed mail : await(outbox.claim(1000, Duration.ofMinutes(1)))) {
                if (mail.address().equals(address)) {
                    return mail;
                }
            }
            database.preparedQuery("update notification_mail set due_at = now() where address = $1")
                    .executeAndAwait(Tuple.of(address));
        }
        throw new AssertionError("never claimed");
    }

    private MimeMessage theOnlyMail() {
        Eventually.holds(() -> assertThat(server.mailsTo(address)).hasSize(1));
        return server.mailsTo(address).get(0);
    }

    private String theSubject() {
        theOnlyMail();
        return subjects().get(0);
    }

    private List<String> subjects() {
        return server.mailsTo(address).stream().map(mail -> {
            try {
                return mail.getSubject();
            } catch (jakarta.mail.MessagingException e) {
                throw new IllegalStateException(e);
            }
        }).toList();
    }

    private long waiting() {
        return database.preparedQuery("""
                select count(*) from notification_mail m join organization o on o.id = m.organization_id where o.key = $1
                """).executeAndAwait(Tuple.of(api.organization())).iterator().next().getLong(0);
    }

    private long waitingFor(String recipient) {
        return database.preparedQuery("select count(*) from notification_mail where address = $1")
                .executeAndAwait(Tuple.of(recipient)).iterator().next().getLong(0);
    }

    private int attempts() {
        return database.preparedQuery("select coalesce(max(attempts), 0) from notification_mail where address = $1")
                .executeAndAwait(Tuple.of(address)).iterator().next().getInteger(0);
    }

    private static <T> T await(Uni<T> work) {
        return work.await().atMost(Duration.ofSeconds(10));
    }
}
