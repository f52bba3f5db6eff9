package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

import com.microsoft.playwright.Route;
import dev.latchkey.testing.Eventually;
import org.jspecify.annotations.NullUnmarked;

/** Requests that wait until they are resumed. */
@NullUnmarked
final class Held {

    private final PanelPage page;
    private final List<Route> routes = new ArrayList<>();

    private Held(PanelPage page) {
        this.page = page;
    }

    /** Holds from now on what is sent to the address by the method. */
    static Held of(PanelPage page, String address, String method) {
        Held held = new Held(page);
        page.page().route(address, route -> {
            if (route.request().method().equals(method)) {
                held.routes.add(route);
            } else {
                route.resume();
            }
        });
        return held;
    }

    /** Until as many wait as are expected, and no more. */
    Held awaits(int count) {
        Eventually.holds(() -> {
            page.page().evaluate("1");
            assertThat(routes).hasSize(count);
        });
        return this;
    }

    void resume() {
        routes.forEach(Route::resume);
    }
}
