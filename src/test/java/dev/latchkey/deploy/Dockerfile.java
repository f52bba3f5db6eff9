package dev.latchkey.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The instructions of a Dockerfile, one after the other, as far as ours go. */
record Dockerfile(Path file, List<Instruction> instructions) {

    /**
     * @param name such as {@code COPY}
     * @param text the rest, lines that go on joined
     */
    record Instruction(String name, String text) {

        List<String> words() {
            return List.of(text.trim().split("\\s+"));
        }
    }

    static Dockerfile read(Path file) throws IOException {
        List<Instruction> instructions = new ArrayList<>();
        StringBuilder joined = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            boolean goesOn = line.endsWith("\\");
            joined.append(goesOn ? line.substring(0, line.length() - 1) : line);
            if (!goesOn) {
                String[] parts = joined.toString().split("\\s+", 2);
                instructions.add(new Instruction(parts[0], parts[1]));
                joined.setLength(0);
            }
        }
        return new Dockerfile(file, instructions);
    }

    Stream<Instruction> all(String name) {
        return instructions.stream().filter(instruction -> instruction.name.equals(name));
    }

    /** What that instruction says in the end. */
    String last(String name) {
        return all(name).reduce((first, second) -> second).map(Instruction::text).orElse("");
    }

    /** The images that it builds upon, build arguments replaced by their defaults. */
    List<String> bases() {
        Map<String, String> defaults = new HashMap<>();
        all("ARG").map(argument -> argument.text.split("=", 2)).filter(argument -> argument.length == 2)
                .forEach(argument -> defaults.put("${" + argument[0] + "}", argument[1]));
        return all("FROM").map(from -> from.words().get(0)).map(image -> defaults.getOrDefault(image, image)).toList();
    }

    /** What is taken from the directory of the build. */
    List<String> sources() {
        return all("COPY").filter(copy -> !copy.text.contains("--from=")).flatMap(copy -> {
            List<String> paths = copy.words().stream().filter(word -> !word.startsWith("--")).toList();
            return paths.subList(0, paths.size() - 1).stream();
        }).toList();
    }

    /** Names of what is set in it, for the build or for the process. */
    List<String> variables() {
        return Stream.concat(all("ARG"), all("ENV")).flatMap(each -> Arrays.stream(each.text.split("=")).limit(1)).toList();
    }
}
