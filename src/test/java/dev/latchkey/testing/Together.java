package dev.latchkey.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Several threads that do the same at once; what one of them throws fails the test. */
public final class Together implements AutoCloseable {

    private final int threads;
    private final ExecutorService executor;

    public Together(int threads) {
        this.threads = threads;
        this.executor = Executors.newFixedThreadPool(threads);
    }

    /** These, each in a thread of its own: what waits for its end waits while the others do. */
    public static void each(List<Runnable> actions) {
        AtomicInteger next = new AtomicInteger();
        try (Together together = new Together(actions.size())) {
            together.run(() -> actions.get(next.getAndIncrement()).run());
        }
    }

    public void run(Runnable action) {
        call(() -> {
            action.run();
            return true;
        });
    }

    /** What each of them came to. */
    public <T> List<T> call(Callable<T> action) {
        List<Future<T>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(executor.submit(action));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : running) {
            try {
                results.add(future.get());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(interrupted);
            } catch (ExecutionException failed) {
                throw new AssertionError(failed.getCause());
            }
        }
        return results;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
