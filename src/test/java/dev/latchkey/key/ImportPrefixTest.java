package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Inject;

import dev.latchkey.net.IpAddress;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Foreign;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** By how they begin foreign tokens are known, and junk is still turned away. */
@QuarkusTest
@NullUnmarked
class ImportPrefixTest extends ImportCase {

    @Inject
    MeterRegistry metrics;
    @Inject
    Verifier verifier;
    @Inject
    KeyConfig config;

    @Test
    void junkIsStillTurnedAwayWithoutALookUp() {
        Foreign key = aKey();
        imported(key);
        assertThat(api.verdictOn(prefix.toUpperCase(Locale.ROOT) + "junk")).isEqualTo("MALFORMED");
        double before = reads();

        String broken = api.aKey().create().key() + "x";
        for (String junk : List.of(broken, "junk", prefix, prefix + "with space", prefix + "ñ", prefix.substring(0, 4) + "x",
                prefix.toUpperCase(Locale.ROOT) + "junk", prefix + "x".repeat(8_200 - prefix.length()), "x" + key.token())) {
            Response verdict = api.asPlatform().body(Map.of("key", junk, "cost", 0)).post("/api/v1/keys/verify");
            assertThat(verdict.statusCode() == 422 || "MALFORMED".equals(verdict.path("code"))).as(junk).isTrue();
        }
        assertThat(reads()).isEqualTo(before);
    }

