package dev.latchkey.boot;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Walks from the static fields of classes to all that they hold, and notes what a native executable must not have been built
 * with: it would be the same in every process, or belong to the machine of the build.
 */
final class StaticState {

    private static final List<Class<?>> OF_ONE_PROCESS = List.of(java.util.Random.class, java.util.SplittableRandom.class,
            Thread.class, java.util.concurrent.ExecutorService.class, java.util.Timer.class, Process.class,
            ProcessHandle.class, java.lang.ref.Cleaner.class,
            java.io.FileDescriptor.class, java.io.FileInputStream.class, java.io.FileOutputStream.class,
            java.io.RandomAccessFile.class, java.nio.channels.Channel.class, java.nio.MappedByteBuffer.class,
            java.util.zip.ZipFile.class, java.util.zip.Inflater.class, java.util.zip.Deflater.class,
            java.net.Socket.class, java.net.ServerSocket.class, java.net.DatagramSocket.class, java.net.InetAddress.class,
            java.net.InetSocketAddress.class, java.net.NetworkInterface.class, java.net.http.HttpClient.class,
            java.security.MessageDigest.class, java.security.Signature.class, java.security.KeyStore.class,
            java.security.KeyPairGenerator.class, java.security.Provider.class, javax.crypto.Mac.class,
            javax.crypto.Cipher.class, javax.net.ssl.SSLContext.class, javax.net.ssl.TrustManagerFactory.class,
            io.netty.buffer.ByteBuf.class, io.vertx.core.buffer.Buffer.class, io.vertx.core.Vertx.class);

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Held> ahead = new ArrayDeque<>();
    private final List<String> found = new ArrayList<>();

    private record Held(Object object, String path) {
    }

    /** Where such things are, from a class's name on; empty where there are none. */
    static List<String> of(Collection<Class<?>> types) throws IllegalAccessException {
        StaticState walk = new StaticState();
        for (Class<?> type : types) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers())) {
                    walk.field(field, null, type.getName());
                }
            }
        }
        while (!walk.ahead.isEmpty()) {
            walk.look(walk.ahead.remove());
        }
        return walk.found;
    }

    private void look(Held held) throws IllegalAccessException {
        Object object = held.object;
        if (OF_ONE_PROCESS.stream().anyMatch(type -> type.isInstance(object))) {
            found.add(held.path + ": " + object.getClass().getName());
        } else if (object instanceof Object[] array) {
            Arrays.stream(array).forEach(element -> add(element, held.path + "[]"));
        } else if (object instanceof Collection<?> collection) {
            collection.forEach(element -> add(element, held.path + "[]"));
        } else if (object instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                add(key, held.path + " key");
                add(value, held.path + "[]");
            });
        } else if (object instanceof Optional<?> optional) {
            add(optional.orElse(null), held.path);
        } else if (object instanceof AtomicReference<?> reference) {
            add(reference.get(), held.path);
        } else {
            fields(held);
        }
    }

    private void fields(Held held) throws IllegalAccessException {
        // The platform's own objects end with themselves; the log is set up anew by Quarkus.
        for (Class<?> type = held.object.getClass(); type != null && !type.getModule().isNamed(); type = type
                .getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    field(field, held.object, held.path);
                }
            }
        }
    }

    private void field(Field field, @Nullable Object of, String path) throws IllegalAccessException {
        if (!field.getType().isPrimitive()) {
            field.setAccessible(true);
            add(field.get(of), path + "." + field.getName());
        }
    }

    private void add(@Nullable Object object, String path) {
        if (object != null && !(object instanceof Class) && !(object instanceof ClassLoader) && !(object instanceof Logger)
                && seen.add(object)) {
            ahead.add(new Held(object, path));
        }
    }
}
