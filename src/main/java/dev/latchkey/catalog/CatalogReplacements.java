package dev.latchkey.catalog;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.CatalogHistory.Replacing;
import dev.latchkey.replica.InForce;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Puts another catalogue in the place of what is there, and tells what that does to keys: to the platform in the answer, to
 * the organizations that they belong to by a notification.
 */
@Singleton
class CatalogReplacements {

    private final Catalogs catalogs;
    private final CatalogTable table;
    private final HeldGrants held;
    private final CatalogNotices notices;
    private final InForce inForce;
    /** Of one thread: a document of megabytes is read with the help of ten times its size in memory. */
    private final WorkerExecutor reader;

    CatalogReplacements(Catalogs catalogs, CatalogTable table, HeldGrants held, CatalogNotices notices, InForce inForce,
            Vertx vertx) {
        this.catalogs = catalogs;
        this.table = table;
        this.held = held;
        this.notices = notices;
        this.inForce = inForce;
        this.reader = vertx.createSharedWorkerExecutor("latchkey-catalogue", 1, 1, TimeUnit.MINUTES);
    }

    /**
     * What became of a replacement, or would become of it.
     *
     * @param read what was read
     * @param effect on keys
     * @param version of what stands there now
     */
    record Outcome(ApiDocument.Read read, HeldGrants.Effect effect, long version) {
    }

    /** @throws ProblemException 422 for a document that cannot be read */
    Uni<ApiDocument.Read> read(byte[] document, boolean isJson) {
        return onReader(() -> ApiDocument.read(document, isJson));
    }

    /** What a replacement would do, without doing it. */
    Uni<Outcome> preview(ApiDocument.Read read, @Nullable String ifMatch) {
        return catalogs.versioned().invoke(before -> EntityTags.requireMatch(ifMatch, before.version()))
                .flatMap(before -> onReader(() -> Catalog.withService(read.groups()))
                        .flatMap(after -> held.effect(before.catalog(), after))
                        .map(effect -> new Outcome(read, effect, before.version())));
    }

    /**
     * What is replaced by itself is waited for all the same: whoever replaced it first may not have come that far.
     *
     * @throws ProblemException 412 when it has changed since it was read; 422 for too large a catalogue
     */
    Uni<Outcome> replace(Replacing by, @Nullable String ifMatch) {
        return by.isReset() ? replace(by, null, ifMatch)
                : onReader(() -> content(by.read())).flatMap(content -> replace(by, content, ifMatch));
    }

    private Uni<Outcome> replace(Replacing by, @Nullable String content, @Nullable String ifMatch) {
        return inForce.everywhere(Scope.catalog(), table.replace(content, by, ifMatch)).flatMap(replaced -> {
            if (!replaced.changed()) {
                return Uni.createFrom().item(new Outcome(by.read(), HeldGrants.Effect.NONE, replaced.after().version()));
            }
            CatalogHistory.log(by, replaced);
            return effect(replaced).call(effect -> notices.tell(replaced.after().version(), effect.organizations()))
                    .map(effect -> new Outcome(by.read(), effect, replaced.after().version()));
        });
    }

    private Uni<HeldGrants.Effect> effect(CatalogTable.Replaced replaced) {
        return onReader(() -> List.of(CatalogText.catalog(replaced.before().content()),
                CatalogText.catalog(replaced.after().content())))
                .flatMap(both -> held.effect(both.get(0), both.get(1)));
    }

    private static String content(ApiDocument.Read read) {
        String content = CatalogText.write(read.groups());
        if (content.length() > DocumentText.MAX_BYTES) {
            throw ProblemException.invalid(Findings.field(""),
                    "makes too large a catalogue: operations demand too many scopes");
        }
        return content;
    }

    /** Away from the event loop, which a large document would hold up for seconds; answers in the caller's context. */
    private <T> Uni<T> onReader(Callable<T> work) {
        return Uni.createFrom().completionStage(() -> reader.executeBlocking(work).toCompletionStage());
    }
}
