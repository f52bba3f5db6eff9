package dev.latchkey.boot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * What Quarkus hands to {@code native-image}: the application in one jar, with what the executable is told of it, and the
 * arguments.
 *
 * @param arguments as they stand, separated by spaces
 * @param entries of the jar, without directories
 * @param reflection what may be done with a class by reflection, by its name
 * @param resources patterns of the files that the executable has
 */
record NativeSources(String arguments, List<String> entries, Map<String, JsonNode> reflection, List<Pattern> resources) {

    private static final String SETTINGS = "META-INF/native-image/";

    /** @param directory {@code target/native-sources} */
    static NativeSources in(Path directory) throws IOException {
        ObjectMapper json = new ObjectMapper();
        try (Stream<Path> files = Files.list(directory);
                JarFile jar = new JarFile(
                        files.filter(file -> file.toString().endsWith("-runner.jar")).findFirst().orElseThrow().toFile())) {
            Map<String, JsonNode> reflection = new HashMap<>();
            read(jar, "reflect-config.json", json).forEach(type -> reflection.put(type.path("name").asText(), type));
            List<Pattern> resources = new ArrayList<>();
            read(jar, "resource-config.json", json).path("resources").path("includes")
                    .forEach(include -> resources.add(Pattern.compile(include.path("pattern").asText())));
            return new NativeSources(Files.readString(directory.resolve("native-image.args")),
                    jar.stream().filter(entry -> !entry.isDirectory()).map(entry -> entry.getName()).toList(), reflection,
                    resources);
        }
    }

    private static JsonNode read(JarFile jar, String file, ObjectMapper json) throws IOException {
        try (InputStream text = jar.getInputStream(jar.getEntry(SETTINGS + file))) {
            return json.readTree(text);
        }
    }

    /** Whether the executable has the file. */
    boolean has(String resource) {
        return resources.stream().anyMatch(pattern -> pattern.matcher(resource).matches());
    }

    /** Whether instances can be made of the class, and all be read that it declares. */
    boolean isOpen(String type) {
        JsonNode allowed = reflection.get(type);
        return allowed != null && Stream.of("allDeclaredConstructors", "allDeclaredMethods", "allDeclaredFields")
                .allMatch(what -> allowed.path(what).asBoolean());
    }
}
