package dev.latchkey.credential;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The rows of a pair of tokens: the statement of {@link Pairs}, which is one so that all of it stands together. */
@Singleton
class PairTable {

    private static final String ACCESS = "accessToken";
    private static final String REFRESH = "refreshToken";

    private final Pool database;

    PairTable(Pool database) {
        this.database = database;
    }

    /**
     * That a person has agreed to what was given.
     *
     * @param keeps whether a refresh token that the answer does not name is the one that stands
     * @param account null: not told
     * @param scopes what was granted
     * @param parameters of the redirect, kept
     * @param by who connected it
     */
    record Agreed(boolean keeps, @Nullable ConnectedAccount account, List<String> scopes, Map<String, String> parameters,
            String by) {
    }

    /**
     * What is written beside the tokens.
     *
     * @param refreshEnds null: as it was, where the refresh token stays
     * @param endsForGood when it ends and nothing renews it; null: it does not
     */
    record Planned(String host, String app, Instant issued, @Nullable Instant refreshEnds, @Nullable Instant endsForGood,
            RenewalPlan plan) {
    }

    /**
     * A pair to be written.
     *
     * @param agreed null: it was renewed
     */
    record Wanted(OpenCredential opened, long pairVersion, Granted granted, @Nullable Agreed agreed, Planned planned) {

        /** Whether nothing is left of the pair that stands. */
        boolean isWhole() {
            return granted.refreshToken() != null || agreed != null && !agreed.keeps();
        }
    }

    /**
     * The version of the pair that stands. To be read before the tokens are, so that what changes in between is noticed.
     *
     * @throws ProblemException 404
     */
    Uni<Long> version(UUID organization, UUID credential) {
        // By primary key.
        return database.preparedQuery("select pair_version from credential where organization_id = $1 and id = $2")
                .execute(Tuple.of(organization, credential)).map(rows -> rows.stream().findFirst()
                        .map(row -> row.getLong("pair_version")).orElseThrow(ProblemException::notFound));
    }

    // The row of the credential first, which all others wait for that write of it; the rest only where that was written. A
    // sealed field is set anew even where the provider gives the same token once more, so that the version moves with each
    // answer. $18: nothing is left of the pair that stood, so that a refresh token that is not replaced goes; else it ends when
    // it ends, as does one whose end has moved by less than half of the time that has passed: it belongs to a session that ends.
    // A test that has refused the old token says nothing of the new one: one follows soon. $19: somebody has connected
    // it, and whose it is stands with the pair from the same moment on; what was not connected may be used from here on, should
    // nobody come to say how it is. What people are told of the former pair is left to whoever says that, and to
    // RenewalQueries.unsettled should he be killed before. By primary keys.
    private static final String WRITE = """
            with former as (
                select scopes, issued_at, refresh_ends_at from credential_renewal where credential_id = $2
            ), pair as (
                update credential c
                   set data = case when $5::text is null then c.data - 'expiresAt'
                                   else jsonb_set(c.data, '{expiresAt}', to_jsonb($5::text)) end,
                       sealed = (case when $18::boolean then c.sealed - 'refreshToken' else c.sealed end)
                                || (select jsonb_object_agg(f, $4 + 1) from unnest($6::text[]) f),
                       material_version = c.material_version + 1
                 where c.organization_id = $1 and c.id = $2 and c.pair_version = $3 and c.material_version = $4
                returning c.id, c.organization_id, c.pair_version
            ), gone as (
                delete from credential_secret x using pair p
                 where x.credential_id = p.id and x.field = 'refreshToken' and $18::boolean
                   and not x.field = any ($6::text[])
            ), tokens as (
                insert into credential_secret (credential_id, field, organization_id, sealed, updated_at)
                select p.id, f.field, p.organization_id, f.sealed, now()
                  from pair p cross join unnest($6::text[], $7::bytea[]) f (field, sealed)
                on conflict (credential_id, field) do update set sealed = excluded.sealed, updated_at = excluded.updated_at
            ), connected as (
                insert into credential_connection (credential_id, organization_id, account, account_from, scopes, parameters,
                                                   connected_by, connected_at)
                select p.id, p.organization_id, $20::text, $21::text, $22::text[], $23::jsonb, $24::text, now()
                  from pair p where $19::boolean
                on conflict (credential_id) do update
                   set account = excluded.account, account_from = excluded.account_from, scopes = excluded.scopes,
                       parameters = excluded.parameters, connected_by = excluded.connected_by,
                       connected_at = excluded.connected_at
            ), planned as (
                insert into credential_renewal as r (credential_id, organization_id, host, app, issued_at, refresh_ends_at,
                                                     scopes, due_at)
                select p.id, p.organization_id, $8, $9, $10::timestamptz, $11::timestamptz, $12::text, $13::timestamptz
                  from pair p
                on conflict (credential_id) do update
                   set host = excluded.host, app = excluded.app, issued_at = excluded.issued_at,
                       refresh_ends_at = case when $18::boolean then excluded.refresh_ends_at
                                              else coalesce(excluded.refresh_ends_at, r.refresh_ends_at) end,
                       scopes = case when $19::boolean then excluded.scopes else coalesce(excluded.scopes, r.scopes) end,
                       due_at = greatest(excluded.due_at - r.jitter * $14::float8 * interval '1 millisecond',
                                         $15::timestamptz),
                       lease_until = null, attempt = 0, presented = 0, error = null, http_status = null,
                       failing_since = null
                returning r.credential_id, r.told, r.refresh_ends_at
            ), shown as (
                update credential_state s
                   set expires_at = $16::timestamptz, last_renewed_at = now(),
                       ends_at = coalesce($17::timestamptz,
                                          case when not $18::boolean
                                                    or not $19::boolean and now() - former.issued_at > interval '1 minute'
                                                       and p.refresh_ends_at - former.refresh_ends_at
                                                           < (now() - former.issued_at) / 2
                                               then p.refresh_ends_at end),
                       due_at = case when s.status = 'green' or s.host = '' then s.due_at else least(s.due_at, now()) end,
                       reason = case when $19::boolean and s.reason = 'not-connected' then 'not-verifiable'
                                     else s.reason end
                  from planned p left join former on true where s.credential_id = p.credential_id
                returning s.credential_id, s.status, s.renewal
            )
            select p.pair_version, f.scopes as former_scopes,
                   coalesce(d.told is not null or s.renewal is not null or s.status <> 'green', false) as recovering
              from pair p left join planned d on d.credential_id = p.id left join shown s on s.credential_id = p.id
              left join former f on true
            """;

