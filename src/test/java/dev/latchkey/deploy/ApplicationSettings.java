package dev.latchkey.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** What the application can be told by its environment: its own mappings, and all that its source and its properties name. */
final class ApplicationSettings {

    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Path PROPERTIES = Path.of("src", "main", "resources", "application.properties");
    private static final Pattern NAMED = Pattern.compile("[\"{]((?:quarkus|mp|smallrye|latchkey)\\.[a-z0-9.-]+)[\":}]");

    private ApplicationSettings() {
    }

    /** As environment variables. */
    static Set<String> variables() {
        Set<String> names = new TreeSet<>();
        for (String source : sources()) {
            NAMED.matcher(source).results().map(found -> found.group(1)).forEach(names::add);
        }
        mappings().forEach(mapping -> names.addAll(names(mapping, mapping.getAnnotation(ConfigMapping.class).prefix())));
        properties().stringPropertyNames().forEach(name -> names.add(name.replaceFirst("^%[a-z,]+\\.", "")));
        return names.stream().map(ApplicationSettings::variable).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The default of a mapping's method. */
    static String byDefault(String mapping, String method) {
        try {
            return Class.forName(mapping).getDeclaredMethod(method).getAnnotation(WithDefault.class).value();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** A number in the source that no setting changes. */
    static int constant(String type, String name) {
        try {
            Field field = Class.forName(type).getDeclaredField(name);
            field.setAccessible(true);
            return field.getInt(null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    static Properties properties() {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(PROPERTIES)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    /** Each file of the application. */
    static List<String> sources() {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).map(file -> {
                try {
                    return Files.readString(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Class<?>> mappings() {
        Pattern declared = Pattern.compile("package ([a-z.]+);.*\n@ConfigMapping[^\n]*\n(?:public )?interface (\\w+)",
                Pattern.DOTALL);
        return sources().stream().flatMap(source -> declared.matcher(source).results()).map(ApplicationSettings::mapping)
                .<Class<?>> map(type -> type).toList();
    }

    private static Class<?> mapping(MatchResult declared) {
        try {
            return Class.forName(declared.group(1) + "." + declared.group(2));
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<String> names(Class<?> mapping, String prefix) {
        Set<String> names = new TreeSet<>();
        for (Method method : mapping.getDeclaredMethods()) {
            if (method.isDefault() || method.isSynthetic()) {
                continue;
            }
            WithName given = method.getAnnotation(WithName.class);
            String name = prefix + "." + (given == null ? kebab(method.getName()) : given.value());
            if (mapping.equals(method.getReturnType().getEnclosingClass()) && method.getReturnType().isInterface()) {
                names.addAll(names(method.getReturnType(), name));
            } else {
                names.add(name);
            }
        }
        return names;
    }

    private static String kebab(String camel) {
        return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static String variable(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
