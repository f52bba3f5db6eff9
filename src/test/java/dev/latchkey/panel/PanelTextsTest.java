package dev.latchkey.panel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.latchkey.identity.Permission;
import dev.latchkey.identity.Role;
import dev.latchkey.notification.NoticeKind;
import dev.latchkey.web.ProblemCode;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The dictionaries by themselves; that pages speak the person's language is asserted in the browser. */
@NullUnmarked
class PanelTextsTest {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)(?:\\}|,)");
    /** Whole keys in the sources: {@code t('stores.add')}, also in tables of keys. */
    private static final Pattern KEY = Pattern
            .compile(
                    "'((?:frame|elements|problems|settings|keys|credentials|review|webhooks|deliveries|activity|notices|recipes)\\.[A-Za-z0-9.-]*[A-Za-z0-9])'");
    /** Keys put together: {@code t(`frame.roles.${role}`)}; what stands before the first value. */
    private static final Pattern PREFIX = Pattern
            .compile(
                    "`((?:frame|elements|problems|settings|keys|credentials|review|webhooks|deliveries|activity|notices|recipes)\\.[A-Za-z0-9.-]*)\\$\\{");

    @Test
    void everyTextIsThereInBothLanguagesWithTheSamePlaceholders() {
        Map<String, String> english = PanelTexts.of("en");
        Map<String, String> spanish = PanelTexts.of("es");

        assertThat(spanish.keySet()).isEqualTo(english.keySet());
        english.forEach((key, text) -> assertThat(placeholders(spanish.get(key))).as(key).isEqualTo(placeholders(text)));
        assertThat(english).allSatisfy((key, text) -> assertThat(text).as(key).isNotBlank());
        assertThat(spanish).allSatisfy((key, text) -> assertThat(text).as(key).isNotBlank());
    }

    @Test
    void aTextStandsInTheFileThatItsKeyNames() throws IOException {
        for (String language : List.of("en", "es")) {
            try (Stream<Path> files = Files.list(PanelTexts.FOLDER.resolve(language))) {
                for (Path file : files.filter(each -> each.toString().endsWith(".json")).toList()) {
                    String section = file.getFileName().toString().replace(".json", ".");
                    assertThat(PanelTexts.read(file).keySet()).as(file.toString()).allMatch(key -> key.startsWith(section));
                }
            }
        }
    }

    @Test
    void everyTextIsSaidSomewhereAndNoneIsMissing() throws IOException {
        Set<String> keys = PanelTexts.of("en").keySet();
        Set<String> named = new TreeSet<>();
        Set<String> prefixes = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(PanelTexts.FOLDER.getParent())) {
            for (Path source : sources.filter(each -> each.toString().endsWith(".ts")).toList()) {
                String text = Files.readString(source);
                collect(KEY.matcher(text), named);
                collect(PREFIX.matcher(text), prefixes);
            }
        }

        assertThat(named).as("keys without a text").isSubsetOf(keys);
        // Problems are said by their codes, which are no part of the sources of the panel; all else of them is named whole.
        prefixes.remove("problems.");
        Set<String> byCode = Stream.concat(Stream.of("network"), Arrays.stream(ProblemCode.values()).map(ProblemCode::code))
                .flatMap(code -> Stream.of("problems." + code + ".title", "problems." + code + ".advice"))
                .collect(Collectors.toSet());
        assertThat(keys.stream().filter(key -> !named.contains(key) && !byCode.contains(key))
                .filter(key -> prefixes.stream().noneMatch(key::startsWith))).as("texts that nothing says").isEmpty();
    }

    @Test
    void whatTheApiNamesHasWords() {
        Set<String> keys = PanelTexts.of("en").keySet();
        // What a page can meet; the others are for programs, and have the general words.
        List<ProblemCode> met = List.of(ProblemCode.UNAVAILABLE, ProblemCode.INTERNAL, ProblemCode.INVALID,
                ProblemCode.CONFLICT,
                ProblemCode.PRECONDITION_FAILED, ProblemCode.NOT_FOUND, ProblemCode.FORBIDDEN, ProblemCode.ESCALATION,
                ProblemCode.RATE_LIMITED, ProblemCode.TOO_LARGE, ProblemCode.ORGANIZATION_DELETING, ProblemCode.CSRF,
                ProblemCode.SESSION_ENDED, ProblemCode.INVALID_LINK, ProblemCode.INVALID_TOKEN,
                ProblemCode.IDEMPOTENCY_RUNNING, ProblemCode.IDEMPOTENCY_ANSWER_GONE, ProblemCode.TEST_FAILED,
                ProblemCode.CREDENTIAL_UNUSABLE);

        assertThat(met).allSatisfy(code -> assertThat(keys).contains("problems." + code.code() + ".title",
                "problems." + code.code() + ".advice"));
        // What has a text can be ticked, and what can be ticked is a kind.
        assertThat(keys.stream().filter(key -> key.startsWith("settings.kinds."))).containsExactlyInAnyOrderElementsOf(
                NoticeKind.names().stream().map(kind -> "settings.kinds." + kind).toList());
    }

    @Test
    void whateverIsWrittenDownHasWords() throws IOException {
        Pattern action = Pattern.compile("\"((?:catalog|credential|delivery|integration|key|organization|session|store|webhook)"
                + "\\.[a-z_-]+(?:\\.[a-z]+)?)\"");
        Set<String> actions = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : sources.filter(each -> each.toString().endsWith(".java")).toList()) {
                String text = Files.readString(source);
                if (text.contains("import dev.latchkey.activity.Activities;")) {
                    collect(action.matcher(text), actions);
                }
            }
        }

        assertThat(actions).contains("key.created", "webhook.disabled", "session.ended");
        for (String prefix : List.of("activity.action.", "activity.did.")) {
            assertThat(PanelTexts.of("en").keySet()).containsAll(actions.stream().map(each -> prefix + each).toList());
        }
    }

    @Test
    void thePermissionsThatItAsksForExistAndRolesHaveNames() throws IOException {
        String types = Files.readString(PanelTexts.FOLDER.resolveSibling("api/types.ts"));
        Set<String> asked = new TreeSet<>();
        collect(Pattern.compile("\\| '([a-z-]+:[a-z-]+)'").matcher(types), asked);

        assertThat(asked).isNotEmpty()
                .isSubsetOf(Arrays.stream(Permission.values()).map(Permission::permissionName).toList());
        assertThat(PanelTexts.of("en").keySet()).containsAll(
                Arrays.stream(Role.values()).map(role -> "frame.roles." + role.name().toLowerCase(Locale.ROOT)).toList());
    }

    private static void collect(Matcher matcher, Set<String> found) {
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
    }

    private static List<String> placeholders(String text) {
        List<String> names = PLACEHOLDER.matcher(text).results().map(found -> found.group(1)).toList();
        return names.stream().sorted().distinct().toList();
    }
}
