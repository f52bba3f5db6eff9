package dev.latchkey.panel;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.deque.html.axecore.args.AxeRunOptions;
import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.CheckedNode;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.options.AriaRole;
import org.assertj.core.api.Assertions;

/** The panel as one person sees it: a page of a browser of their own. */
final class PanelPage {

    private static final Set<String> GRAVE = Set.of("serious", "critical");
    private static final Path SCREENSHOTS = Path.of("target/screenshots");
    private static final double TIMEOUT_MILLIS = 15_000;

    /**
     * Every text that a person can see or hear: of elements that are shown, labels for screen readers, hints in fields. What
     * says that it is in another language, or is no language (code, names that people gave), is left out.
     */
    private static final String TEXTS = """
            () => {
              const found = [];
              const foreign = '[lang]:not(html), code, .mono, [translate=no], input, textarea, [data-user]';
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) {
                const parent = walker.currentNode.parentElement;
                const text = walker.currentNode.data.replace(/\\s+/g, ' ').trim();
                if (text && !parent.closest(foreign) && !parent.closest('script, style, noscript') && parent.checkVisibility()) {
                  found.push(text);
                }
              }
              for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
                for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
                  const text = element.getAttribute(name);
                  if (text && !element.closest('[lang]:not(html), [translate=no], time')) { found.push(text); }
                }
              }
              found.push(document.title);
              return found;
            }""";

    private final Look look;
    private final BrowserContext context;
    private final Page page;
    private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<Integer> expected = new ArrayList<>();
    private final List<String> foreign = new ArrayList<>();

    PanelPage(Look look, BrowserContext context) {
        this.look = look;
        this.context = context;
        context.setDefaultTimeout(TIMEOUT_MILLIS);
        this.page = context.newPage();
        page.onPageError(this::broke);
        page.onConsoleMessage(this::heard);
        page.onRequest(requests::add);
        // The browser tells of what its policy has blocked only in the console, which says it in other words each version.
        page.addInitScript(
                "addEventListener('securitypolicyviolation', (event) => console.error('CSP: ' + event.violatedDirective"
                        + " + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber));");
    }

    private void broke(String error) {
        if (!isForeign(page.url())) {
            complaints.add("page error: " + error);
        }
    }

    private void heard(ConsoleMessage message) {
        if (!message.type().equals("error") && !message.type().equals("warning")
                || isForeign(page.url()) || isForeign(message.location())) {
            return;
        }
        // Chromium writes a line for each refused request, which no page can keep it from. Nobody is signed in at first.
        boolean refusal = message.text().startsWith("Failed to load resource");
        if (refusal && (message.location().contains("/api/v1/session") && message.text().contains("status of 401")
                || expected.stream().anyMatch(status -> message.text().contains("status of " + status)))) {
            return;
        }
        complaints.add(message.type() + ": " + message.text() + " (" + message.location() + ")");
    }

    /** Requests answered so are part of the test, and the lines that the browser writes about them no complaint. */
    PanelPage expecting(int... statuses) {
        for (int status : statuses) {
            expected.add(status);
        }
        return this;
    }

    /** It leads to pages of that origin, which may complain of what they like. */
    PanelPage leadingTo(String origin) {
        foreign.add(origin);
        return this;
    }

    private boolean isForeign(String url) {
        return foreign.stream().anyMatch(url::startsWith);
    }

    List<String> complaints() {
        return complaints.stream().map(complaint -> look + " " + page.url() + " " + complaint).toList();
    }

    Look look() {
        return look;
    }

    /** For what is not here. */
    Page page() {
        return page;
    }

    BrowserContext context() {
        return context;
    }

    List<Request> requests() {
        return requests;
    }

    void close() {
        context.close();
    }

    PanelPage go(String path) {
        page.navigate(path);
        return this;
    }

    PanelPage isSignedIn() {
        assertThat(page.locator("lk-navigation")).hasCount(1);
        return this;
    }

    /** Waits until the page of that heading has come, with all that it loads. */
    PanelPage isAt(String heading) {
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName(heading).setExact(true).setLevel(1)))
                .isVisible();
        assertThat(page.locator(".skeleton")).hasCount(0);
        page.waitForFunction("document.fonts.status === 'loaded'");
        return this;
    }

    /** A text of the dictionary, in the language of this page. */
    String says(String key) {
        return says(key, Map.of());
    }

    String says(String key, Map<String, String> values) {
        String text = Objects.requireNonNull(PanelTexts.of(look.isSpanish() ? "es" : "en").get(key), key);
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace("{" + value.getKey() + "}", value.getValue());
        }
        return text;
    }

    Locator button(String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    Locator link(String name) {
        return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    Locator radio(String name) {
        return page.getByRole(AriaRole.RADIO, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    Locator field(String label) {
        // JavaScript's regular expressions know no quoted parts.
        String escaped = label.replaceAll("[.*+?^${}()|\\[\\]\\\\]", "\\\\$0");
        return page.getByLabel(Pattern.compile("^\\s*" + escaped + "(\\s+(optional|opcional))?\\s*$"));
    }

    Locator dialog(String heading) {
        return page.locator("dialog[open]").filter(new Locator.FilterOptions().setHas(page.getByRole(AriaRole.HEADING,
                new Page.GetByRoleOptions().setName(heading).setExact(true))));
    }

    Locator text(String text) {
        return page.getByText(text, new Page.GetByTextOptions().setExact(true));
    }

    PanelPage press(String keys) {
        page.keyboard().press(keys);
        return this;
    }

    PanelPage type(String text) {
        page.keyboard().type(text);
        return this;
    }

    /** To {@code target/screenshots}, named after the page and its look. */
    PanelPage screenshot(String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + "-" + look + ".png")));
        return this;
    }

    /** Whoever cannot see it or uses no mouse can use it: no serious finding of axe. */
    PanelPage isAccessible() {
        // What is in order need not be described: that takes axe a third of its time.
        AxeRunOptions violations = new AxeRunOptions();
        violations.setResultTypes(List.of("violations"));
        List<String> findings = new AxeBuilder(page).setLegacyMode(true).options(violations).analyze().getViolations().stream()
                .filter(rule -> GRAVE.contains(Objects.toString(rule.getImpact(), ""))).flatMap(PanelPage::told).toList();
        Assertions.assertThat(findings).as("axe at %s, %s", page.url(), look).isEmpty();
        return this;
    }

    private static Stream<String> told(Rule rule) {
        return rule.getNodes().stream()
                .map((CheckedNode node) -> rule.getId() + ": " + rule.getHelp() + "\n  " + node.getHtml() + "\n  "
                        + node.getFailureSummary());
    }

    /** Nothing is wider than the window, the dialog or the frame that it stands in: nobody has to scroll sideways. */
    PanelPage fits() {
        Object beyond = page.evaluate(
                """
                        () => [document.documentElement, ...document.querySelectorAll('dialog[open], dialog[open] .dialog-body, .table-frame')]
                          .filter((element) => element.scrollWidth > element.clientWidth)
                          .map((element) => `${element.tagName} ${element.className}: ${element.scrollWidth - element.clientWidth} px`)""");
        Assertions.assertThat((List<?>) beyond).as("wider than it may be at %s, %s", page.url(), look).isEmpty();
        return this;
    }

    /** In a Spanish page: no text of the English dictionary, no English word. */
    PanelPage speaksSpanish() {
        @SuppressWarnings("unchecked")
        List<String> texts = (List<String>) page.evaluate(TEXTS);
        Assertions.assertThat(PanelTexts.english(texts)).as("English at %s", page.url()).isEmpty();
        return this;
    }
}
