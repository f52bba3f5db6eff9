package dev.latchkey.panel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Whatever the server can refuse in what the panel sends, the panel says in its own words: its patterns know the server's. */
@NullUnmarked
class PanelProblemsTest {

    private static final Path PROBLEMS = PanelTexts.FOLDER.resolve("problems.ts");
    private static final Path MAIN = Path.of("src/main/java/dev/latchkey");

    /** Entries of the tables: {@code [/^is taken$/, 'problems.field.taken']}. */
    private static final Pattern ENTRY = Pattern.compile("\\[/(.+)/, '(problems\\.(?:detail|field)\\.\\w+)'\\]");
    private static final Pattern CONFLICT = Pattern
            .compile("(?:conflict\\(|ProblemCode\\.CONFLICT,)\\s*\"((?:[^\"\\\\]|\\\\.)+)\"");
    /** Messages of fields; those that are put together, up to their first value. */
    private static final Pattern MESSAGE = Pattern
            .compile(
                    "(?:[(,=?:] ?|return |\\s)\"((?:is|must|matches|of type|reaches|allows|goes beyond)\\s(?:[^\"\\\\]|\\\\.)+)\"");
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)+)\"");
    private static final Pattern INVALID = Pattern.compile("Invalid\\(\\s*\"((?:[^\"\\\\]|\\\\.)+)\"");

    /** What these refuse, people can meet in a form of the panel. */
    private static final List<String> REFUSING = List.of("key/KeyForm.java", "key/Keys.java", "key/KeyCopies.java",
            "key/Materials.java", "key/RateLimit.java", "key/GrantedOperations.java", "key/Grants.java",
            "tenant/OrganizationForm.java", "tenant/Organizations.java", "tenant/Stores.java", "tenant/StoreResource.java",
            "web/JsonProblems.java", "panel/Sessions.java", "credential/CredentialRules.java",
            "credential/CredentialMaterial.java",
            "credential/CredentialFields.java", "credential/CredentialForm.java", "credential/CredentialData.java",
            "credential/Addresses.java", "credential/Variables.java", "credential/Credentials.java",
            "credential/CredentialDrafts.java", "credential/CredentialEdits.java", "credential/CredentialQueries.java",
            "credential/OpenCredentials.java", "credential/Connecting.java", "credential/Discovery.java",
            "credential/RenewalResource.java", "credential/TokenCall.java", "integration/Named.java",
            "webhook/WebhookForm.java", "webhook/HeaderRules.java", "webhook/WebhookRules.java", "webhook/WebhookHeaders.java",
            "webhook/Webhooks.java", "webhook/Replays.java", "webhook/Deliveries.java");

    /** What no form of the panel can bring about, and why. */
    private static final Set<String> NOT_MET = Set.of(
            // Only programs send metadata.
            "must have no number beyond 1.8e308", "must be at most ", "must be 1 to 64 of letters, digits and _ . : / -",
            // A form has no such fields.
            "is fixed at creation", "is fixed at creation, since it stands in the key",
            "is fixed at creation: tokens name the organization by it", "is read-only",
            "is switched by the platform, with PATCH /api/v1/organizations/{id}", "is not a field of this request",
            // It is a warning, which the panel says in words of its own.
            "is a key without the scope credentials:use, which cannot use any credential",
            // Of keys that make keys, and of the platform.
            "must name what your key's methods allow", "allows more than your key does",
            "An organization of this key was deleted just now; try again.", "The key '");

    /** As Jakarta Validation says them. */
    private static final List<String> OF_ANNOTATIONS = List.of("must not be blank", "must not be null",
            "size must be between 0 and 100", "size must be between 1 and 50");

    @Test
    void whatTheServerRefusesHasWordsInBothLanguages() throws IOException {
        List<Pattern> shapes = patterns("problems.field.");
        List<Pattern> details = patterns("problems.detail.");
        Set<String> said = new TreeSet<>(OF_ANNOTATIONS);
        Set<String> conflicts = new TreeSet<>();
        for (String file : REFUSING) {
            String source = Files.readString(MAIN.resolve(file));
            collect(MESSAGE, source, said);
            collect(CONFLICT, source, conflicts);
        }

        // If these were empty, nothing would have been looked at.
        assertThat(said).contains("is taken", "must be in the future", "of type 'stores' must list at least one store");
        assertThat(conflicts).contains("The key is revoked, which is final.");
        assertThat(without(said, shapes)).as("messages of fields that the panel has no words for").isEmpty();
        assertThat(without(conflicts, details)).as("sentences that the panel has no words for").isEmpty();
    }

    @Test
    void whatIsNoPatternAndNoNetworkHasWords() throws IOException {
        List<Pattern> shapes = patterns("problems.field.");
        Set<String> said = new TreeSet<>();
        collect(INVALID, Files.readString(MAIN.resolve("net/Cidr.java")), said);

        assertThat(said).isNotEmpty();
        assertThat(without(said, shapes)).isEmpty();
    }

    @Test
    void aPatternThatNothingSaysAnyMoreIsFound() throws IOException {
        List<String> sources = new ArrayList<>(OF_ANNOTATIONS);
        try (Stream<Path> files = Files.walk(MAIN)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
                // Line by line: a quote that stands alone must not turn the rest of a file inside out.
                Files.readAllLines(file).forEach(
                        line -> LITERAL.matcher(line).results().map(found -> found.group(1)).forEach(sources::add));
            }
        }

        // The reason of a pattern and the name of a scope stand behind a value: such literals are asked for by their words.
        List<String> unsaid = patterns("problems.").stream()
                .filter(shape -> !shape.pattern().contains("at position") && !shape.pattern().startsWith("^(?<scope>"))
                .filter(shape -> sources.stream().noneMatch(text -> shape.matcher(text).find())).map(Pattern::pattern).toList();
        assertThat(unsaid).as("patterns of what the server never says").isEmpty();
    }

    private static List<String> without(Set<String> said, List<Pattern> known) {
        return said.stream().filter(text -> !NOT_MET.contains(text))
                .filter(text -> known.stream().noneMatch(shape -> shape.matcher(text).find())).toList();
    }

    private static List<Pattern> patterns(String prefix) throws IOException {
        List<Pattern> found = ENTRY.matcher(Files.readString(PROBLEMS)).results()
                .filter(entry -> entry.group(2).startsWith(prefix)).map(entry -> Pattern.compile(entry.group(1))).toList();
        assertThat(found).isNotEmpty();
        return found;
    }

    private static void collect(Pattern pattern, String source, Set<String> found) {
        pattern.matcher(source).results().map((MatchResult each) -> each.group(1)).forEach(found::add);
    }
}
