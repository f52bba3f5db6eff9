package dev.latchkey.panel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.options.ReducedMotion;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Chromium;
import dev.latchkey.testing.NeedsChromium;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.restassured.RestAssured;
import org.junit.jupiter.api.AfterEach;

/**
 * What tests of the panel extend: pages in a real browser. After each test every page that it has opened must be free of
 * errors: of scripts, of the console, and of the Content-Security-Policy.
 */
@QuarkusTestResource(TestDatabase.class)
@NeedsChromium
abstract class BrowserTest {

    private final List<PanelPage> opened = new ArrayList<>();

    @AfterEach
    void noPageComplains() {
        List<String> complaints = new ArrayList<>();
        for (PanelPage page : opened) {
            complaints.addAll(page.complaints());
            page.close();
        }
        assertThat(complaints).as("errors in the browser").isEmpty();
    }

    /** A page of a browser of its own, with nobody signed in. */
    PanelPage open(Look look, String path) {
        PanelPage page = new PanelPage(look, Chromium.browser().newContext(new Browser.NewContextOptions()
                .setBaseURL("http://localhost:" + RestAssured.port).setLocale(look.locale()).setColorScheme(look.scheme())
                .setViewportSize(look.width(), look.height()).setTimezoneId("Europe/Madrid")
                .setReducedMotion(ReducedMotion.REDUCE)));
        opened.add(page);
        page.go(path);
        return page;
    }

    /** Somebody with these roles, signed in by a link, at this path. */
    PanelPage open(Look look, Api api, String path, String... roles) {
        PanelPage page = open(look, "/sign-in?then=" + path + "#" + linkTo(api, roles));
        page.isSignedIn();
        return page;
    }

    /** The token of a new sign-in link. */
    static String linkTo(Api api, String... roles) {
        return SignedIn.linkTo(api,
                Map.of("org", api.organization(), "user", "ana@" + api.organization(), "groups", roles));
    }
}