    /** Writes it; null where something else stands by now. */
    Uni<Pairs.@Nullable Stored> write(Wanted wanted, DataKey key) {
        OpenCredential opened = wanted.opened();
        Granted granted = wanted.granted();
        long version = opened.materialVersion() + 1;
        List<String> fields = new ArrayList<>(List.of(ACCESS));
        List<Buffer> sealed = new ArrayList<>(List.of(seal(opened, ACCESS, version, granted.accessToken(), key)));
        if (granted.refreshToken() != null) {
            fields.add(REFRESH);
            sealed.add(seal(opened, REFRESH, version, granted.refreshToken(), key));
        }
        Instant ends = granted.expiresAt();
        Planned planned = wanted.planned();
        RenewalPlan plan = planned.plan();
        Tuple values = Tuple.tuple().addValue(opened.organization()).addValue(opened.id()).addValue(wanted.pairVersion())
                .addValue(opened.materialVersion()).addValue(ends == null ? null : ends.toString())
                .addValue(fields.toArray(String[]::new)).addValue(sealed.toArray(Buffer[]::new))
                .addValue(planned.host()).addValue(planned.app()).addValue(at(planned.issued()))
                .addValue(at(planned.refreshEnds()))
                .addValue(granted.scopes().isEmpty() ? null : String.join(" ", granted.scopes()))
                .addValue(at(plan.at())).addValue((double) plan.spread().toMillis()).addValue(at(plan.notBefore()))
                .addValue(at(ends)).addValue(at(planned.endsForGood())).addValue(wanted.isWhole());
        return database.preparedQuery(WRITE).execute(with(values, wanted.agreed())).map(rows -> {
            for (Row row : rows) {
                return new Pairs.Stored(Pairs.Stored.Code.STORED, row.getLong("pair_version"), row.getBoolean("recovering"),
                        lost(row.getString("former_scopes"), granted.scopes()));
            }
            return null;
        });
    }

    private static Tuple with(Tuple values, @Nullable Agreed agreed) {
        if (agreed == null) {
            return values.addValue(false).addValue(null).addValue(null).addValue(new String[0]).addValue(new JsonObject())
                    .addValue(null);
        }
        ConnectedAccount account = agreed.account();
        JsonObject parameters = new JsonObject();
        agreed.parameters().forEach(parameters::put);
        return values.addValue(true).addValue(account == null ? null : account.id())
                .addValue(account == null ? null : account.from().text()).addValue(agreed.scopes().toArray(String[]::new))
                .addValue(parameters).addValue(agreed.by());
    }

    /** Compared with what the provider itself has said before: its names need not be those that were asked for. */
    private static List<String> lost(@Nullable String former, List<String> granted) {
        return former == null || granted.isEmpty() ? List.of()
                : Arrays.stream(former.split(" ")).filter(scope -> !granted.contains(scope)).toList();
    }

    private static Buffer seal(OpenCredential opened, String field, long version, Secret token, DataKey key) {
        return Buffer.buffer(key.seal(token.reveal().getBytes(StandardCharsets.UTF_8),
                CredentialSecrets.place(opened.organization(), opened.id(), field, version)));
    }

    private static @Nullable OffsetDateTime at(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
