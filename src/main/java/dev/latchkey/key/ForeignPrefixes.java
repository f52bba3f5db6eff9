package dev.latchkey.key;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import dev.latchkey.crypto.Secret;
import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * By which first characters tokens of other services are known, so that an imported key is looked up though it has no checksum
 * of ours, and junk is still turned away without any look-up.
 *
 * <p>
 * <b>Invariant:</b> a text that is presented after a prefix has been declared, which is when that is in force everywhere, is
 * not turned away for want of it. One is dropped only while no token begins so, so what memory knows may be believed where it
 * says yes: at worst a look-up is made for nothing, and those are bounded ({@link LookUps}). Where it says no, it is believed
 * only while the {@link Lease} holds and no change was heard of since ({@link dev.latchkey.replica.Scope#whatWasUnknown}, which
 * the trigger on {@code foreign_prefix} tells in the transaction of the declaration). Otherwise the database is asked anew, by
 * a statement that begins after the question came. One runs at a time and all who came meanwhile wait for the next, so that
 * junk costs no more than that, lease or not.
 *
 * <p>
 * What may be foreign is bounded: visible ASCII, longer than its prefix, not longer than what a verification takes. A prefix
 * has at least three characters, so that nobody opens the look-ups to every junk. It exempts none of the tokens and secrets
 * that bear the service's own prefix, {@code lk}, and no text that looks like any key that was made here: organizations choose
 * their prefixes, and what one of them imports must not make junk of another one's cost look-ups, whoever declares what. So
 * a foreign token that has this form by chance, to the number of its characters, does not verify; who imports under such a
 * prefix is warned.
 */
@Singleton
class ForeignPrefixes {

    static final int MIN_CHARACTERS = 3;
    static final int MAX_CHARACTERS = 32;

    private static final List<String> OURS = List.of("lk_live_", "lk_test_", "lk_secret_");
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final ForeignPrefixTable table;
    private final Lease lease;
    private final AtomicLong changes = new AtomicLong(1);
    private volatile Known known = new Known(new String[0], 0);
    private @Nullable CompletableFuture<Known> waiting;
    private boolean busy;

    ForeignPrefixes(ForeignPrefixTable table, Lease lease) {
        this.table = table;
        this.lease = lease;
    }

    /**
     * @param sorted none of them begins with another
     * @param asOf how many changes had been heard of when it was asked for
     */
    private record Known(String[] sorted, long asOf) {

        /** The text as a token; null where it begins with no declared prefix, or is nothing more than one. */
        @Nullable
        KeyToken token(String text) {
            // Since none begins with another, only the last of those that sort before the text can be what it begins with.
            int place = Arrays.binarySearch(sorted, text);
            String last = place < -1 ? sorted[-place - 2] : null;
            return last != null && text.startsWith(last) ? KeyToken.foreign(text, last.length()) : null;
        }
    }

    /**
     * Goes on with a token of ours or of a declared prefix, or with what it is if it is neither.
     *
     * @param text as it was presented
     */
    <T> Uni<T> read(String text, Function<KeyToken, Uni<T>> token, Supplier<Uni<T>> malformed) {
        KeyToken own = KeyToken.parse(text);
        if (own != null) {
            return token.apply(own);
        }
        if (!mayBeForeign(text)) {
            return malformed.get();
        }
        // Before memory is read, and not after: see Lease.
        boolean believed = lease.holds();
        Known now = known;
        KeyToken foreign = now.token(text);
        if (foreign != null) {
            return token.apply(foreign);
        }
        if (believed && now.asOf == changes.get()) {
            return malformed.get();
        }
        return reread().flatMap(read -> {
            KeyToken declared = read.token(text);
            return declared == null ? malformed.get() : token.apply(declared);
        });
    }

    /** Whether a prefix covers tokens of our own making, or is part of one that does: those have our checksum or are none. */
    static boolean isOurs(String prefix) {
        return OURS.stream().anyMatch(ours -> ours.startsWith(prefix) || prefix.startsWith(ours));
    }

    static boolean isVisibleAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '!' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    /** What was known before is not believed any more where it says no. */
    void forget(@Observes Invalidated change) {
        if (change.scope().organization() == null) {
            changes.incrementAndGet();
        }
    }

    private static boolean mayBeForeign(String text) {
        return text.length() > MIN_CHARACTERS && text.length() <= Secret.MAX_CHARACTERS && isVisibleAscii(text)
                && !KeyToken.hasOwnForm(text);
    }

    private Uni<Known> reread() {
        CompletableFuture<Known> next;
        synchronized (this) {
            if (waiting == null) {
                waiting = new CompletableFuture<>();
            }
            next = waiting;
        }
        ask();
        // A copy: who gives up does so for himself.
        return Uni.createFrom().completionStage(next.copy());
    }

    private void ask() {
        CompletableFuture<Known> asked;
        synchronized (this) {
            if (busy || waiting == null) {
                return;
            }
            busy = true;
            asked = waiting;
            waiting = null;
        }
        long asOf = changes.get();
        table.all().ifNoItem()
                .after(PATIENCE).fail().subscribe().with(declared -> {
                    Known read = new Known(minimal(declared), asOf);
                    known = read;
                    done();
                    asked.complete(read);
                }, fault -> {
                    done();
                    asked.completeExceptionally(fault);
                });
    }

    private void done() {
        synchronized (this) {
            busy = false;
        }
        ask();
    }

    /** Without those that begin with another one. Sorted by bytes they are, which is how Java compares ASCII. */
    private static String[] minimal(List<String> sorted) {
        String[] kept = new String[sorted.size()];
        int count = 0;
        for (String prefix : sorted) {
            if (count == 0 || !prefix.startsWith(kept[count - 1])) {
                kept[count++] = prefix;
            }
        }
        return Arrays.copyOf(kept, count);
    }
}
