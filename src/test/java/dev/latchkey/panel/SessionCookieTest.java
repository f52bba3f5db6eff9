package dev.latchkey.panel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.util.Map;

import dev.latchkey.crypto.KeyRing;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.crypto.Secret;
import dev.latchkey.panel.SignInTokens.Kind;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.web.PublicUrl;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.mutiny.sqlclient.Pool;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the cookie is kept, and what is read from the settings that decide it. */
class SessionCookieTest {

    private static final Secret TOKEN = Secret.of("latchkey_session_x");

    @Test
    void overHttpsItIsOfThisHostAloneAndTravelsToItsOwnPagesOnly() {
        SessionCookie cookie = cookie("https://keys.example", "");

        assertThat(cookie.of(TOKEN))
                .isEqualTo("__Host-latchkey=latchkey_session_x; Path=/; HttpOnly; Secure; SameSite=Strict");
        assertThat(cookie.cleared()).isEqualTo("__Host-latchkey=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0");
    }

    @Test
    void byPlainHttpItHasANameThatBrowsersTake() {
        assertThat(cookie("http://localhost:8080", "").of(TOKEN))
                .isEqualTo("latchkey=latchkey_session_x; Path=/; HttpOnly; SameSite=Strict");
    }

    @ParameterizedTest
    @ValueSource(strings = { "https://keys.example", "http://localhost:8080" })
    void inAFrameItIsKeptUnderTheFramingSite(String url) {
        assertThat(cookie(url, "https://shop.example").of(TOKEN)).isEqualTo(
                "__Host-latchkey-frame=latchkey_session_x; Path=/; HttpOnly; Secure; SameSite=None; Partitioned");
    }

    /** To a browser that has one of each they are two, which it sends side by side. */
    @Test
    void whatIsLeftOfBeforeFramesWereAllowedOrForbiddenIsNotLookedAt() {
        SignInTokens tokens = tokens();
        Secret alone = tokens.make(Kind.SESSION);
        Secret framed = tokens.make(Kind.SESSION);
        String both = "__Host-latchkey=" + alone.reveal() + "; __Host-latchkey-frame=" + framed.reveal();

        assertThat(read(tokens, "", both)).isEqualTo(alone);
        assertThat(read(tokens, "https://shop.example", both)).isEqualTo(framed);
        assertThat(read(tokens, "", "__Host-latchkey-frame=" + framed.reveal())).isNull();
        assertThat(read(tokens, "https://shop.example", "__Host-latchkey=" + alone.reveal())).isNull();
    }

    private static @Nullable Secret read(SignInTokens tokens, String ancestors, String cookies) {
        HttpServerRequest request = (HttpServerRequest) Proxy.newProxyInstance(SessionCookieTest.class.getClassLoader(),
                new Class<?>[] { HttpServerRequest.class }, (self, method, arguments) -> {
                    if (!method.getName().equals("headers")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    return MultiMap.caseInsensitiveMultiMap().add("Cookie", cookies);
                });
        return new SessionCookie(tokens, new PublicUrl("https://keys.example"), ancestors(ancestors))
                .read(request);
    }

    @ParameterizedTest
    @CsvSource({ "https://keys.example,https://keys.example,https://keys.example",
            "https://keys.example/,https://keys.example,https://keys.example",
            "https://Keys.Example:443//,https://keys.example,https://Keys.Example:443",
            "http://localhost:8080,http://localhost:8080,http://localhost:8080",
            "http://[::1]:80,http://[::1],http://[::1]:80" })
    void thePublicUrlIsRead(String text, String origin, String base) {
        PublicUrl read = new PublicUrl(text);

        assertThat(read.origin()).isEqualTo(origin);
        assertThat(read.base()).isEqualTo(base);
    }

    @ParameterizedTest
    @ValueSource(strings = { "keys.example", "ftp://keys.example", "https://", "https://keys.example?x=1",
            "https://keys.example#x", "https://keys.example/base", "https://keys.example/base/", "https://user@keys.example",
            "https://keys example" })
    void whatIsNoPublicUrlStopsTheStart(String text) {
        assertThatThrownBy(() -> new PublicUrl(text)).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("LATCHKEY_PUBLIC_URL");
    }

    @Test
    void pagesThatMayFrameItAreNamedAsTheyAreWritten() {
        assertThat(ancestors("").directive()).isEqualTo("'none'");
        assertThat(ancestors("https://shop.example, https://*.shop.example:8443").directive())
                .isEqualTo("https://shop.example https://*.shop.example:8443");
        assertThat(ancestors("https://a.example https://b.example").directive())
                .isEqualTo("https://a.example https://b.example");
    }

    @ParameterizedTest
    @ValueSource(strings = { "https://shop.example; script-src *", "*", "https:", "'self'", "shop.example",
            "https://shop.example/path", "data:", "https://*", "https://shop.example:port" })
    void whatIsNoOriginStopsTheStart(String text) {
        assertThatThrownBy(() -> ancestors(text)).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("LATCHKEY_PANEL_FRAME_ANCESTORS");
    }

    @ParameterizedTest
    @ValueSource(ints = { 0, -1 })
    void aPurgeOfNothingStopsTheStart(int batch) {
        PanelConfig config = config(Map.of("latchkey.panel.purge-batch", String.valueOf(batch)));

        assertThatThrownBy(() -> new SignInPurge(unused(), config)).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("LATCHKEY_PANEL_PURGE_BATCH");
    }

    @NullUnmarked
    private static Pool unused() {
        return null;
    }

    @Test
    void aTokenIsOfOneKindAndOneService() {
        SignInTokens tokens = tokens();
        for (Kind kind : Kind.values()) {
            Secret token = tokens.make(kind);
            String text = token.reveal();
            int last = text.length() - 1;
            String altered = text.substring(0, last) + (text.charAt(last) == 'A' ? 'Q' : 'A');

            assertThat(tokens.parse(kind, text)).isEqualTo(token);
            assertThat(tokens.parse(kind, altered)).as("as a guess").isNull();
            assertThat(tokens.parse(kind, text + "A")).isNull();
            assertThat(tokens().parse(kind, text)).as("by another pepper").isNull();
            for (Kind other : Kind.values()) {
                assertThat(tokens.parse(other, text) != null).isEqualTo(other == kind);
            }
        }
    }

    private static SignInTokens tokens() {
        SecureRandom random = new SecureRandom();
        return new SignInTokens(random, new Peppers(KeyRing.parse("LATCHKEY_PEPPER", TestDatabase.randomKey("p1", random))));
    }

    private static SessionCookie cookie(String publicUrl, String ancestors) {
        return new SessionCookie(tokens(), new PublicUrl(publicUrl), ancestors(ancestors));
    }

    private static FrameAncestors ancestors(String text) {
        return new FrameAncestors(config(text));
    }

    static PanelConfig config(String ancestors) {
        return config(Map.of("latchkey.panel.frame-ancestors", ancestors));
    }

    private static PanelConfig config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder().addDiscoveredConverters().withMapping(PanelConfig.class).withDefaultValues(settings)
                .build().getConfigMapping(PanelConfig.class);
    }
}
