package dev.latchkey.key;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.Catalogs;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** Pages of findings: in the order of keys, newest first, and of one key the most urgent first. */
@Singleton
class Review {

    private final ReviewQuery query;
    private final Catalogs catalogs;
    private final Cursors cursors;

    Review(ReviewQuery query, Catalogs catalogs, Cursors cursors) {
        this.query = query;
        this.catalogs = catalogs;
        this.cursors = cursors;
    }

    /** @throws ProblemException 400 for a cursor of another list */
    Uni<Page<ReviewResource.Item>> page(Keys.Actor actor, ReviewQuery.Filter filter, Page.Limit limit, @Nullable String cursor,
            Locale locale) {
        Cursors.Scope scope = cursors.scope("review", actor.organization(), filter.reason(), filter.key(), filter.store());
        Cursors.Place begin = scope.decodePlace(cursor);
        // One more than are shown, and the one that the page before ended with, of which nothing may be left.
        return query.walk(actor.organization(), filter, begin == null ? null : begin.id(), limit.rows() + 1).flatMap(walk -> {
            List<ReviewFinding> found = findings(walk, filter, begin);
            boolean isCut = found.size() > limit.items();
            List<ReviewFinding> shown = isCut ? found.subList(0, limit.items()) : found;
            Cursors.Place end = isCut ? place(shown.get(shown.size() - 1))
                    : walk.goesOnAt() == null ? null : new Cursors.Place(walk.goesOnAt(), 0);
            return allowed(actor, shown).map(allowed -> new Page<>(shown.stream()
                    .map(finding -> ReviewResource.Item.of(finding, locale, allowed.contains(finding))).toList(),
                    end == null ? null : scope.encode(end)));
        });
    }

    private static List<ReviewFinding> findings(ReviewQuery.Walk walk, ReviewQuery.Filter filter,
            Cursors.@Nullable Place begin) {
        return walk.keys().stream().flatMap(key -> key.reasons().stream()
                .filter(reason -> filter.reason() == null || filter.reason() == reason)
                .filter(reason -> begin == null || !begin.id().equals(key.about().id()) || reason.ordinal() >= begin.shown())
                .map(reason -> new ReviewFinding(key, reason))).toList();
    }

    private static Cursors.Place place(ReviewFinding last) {
        return new Cursors.Place(last.key().about().id(), last.reason().ordinal() + 1);
    }

    /**
     * The findings that this caller may mend as advised. What is edited or revoked is narrowed, which whoever writes keys may
     * do; a replaced token is handed out, to those who hold all that the key holds.
     */
    private Uni<Set<ReviewFinding>> allowed(Keys.Actor actor, List<ReviewFinding> findings) {
        List<ReviewFinding> permitted = findings.stream()
                .filter(finding -> actor.caller().may(finding.call().permission())).toList();
        List<UUID> handedOut = permitted.stream().filter(finding -> finding.call().handsOut())
                .map(finding -> finding.key().about().id()).distinct().toList();
        return withinReach(actor, handedOut)
                .map(within -> permitted.stream()
                        .filter(finding -> !finding.call().handsOut() || within.contains(finding.key().about().id()))
                        .collect(Collectors.toUnmodifiableSet()));
    }

    // One statement for all, by primary keys.
    private Uni<Set<UUID>> withinReach(Keys.Actor actor, List<UUID> ids) {
        return ids.isEmpty() ? Uni.createFrom().item(Set.of())
                : Panache.withSession(() -> Key
                        .<Key> find(
                                "select distinct k from Key k left join fetch k.storeIds where k.organizationId = ?1 and k.id in ?2",
                                actor.organization(), ids)
                        .list())
                        .map(keys -> keys.stream().filter(key -> mayBeHandedTo(actor, key)).map(key -> key.id)
                                .collect(Collectors.toUnmodifiableSet()));
    }

    private boolean mayBeHandedTo(Keys.Actor actor, Key key) {
        try {
            Grants.of(key).requireGivenBy(actor.caller(), actor.own(), Grants.NONE, catalogs.inMemory());
            return true;
        } catch (ProblemException more) {
            return false;
        }
    }
}
