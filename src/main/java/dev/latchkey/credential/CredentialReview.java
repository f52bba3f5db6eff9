package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import dev.latchkey.web.Cursors;
import dev.latchkey.web.Page;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** Which credentials are worth a look. */
@Singleton
class CredentialReview {

    /** From when on a credential that nobody has used, or not any more, is a finding; as for keys. */
    private static final Duration UNUSED_SINCE_CREATION = Duration.ofDays(30);
    private static final Duration UNUSED = Duration.ofDays(90);

    // Credentials by the index on (organization_id, id desc), from $2 on; each lateral by primary keys and the index on
    // integration_credential by credential. What renews itself neither ends nor grows old: only what people entered counts.
    private static final String SQL = """
            select f.* from (
                select c.id, c.name, c.type, c.provider, c.created_at, s.expires_at, u.last_used_at, x.since, now() as read_at,
                       o.key_max_age_days, b.integration_id, b.others,
                       array_remove(array[
                           case when s.ends_at <= now() + make_interval(hours => $3) then 'expiring-soon' end,
                           case when x.since <= now() - make_interval(hours => o.key_max_age_days * 24)
                                then 'older-than-policy' end,
                           case when b.integration_id is null then 'unbound' end,
                           case when b.integration_id is not null
                                     and coalesce(u.last_used_at <= now() - make_interval(hours => $5),
                                                  c.created_at <= now() - make_interval(hours => $4))
                                then 'unused' end], null) as reasons
                  from credential c
                  join organization o on o.id = c.organization_id
                  join credential_state s on s.credential_id = c.id
                  left join credential_last_use u on u.credential_id = c.id
                  cross join lateral (
                    select min(updated_at) filter (where field not in ('accessToken', 'refreshToken')) as since
                      from credential_secret where credential_id = c.id) x
                  left join lateral (
                    select i.id as integration_id,
                           array(select n.credential_id from integration_credential n
                                  where n.integration_id = i.id and n.credential_id <> c.id order by 1) as others
                      from integration_credential m join integration i on i.id = m.integration_id
                     where m.credential_id = c.id and i.active order by i.id limit 1) b on true
                 where c.organization_id = $1 and ($2::uuid is null or c.id <= $2) and ($8::uuid is null or c.id = $8)
                 order by c.organization_id, c.id desc) f
             where case when $6::text is null then cardinality(f.reasons) > 0 else $6 = any (f.reasons) end
             order by f.id desc limit $7
            """;

    private final Pool database;
    private final Cursors cursors;

    CredentialReview(Pool database, Cursors cursors) {
        this.database = database;
        this.cursors = cursors;
    }

    /** @param credential null: all of them; the same of the reason */
    record Wanted(@Nullable CredentialFinding reason, @Nullable UUID credential) {
    }

    /**
     * A finding.
     *
     * @param others of the integration that binds it: what else it binds
     */
    record Found(CredentialReviewResource.Reviewed credential, CredentialFinding reason, @Nullable Instant since,
            Instant readAt,
            int maxAgeDays, @Nullable UUID integration, List<UUID> others) {

        String detail(Locale locale) {
            String text = reason.detail().in(locale);
            return switch (reason) {
                case EXPIRING_SOON -> text.formatted(credential.expiresAt());
                case OLDER_THAN_POLICY -> text.formatted(days(since), maxAgeDays);
                case UNBOUND -> text;
                case UNUSED -> text
                        .formatted(days(credential.lastUsedAt() == null ? credential.createdAt() : credential.lastUsedAt()));
            };
        }

        private long days(@Nullable Instant begin) {
            return begin == null ? 0 : Duration.between(begin, readAt).toDays();
        }

        CredentialReviewResource.Action action(Locale locale, boolean allowed) {
            String path = "/api/v1/credentials/" + credential.id();
            String advice = reason.advice().in(locale);
            return switch (reason) {
                case EXPIRING_SOON, OLDER_THAN_POLICY -> new CredentialReviewResource.Action("PATCH", path,
                        Map.of("data", Map.of()), advice, allowed);
                case UNBOUND -> new CredentialReviewResource.Action("DELETE", path, Map.of(), advice, allowed);
                case UNUSED -> new CredentialReviewResource.Action("PATCH", "/api/v1/integrations/" + integration,
                        Map.of("credentialIds", others), advice, allowed);
            };
        }
    }

    /** @throws dev.latchkey.web.ProblemException 400 for a cursor of another list */
    Uni<Page<CredentialReviewResource.Item>> page(UUID organization, Wanted wanted, Page.Limit limit,
            @Nullable String cursor, Locale locale, boolean allowed) {
        CredentialFinding reason = wanted.reason();
        Cursors.Scope scope = cursors.scope("credential-review", organization, reason, wanted.credential());
        Cursors.Place begin = scope.decodePlace(cursor);
        // One more than are shown, and the one that the page before ended with, of which nothing may be left.
        return database.preparedQuery(SQL).execute(Tuple.tuple().addValue(organization)
                .addValue(begin == null ? null : begin.id()).addValue((int) Ending.SOON.toHours())
                .addValue((int) UNUSED_SINCE_CREATION.toHours()).addValue((int) UNUSED.toHours())
                .addValue(reason == null ? null : reason.text()).addValue(limit.rows() + 1)
                .addValue(wanted.credential())).map(rows -> {
                    List<Found> found = rows.stream().flatMap(row -> found(row, reason)).filter(each -> begin == null
                            || !begin.id().equals(each.credential().id()) || each.reason().ordinal() >= begin.shown()).toList();
                    boolean isCut = found.size() > limit.items();
                    List<Found> shown = isCut ? found.subList(0, limit.items()) : found;
                    return new Page<>(shown.stream().map(each -> new CredentialReviewResource.Item(each.credential(),
                            each.reason(), each.detail(locale), each.action(locale, allowed))).toList(),
                            isCut ? scope.encode(place(shown.get(shown.size() - 1))) : null);
                });
    }

    private static Cursors.Place place(Found last) {
        return new Cursors.Place(last.credential().id(), last.reason().ordinal() + 1);
    }

    private static Stream<Found> found(Row row, @Nullable CredentialFinding reason) {
        CredentialReviewResource.Reviewed credential = new CredentialReviewResource.Reviewed(row.getUUID("id"),
                row.getString("name"), CredentialType.of(row.getString("type")), row.getString("provider"),
                row.getOffsetDateTime("created_at").toInstant(), instant(row, "expires_at"), instant(row, "last_used_at"));
        UUID[] others = row.getArrayOfUUIDs("others");
        return Arrays.stream(row.getArrayOfStrings("reasons")).map(CredentialFinding::of)
                .filter(each -> reason == null || each == reason)
                .map(each -> new Found(credential, each, instant(row, "since"),
                        row.getOffsetDateTime("read_at").toInstant(), row.getInteger("key_max_age_days"),
                        row.getUUID("integration_id"), others == null ? List.of() : List.of(others)));
    }

    private static @Nullable Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column) == null ? null : row.getOffsetDateTime(column).toInstant();
    }
}
