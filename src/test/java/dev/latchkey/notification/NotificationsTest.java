package dev.latchkey.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.activity.Target;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.MailServer;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.Tokens;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.restassured.RestAssured;
import io.restassured.specification.RequestSpecification;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@QuarkusTestResource(MailServer.class)
@NullUnmarked
class NotificationsTest {

    private static final String PATH = "/api/v1/notifications";

    @Inject
    Notifications notifications;
    @Inject
    DataSource database;

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void anActivityLogThatSomeoneEditedIsToldOnceAndPublished() {
        api.aKey().create();
        api.aKey().create();
        api.as("viewer").get("/api/v1/activity/verify").then().statusCode(200).body("valid", equalTo(true));
        Behind behind = new Behind(database);
        assertThat(behind.execute("update activity set actor_name = 'eva' where organization_id = ? and position = 1",
                UUID.fromString(api.organizationId()))).isEqualTo(1);

        api.as("viewer").get("/api/v1/activity/verify").then().statusCode(200).body("valid", equalTo(false));

        Eventually.holds(() -> api.as("viewer").get(PATH + "?kind=activity.tampered").then().body("items", hasSize(1))
                .body("items[0].title", equalTo("The activity log has been altered")));
        api.as("viewer").get("/api/v1/events?type=activity.broken").then().body("items", hasSize(1))
                .body("items[0].data.position", equalTo(1)).body("items[0].data.reason", equalTo("entry-altered"));
    }

    @Test
    void aNoticeSaysWhatHappenedAndWhatToDoInTheReadersLanguage() {
        api.set(Map.of("name", "Acme", "locale", "es"));
        api.setActive(false);

        api.as("viewer").get(PATH).then().statusCode(200).body("items", hasSize(1)).body("unread", equalTo(1))
                .body("items[0].kind", equalTo("organization.suspended"))
                .body("items[0].title", equalTo("Su organización está suspendida"))
                .body("items[0].text", containsString("suspendido Acme"))
                .body("items[0].next", containsString("Pregunte a la plataforma"))
                .body("items[0].link", equalTo("/organization"))
                .body("items[0].target.type", equalTo("organization")).body("items[0].target.name", equalTo("Acme"))
                .body("items[0].resolvedAt", nullValue()).body("items[0].readAt", nullValue());
        api.as("viewer").header("Accept-Language", "de, en;q=0.5").get(PATH).then()
                .body("items[0].title", equalTo("Your organization is suspended"));
    }

    @Test
    void aReadStateIsOnesOwn() {
        api.setActive(false);
        api.setActive(true);
        RequestSpecification ana = person("ana");
        String id = ana.get(PATH).then().body("items", hasSize(2)).body("unread", equalTo(2)).extract().path("items[0].id");

        for (int i = 0; i < 2; i++) {
            person("ana").post(PATH + "/" + id + "/read").then().statusCode(204);
        }

        person("ana").get(PATH).then().body("unread", equalTo(1)).body("items[0].readAt", notNullValue());
        person("ana").get(PATH + "?unread=true").then().body("items", hasSize(1))
                .body("items[0].kind", equalTo("organization.suspended"));
        person("ana").get(PATH + "?unread=false").then().body("items", hasSize(1)).body("items[0].id", equalTo(id));
        person("ben").get(PATH).then().body("unread", equalTo(2)).body("items[0].readAt", nullValue());

        person("ben").post(PATH + "/read-all").then().statusCode(200).body("marked", equalTo(2));
        person("ben").get(PATH).then().body("unread", equalTo(0));
        person("ben").post(PATH + "/read-all").then().statusCode(200).body("marked", equalTo(0));
        person("ana").get(PATH).then().body("unread", equalTo(1));
        api.setActive(false);
        person("ben").get(PATH).then().body("unread", equalTo(1));
    }

