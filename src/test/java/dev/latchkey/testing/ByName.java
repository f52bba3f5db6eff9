package dev.latchkey.testing;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import javax.management.JMException;
import javax.management.ObjectName;

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import io.quarkus.jackson.ObjectMapperCustomizer;
import io.quarkus.runtime.ShutdownEvent;

/**
 * Notes what the tested application looks into by reflection or finds by its name: types that are read from JSON or written as
 * such, classes of caches. A native executable has to be told of each; {@code NativeSourcesIT} reads the list.
 */
@Singleton
public final class ByName implements ObjectMapperCustomizer {

    /** One name a line, kept from run to run: what exists no more may stand there. */
    public static final Path LIST = Path.of("target", "found-by-name.txt");

    /** {@code  12:  3  144  com.github.benmanes.caffeine.cache.PSMW}. */
    private static final Pattern CACHE = Pattern
            .compile("(?m)\\s(com\\.github\\.benmanes\\.caffeine\\.cache\\.[PSW][A-Z]+)\\s");

    private final Set<String> types = new ConcurrentSkipListSet<>();

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.registerModule(new SimpleModule("found-by-name").setSerializerModifier(new Written())
                .setDeserializerModifier(new Read()));
    }

    /** What earlier starts have noted stays. */
    void write(@Observes ShutdownEvent stopping) throws IOException, JMException {
        Set<String> all = new TreeSet<>(types);
        if (Files.exists(LIST)) {
            all.addAll(Files.readAllLines(LIST));
        }
        Matcher caches = CACHE.matcher(classesWithInstances());
        while (caches.find()) {
            all.add(caches.group(1));
        }
        Files.write(LIST, all);
    }

    /** As {@code jcmd GC.class_histogram} prints them. */
    private static String classesWithInstances() throws JMException {
        return (String) ManagementFactory.getPlatformMBeanServer().invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
                new Object[] { new String[0] }, new String[] { String[].class.getName() });
    }

    private void note(Class<?> type) {
        if (type.getName().startsWith("dev.latchkey.")) {
            types.add(type.getName());
        }
    }

    private final class Written extends BeanSerializerModifier {

        private static final long serialVersionUID = 1;

        @Override
        public JsonSerializer<?> modifySerializer(SerializationConfig config, BeanDescription type,
                JsonSerializer<?> serializer) {
            note(type.getBeanClass());
            return serializer;
        }
    }

    private final class Read extends BeanDeserializerModifier {

        private static final long serialVersionUID = 1;

        @Override
        public JsonDeserializer<?> modifyDeserializer(DeserializationConfig config, BeanDescription type,
                JsonDeserializer<?> deserializer) {
            note(type.getBeanClass());
            return deserializer;
        }

        @Override
        public JsonDeserializer<?> modifyEnumDeserializer(DeserializationConfig config, JavaType type, BeanDescription bean,
                JsonDeserializer<?> deserializer) {
            note(type.getRawClass());
            return deserializer;
        }
    }
}
