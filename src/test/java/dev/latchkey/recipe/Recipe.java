package dev.latchkey.recipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The commands of a document, and what each answers. Both stand in indented blocks: a line {@code $ command}, which goes on
 * below where that is indented further, and then the answer up to the next command or to text.
 *
 * @param title of the document's section
 * @param command for a shell
 * @param answer as it is written; {@code …} for anything on a line, and alone on one for any lines
 */
record Recipe(String title, String command, String answer) {

    static final Path DIRECTORY = Path.of("docs", "recipes");

    private static final String BLOCK = "    ";
    private static final String COMMAND = BLOCK + "$ ";
    private static final String GOES_ON = BLOCK + "  ";
    /** What is another one each time: ids, times, the beginnings of keys. */
    private static final Pattern VARYING = Pattern.compile("(?<id>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
            + "|(?<time>\\d{4}-\\d\\d-\\d\\d[T ][\\d:.]+)|(?<start>lk_live_\\w+)|(?<lines>(?<=^|\n)…(?=\n|$))|(?<any>…)");

    /** The steps of {@code docs/recipes/<name>.md}, in order. */
    static List<Recipe> read(String name) {
        try {
            List<Recipe> steps = new ArrayList<>();
            String title = "";
            boolean isAnswer = false;
            for (String line : Files.readAllLines(DIRECTORY.resolve(name + ".md"))) {
                if (line.startsWith(COMMAND)) {
                    steps.add(new Recipe(title, line.substring(COMMAND.length()), ""));
                    isAnswer = true;
                } else if (!line.startsWith(BLOCK) && !line.isBlank()) {
                    title = line.startsWith("#") ? line.replaceFirst("#+ ", "") : title;
                    isAnswer = false;
                } else if (isAnswer) {
                    steps.add(steps.remove(steps.size() - 1).with(line));
                }
            }
            return steps;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Recipe with(String line) {
        return answer.isEmpty() && line.startsWith(GOES_ON) ? new Recipe(title, command + "\n" + line, "")
                : new Recipe(title, command, answer + (line.isBlank() ? "" : line.substring(BLOCK.length())) + "\n");
    }

    /** Whether that is the answer that the document tells. */
    boolean isAnsweredBy(String text) {
        return answerPattern().matcher(text.strip()).matches();
    }

    private Pattern answerPattern() {
        Matcher varying = VARYING.matcher(answer.strip());
        StringBuilder pattern = new StringBuilder();
        int end = 0;
        while (varying.find()) {
            pattern.append(Pattern.quote(answer.strip().substring(end, varying.start()))).append(inPlaceOf(varying));
            end = varying.end();
        }
        return Pattern.compile(pattern + Pattern.quote(answer.strip().substring(end)));
    }

    private static String inPlaceOf(Matcher varying) {
        if (varying.group("id") != null) {
            return "[0-9a-f-]{36}";
        }
        if (varying.group("time") != null) {
            return "\\d{4}-\\d\\d-\\d\\d[T ][\\d:.]+";
        }
        if (varying.group("start") != null) {
            return "lk_live_\\w+";
        }
        return varying.group("lines") != null ? "[\\s\\S]*" : ".*";
    }
}