    @Test
    void filtersAndPagesAreThoseOfOtherLists() {
        api.setActive(false);
        api.setActive(true);
        api.setActive(false);

        api.asOwner().get(PATH + "?kind=organization.reactivated").then().body("items", hasSize(1)).body("unread", equalTo(3));
        String cursor = api.asOwner().get(PATH + "?limit=2").then().body("items", hasSize(2)).extract().path("nextCursor");
        api.asOwner().get(PATH + "?limit=2&cursor=" + cursor).then().body("items", hasSize(1)).body("nextCursor", nullValue());
        api.asOwner().get(PATH + "?unread=true&cursor=" + cursor).then().statusCode(400);
        api.asOwner().get(PATH + "?unread=yes").then().statusCode(422).body("errors[0].field", equalTo("unread"));
        api.asOwner().get(PATH + "?kind=organization.suspend").then().statusCode(422)
                .body("errors[0].message", containsString("did you mean organization.suspended?"));
    }

    @Test
    void whatIsAnothersIsNotThere() {
        api.setActive(false);
        String id = api.asOwner().get(PATH).path("items[0].id");
        Api other = Api.ofNewOrganization();

        other.asOwner().get(PATH).then().body("items", hasSize(0)).body("unread", equalTo(0));
        other.asOwner().post(PATH + "/" + id + "/read").then().statusCode(404);
        other.asOwner().post(PATH + "/" + UUID.randomUUID() + "/read").then().statusCode(404);
    }

    @Test
    void anEpisodeIsToldOnceHoweverManyTellIt() {
        UUID organization = UUID.fromString(api.organizationId());
        Notice notice = tampered(organization);
        try (var together = new Together(8)) {
            together.run(() -> inTransaction(() -> notifications.tell(organization, notice)));
        }
        api.asOwner().get(PATH).then().body("items", hasSize(1));

        inTransaction(() -> notifications.resolve(organization, NoticeKind.ACTIVITY_TAMPERED, "chain"));
        api.asOwner().get(PATH).then().body("items", hasSize(1)).body("items[0].resolvedAt", notNullValue());

        inTransaction(() -> notifications.tell(organization, notice));
        api.asOwner().get(PATH).then().body("items", hasSize(2)).body("items[0].resolvedAt", nullValue());
    }

    @Test
    void aRecoveryIsToldOnlyOfWhatWasWrong() {
        UUID organization = UUID.fromString(api.organizationId());
        Notice recovery = Notice.once(NoticeKind.ORGANIZATION_REACTIVATED, target(organization), Map.of());

        inTransaction(() -> notifications.resolve(organization, NoticeKind.ACTIVITY_TAMPERED, "chain", recovery));
        api.asOwner().get(PATH).then().body("items", hasSize(0));

        inTransaction(() -> notifications.tell(organization, tampered(organization)));
        inTransaction(() -> notifications.resolve(organization, NoticeKind.ACTIVITY_TAMPERED, "chain", recovery));
        inTransaction(() -> notifications.resolve(organization, NoticeKind.ACTIVITY_TAMPERED, "chain", recovery));
        assertThat(api.asOwner().get(PATH).<List<String>> path("items.kind")).containsExactly("organization.reactivated",
                "activity.tampered");
    }

    @Test
    void whatIsRolledBackHasNotBeenTold() {
        UUID organization = UUID.fromString(api.organizationId());

        org.assertj.core.api.Assertions.assertThatThrownBy(() -> inTransaction(
                () -> notifications.tell(organization, tampered(organization))
                        .flatMap(done -> Uni.createFrom().failure(new IllegalStateException("the change failed")))))
                .hasStackTraceContaining("the change failed");

        api.asOwner().get(PATH).then().body("items", hasSize(0));
    }

    @Test
    void keysReadNoNotifications() {
        String key = api.aKey().scopes("activity:read", "orders:read").createdBy(api.as("owner", "platform")).key();
        Api.withKey(key).get(PATH).then().statusCode(403);
    }

    private RequestSpecification person(String name) {
        return RestAssured.given().auth().oauth2(Tokens.of(api.organization(), name, "viewer"));
    }

    private static Notice tampered(UUID organization) {
        return Notice.ofEpisode(NoticeKind.ACTIVITY_TAMPERED, "chain", target(organization), Map.of());
    }

    private static Target target(UUID organization) {
        return new Target("organization", organization, "Acme");
    }

    private static void inTransaction(java.util.function.Supplier<Uni<?>> work) {
        try {
            VertxContextSupport.subscribeAndAwait(() -> Panache.withTransaction(work::get));
        } catch (Throwable fault) {
            throw new IllegalStateException(fault);
        }
    }
}
