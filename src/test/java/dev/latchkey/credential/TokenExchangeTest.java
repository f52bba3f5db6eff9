package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import jakarta.inject.Inject;

import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.FakeProvider.Answer;
import dev.latchkey.credential.FakeProvider.Asked;
import dev.latchkey.credential.TokenExchange.Exchanged;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Outbound;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Codes are presented as each provider's entry has it, once, and short-lived tokens are traded. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class TokenExchangeTest {

    private static final String CALLBACK = "https://keys.example/oauth2/callback";
    private static final Instant NOW = Instant.parse("2026-11-23T02:00:00Z");

    @Inject
    Outbound outbound;

    private FakeProvider fake;
    private String code;
    private String secret;

    @BeforeEach
    void aProvider() {
        fake = FakeProvider.start();
        code = CredentialBuilder.aSecret();
        secret = CredentialBuilder.aSecret();
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    @Test
    void aTokenThatLivesForAnHourIsTradedForOneThatLivesLonger() {
        fake.answers(asked -> asked.method().equals("POST")
                ? new Answer(200, "{\"access_token\": \"short\", \"token_type\": \"bearer\", \"expires_in\": 3600}")
                : new Answer(200, "{\"access_token\": \"long\", \"token_type\": \"bearer\", \"expires_in\": 5184000}"));
        Exchanged meta = presented("meta", null);

        assertThat(meta.outcome().granted().accessToken().reveal()).isEqualTo("long");
        assertThat(meta.outcome().granted().expiresAt()).isEqualTo(NOW.plusSeconds(5_184_000));
        List<Asked> asked = fake.asked();
        assertThat(asked).hasSize(2);
        assertThat(asked.get(0).target()).isEqualTo("graph.facebook.com/v22.0/oauth/access_token");
        assertThat(FakeAuthorization.query("http://x/?" + asked.get(0).body())).containsEntry("code", code)
                .containsEntry("redirect_uri", CALLBACK).containsEntry("client_secret", secret)
                .containsEntry("grant_type", "authorization_code").doesNotContainKey("code_verifier");
        assertThat(asked.get(1).method()).isEqualTo("GET");
        assertThat(FakeAuthorization.query("http://x/" + asked.get(1).target())).containsEntry("fb_exchange_token", "short")
                .containsEntry("grant_type", "fb_exchange_token").containsEntry("client_secret", secret);
    }

    @Test
    void whoseItIsTheFirstAnswerTells() {
        fake.answers(asked -> asked.method().equals("POST")
                ? new Answer(200,
                        "{\"access_token\": \"short\", \"user_id\": 17841405793187218, \"scope\": \"business basic\"}")
                : new Answer(200, "{\"access_token\": \"long\", \"expires_in\": 5184000}"));
        Exchanged instagram = presented("instagram", null);

        assertThat(instagram.outcome().granted().accessToken().reveal()).isEqualTo("long");
        assertThat(instagram.outcome().granted().scopes()).containsExactly("business", "basic");
        assertThat(instagram.answer().path("user_id").asText()).isEqualTo("17841405793187218");
    }

    @Test
    void whatIsNotTradedIsNotTaken() {
        fake.answers(asked -> asked.method().equals("POST") ? new Answer(200, "{\"access_token\": \"short\"}")
                : new Answer(400, "{\"error\": \"invalid_grant\"}"));
        assertThat(presented("instagram", null).outcome().granted()).isNull();
    }

    @Test
    void parametersAreCalledWhatTheVendorCallsThem() {
        fake.answers(200, "{\"code\": 0, \"data\": {\"access_token\": \"at\", \"advertiser_ids\": [\"7\"]}}");
        Exchanged tiktok = presented("tiktok-ads", null);

        assertThat(tiktok.outcome().granted().accessToken().reveal()).isEqualTo("at");
        assertThat(new JsonObject(fake.asked().get(0).body()).getMap()).containsEntry("app_id", "client-1")
                .containsEntry("secret", secret).containsEntry("auth_code", code).doesNotContainKey("client_id");
    }

    @Test
    void theClientSignsInAsTheVendorWantsItAndShowsItsVerifier() {
        fake.answers(200, "{\"access_token\": \"at\", \"refresh_token\": \"rt\", \"expires_in\": 1800}");
        presented("klaviyo", "verifier");

        Asked asked = fake.asked().get(0);
        assertThat(asked.header("Authorization")).isEqualTo("Basic " + Base64.getEncoder()
                .encodeToString(("client-1:" + secret).getBytes(StandardCharsets.UTF_8)));
        assertThat(FakeAuthorization.query("http://x/?" + asked.body())).containsEntry("code_verifier", "verifier")
                .doesNotContainKeys("client_id", "client_secret");
    }

    private Exchanged presented(String key, String verifier) {
        Provider provider = new Providers((String) null).get(key);
        Map<String, String> said = new HashMap<>();
        provider.variables().forEach(variable -> said.put(variable.name(), variable.example()));
        OAuth2 data = new OAuth2(Grant.AUTHORIZATION_CODE, "client-1", Secret.of(secret), null, null, null, List.of(), null,
                null, null, ClientAuth.BASIC, true, null);
        Variables variables = Variables.of(provider, said);
        AuthorizationAddress address = new AuthorizationAddress(provider, variables, data,
                Addresses.of(provider, variables, null));
        TokenExchange exchange = new TokenExchange(outbound, fake::instead);
        return Behind.await(() -> exchange.present(new TokenCall(provider, variables, data), new TokenExchange.Code(
                Objects.requireNonNull(address.ends()).token(), Secret.of(code), CALLBACK,
                verifier == null ? null : Secret.of(verifier)), InstantSource.fixed(NOW)));
    }
}