    @Test
    void guessesUnderAForeignPrefixReachTheDatabaseAtABoundedRate() {
        imported(aKey());
        double before = reads();
        List<CompletableFuture<Boolean>> guesses = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < 5_000; i++) {
            Question question = new Question(null, null, null, List.of(), null, IpAddress.parse("198.51.100." + i % 250), 0);
            guesses.add(verifier.verify(PresentedKey.alone(prefix + i), question).subscribeAsCompletionStage()
                    .handle((verdict, fault) -> verdict != null && verdict.code() == Verdict.Code.NOT_FOUND));
        }
        long found = guesses.stream().filter(CompletableFuture::join).count();
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin) + 1;

        assertThat(found).as("looked up").isPositive().isLessThanOrEqualTo(config.unknownRate() * (20 + seconds) / 20);
        assertThat(reads() - before).isLessThanOrEqualTo(found);
    }

    @Test
    void anOrganizationDeclaresABoundedNumberOfPrefixes() {
        List<Foreign> keys = new ArrayList<>();
        for (int i = 0; i <= ForeignPrefixTable.MOST; i++) {
            keys.add(Foreign.key(Foreign.aPrefix()));
        }
        keys.add(Foreign.ofToken(keys.get(0).token().substring(0, 10), keys.get(0).token() + "x"));

        List<JsonObject> answer = imported(keys.toArray(Foreign[]::new));
        assertThat(statuses(answer).subList(0, ForeignPrefixTable.MOST)).containsOnly("imported");
        assertThat(answer.get(ForeignPrefixTable.MOST).encode()).contains("\"field\":\"prefix\"").contains("one too many",
                ForeignPrefixResource.PATH);
        assertThat(statuses(answer).get(ForeignPrefixTable.MOST + 1)).isEqualTo("imported");
        assertThat(api.verdictOn(keys.get(ForeignPrefixTable.MOST).token())).isEqualTo("MALFORMED");
    }

    @Test
    void ourOwnPrefixExemptsNothingAndIsSaidTo() {
        String ours = KeyToken.generate("lk", "live", new SecureRandom()).text();
        Foreign moved = Foreign.ofToken("lk_live_", ours);
        Foreign unlike = Foreign.ofToken("lk_live_", "lk_live_without-checksum-" + prefix);

        List<JsonObject> answer = imported(moved, unlike);
        assertThat(answer.get(0).getString("status")).isEqualTo("imported");
        assertThat(answer.get(0).getJsonArray("warnings").encode()).contains("checksum");
        assertThat(api.verdictOn(moved.token())).as("of another Latchkey").isEqualTo("VALID");
        assertThat(api.verdictOn(unlike.token())).isEqualTo("MALFORMED");
    }

    @Test
    void onlyRowsThatAreImportedDeclareTheirPrefix() {
        Foreign theirs = Foreign.key(Foreign.aPrefix());
        Foreign.imported(Api.ofNewOrganization(), theirs.line());
        Foreign homeless = aKey().with("access", Map.of("type", "stores", "stores", List.of("nowhere")));

        assertThat(statuses(imported(homeless, Foreign.ofToken(theirs.token().substring(0, 12), theirs.token()))))
                .containsExactly("invalid", "invalid", "done");
        api.asOwner().get(ForeignPrefixResource.PATH).then().statusCode(200).body("items.size()", equalTo(0));
        assertThat(statuses(imported(aKey()))).containsExactly("imported", "done");
        api.asOwner().get(ForeignPrefixResource.PATH).then().body("items.prefix", equalTo(List.of(prefix)))
                .body("items[0].used", equalTo(true)).body("items[0].declaredAt", notNullValue());
    }

    @Test
    void aPrefixIsDroppedWhenNoTokenBeginsSoAndMakesRoom() {
        Foreign key = aKey();
        String id = imported(key).get(0).getString("id");
        List<Foreign> others = new ArrayList<>();
        for (int i = 1; i < ForeignPrefixTable.MOST; i++) {
            others.add(Foreign.key(Foreign.aPrefix()));
        }
        imported(others.toArray(Foreign[]::new));
        Foreign oneTooMany = Foreign.key(Foreign.aPrefix());
        assertThat(statuses(imported(oneTooMany))).containsExactly("invalid", "done");

        api.asOwner().post("/api/v1/keys/" + id + "/regenerate").then().statusCode(200);
        drop(api.asOwner(), prefix).then().statusCode(409).body("code", equalTo("conflict"));
        assertThat(api.verdictOn(key.token())).as("replaced, not unknown").isEqualTo("REVOKED");
        api.asOwner().delete("/api/v1/keys/" + id).then().statusCode(204);
        for (String role : List.of("viewer", "developer")) {
            drop(api.as(role), prefix).then().statusCode(403);
            api.as(role).get(ForeignPrefixResource.PATH).then().statusCode(403);
        }
        drop(Api.ofNewOrganization().asOwner(), prefix).then().statusCode(404);
        drop(api.asOwner(), prefix).then().statusCode(204);
        drop(api.asOwner(), prefix).then().statusCode(404);
        api.asOwner().delete(ForeignPrefixResource.PATH).then().statusCode(422).body("errors[0].field", equalTo("prefix"));
        api.asOwner().get("/api/v1/activity?action=key.import-prefix.dropped").then().body("items.target.name",
                equalTo(List.of(prefix)));

        assertThat(statuses(imported(oneTooMany))).containsExactly("imported", "done");
        assertThat(api.verdictOn(oneTooMany.token())).isEqualTo("VALID");
        assertThat(api.verdictOn(others.get(0).token())).isEqualTo("VALID");
    }

    /** However an organization calls its keys, and whatever another one imports. */
    @Test
    void nobodyMakesMistypedKeysOfAnotherOrganizationCostLookUps() {
        Api other = Api.ofNewOrganization();
        String name = "n" + prefix.substring(1, 9);
        other.asOwner().body(Map.of("keyPrefix", name)).patch("/api/v1/organization").then().statusCode(200);
        String theirs = other.aKey().create().key();
        assertThat(theirs).startsWith(name + "_live_");
        Foreign exact = Foreign.ofToken(name + "_live_", name + "_live_" + "0".repeat(24));
        List<JsonObject> answer = imported(exact, Foreign.ofToken(name, name + "-" + prefix));
        assertThat(statuses(answer)).containsExactly("imported", "imported", "done");
        assertThat(answer.get(0).getJsonArray("warnings").encode()).contains("checksum");
        assertThat(answer.get(1).getJsonArray("warnings")).isNull();
        assertThat(api.verdictOn(exact.token())).isEqualTo("VALID");
        assertThat(api.verdictOn(theirs)).isEqualTo("VALID");
        double before = reads();

        char last = theirs.charAt(theirs.length() - 1);
        assertThat(api.verdictOn(theirs.substring(0, theirs.length() - 1) + (last == '0' ? '1' : '0'))).isEqualTo("MALFORMED");
        assertThat(reads()).isEqualTo(before);
    }

    private static Response drop(RequestSpecification caller, String prefix) {
        return caller.queryParam("prefix", prefix).delete(ForeignPrefixResource.PATH);
    }

    private double reads() {
        return metrics.get("latchkey.snapshots.reads").counter().count();
    }
}
