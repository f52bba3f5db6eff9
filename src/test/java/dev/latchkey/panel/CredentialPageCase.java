package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import dev.latchkey.credential.FakeProvider;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.CredentialBuilder;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of the page of a credential begin with: one that works, and the provider that it is for. */
@NullUnmarked
abstract class CredentialPageCase extends BrowserTest {

    Api api;
    FakeProvider provider;
    String id;

    @BeforeEach
    void aCredentialThatWorks() {
        api = Api.ofNewOrganization();
        provider = FakeProvider.start();
        provider.answers(200, "{}");
        id = api.aCredential().basic("sync", CredentialBuilder.aSecret()).testedAt(provider.url()).create();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    PanelPage shown(Look look, String role) {
        return open(look, api, "/credentials/" + id, role).isAt("ERP stock");
    }

    /** As somebody else does it meanwhile. */
    void change(String path, Object patch) {
        api.asOwner().contentType("application/merge-patch+json").body(patch).patch("/api/v1/" + path).then().statusCode(200);
    }

    static Locator edit(PanelPage page) {
        page.button("Edit").click();
        Locator dialog = page.dialog("Edit credential");
        assertThat(dialog.locator("[name=name]")).isVisible();
        return dialog;
    }

    static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }
}
