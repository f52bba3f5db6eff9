package dev.latchkey.credential;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * The pair of tokens that a credential has: the one place that replaces it by another that an endpoint has given.
 *
 * <p>
 * <b>Invariant:</b> a pair is replaced only by what was given for it. {@code credential.pair_version} names the pair that
 * stands, and a trigger raises it whenever either token changes, whoever writes. What was given for another pair is dropped:
 * whoever stored that one was connected anew, or was faster. Nothing else counts, neither a lease nor who holds it: a pair that
 * was given and is not stored is a grant that is lost. In particular an edit of anything else does not stand in the way; it
 * raises the material version that the seal is bound to, so that the pair is sealed again and written then.
 *
 * <p>
 * One statement, so that pair, plan and state stand together or not at all; and neither ETag nor the people's edit moves.
 */
@Singleton
class Pairs {

    private static final String ACCESS = "accessToken";
    private static final String REFRESH = "refreshToken";

    private final Pool database;
    private final OpenCredentials open;
    private final CredentialSecrets secrets;
    private final CredentialChecks checks;
    private final RenewalApps apps;
    private final RenewalConfig config;
    private final InstantSource clock;

    Pairs(Pool database, OpenCredentials open, CredentialSecrets secrets, CredentialChecks checks, RenewalApps apps,
            RenewalConfig config, InstantSource clock) {
        this.database = database;
        this.open = open;
        this.secrets = secrets;
        this.checks = checks;
        this.apps = apps;
        this.config = config;
        this.clock = clock;
    }

    /**
     * What became of a pair.
     *
     * @param pairVersion of the pair that stands now; 0 where none does
     * @param isRecovering whether it was not green, or people have been told that it fails: {@link RenewalEpisodes#recovered}
     *        is to follow
     * @param lostScopes what its provider had granted once, and does not any more: {@link RenewalEpisodes#narrowed} is to
     *        follow
     */
    record Stored(Code code, long pairVersion, boolean isRecovering, List<String> lostScopes) {

        /** That nothing was written. */
        static Stored not(Code code, long pairVersion) {
            return new Stored(code, pairVersion, false, List.of());
        }

        /** How it ended. */
        enum Code {
            STORED,
            /** Another pair stands than that which it was given for. */
            MOVED,
            /** The credential is deleted, or OAuth 2 no more. */
            GONE
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

    /**
     * Stores what was given for the pair of that version, unless another one stands.
     *
     * @throws ProblemException 409 or 503 where the credential does not open, 422 where it fits its provider's entry no more
     */
    Uni<Stored> store(UUID organization, UUID credential, long pairVersion, Granted granted) {
        return open.of(organization, credential).flatMap(stored -> store(stored, pairVersion, granted, clock.instant()))
                .onFailure(Pairs::isNotFound).recoverWithItem(Stored.not(Stored.Code.GONE, 0));
    }

    /**
     * The same of one that was opened when the pair was that of the version.
     *
     * @param issued when it was given, by the database's clock
     */
    Uni<Stored> store(OpenCredential opened, long pairVersion, Granted granted, Instant issued) {
        if (!(opened.data() instanceof OAuth2 before)) {
            return Uni.createFrom().item(Stored.not(Stored.Code.GONE, 0));
        }
        Planned planned = planned(opened.organization(), checks.material(opened), with(before, granted), granted, issued);
        return secrets.key(opened.organization()).flatMap(key -> write(opened, pairVersion, granted, planned, key))
                .flatMap(stored -> stored != null ? Uni.createFrom().item(stored)
                        : again(opened, pairVersion, granted, issued));
    }

    /** Edited in between: the same for what stands now, as long as the pair is that one. */
    private Uni<Stored> again(OpenCredential opened, long pairVersion, Granted granted, Instant issued) {
        return version(opened.organization(), opened.id())
                .flatMap(now -> now != pairVersion ? Uni.createFrom().item(Stored.not(Stored.Code.MOVED, now))
                        : open.of(opened.organization(), opened.id())
                                .flatMap(current -> store(current, pairVersion, granted, issued)))
                .onFailure(Pairs::isNotFound).recoverWithItem(Stored.not(Stored.Code.GONE, 0));
    }

    private static boolean isNotFound(Throwable fault) {
        return fault instanceof ProblemException problem && problem.code().status() == 404;
    }

    private static OAuth2 with(OAuth2 before, Granted granted) {
        Secret refresh = granted.refreshToken() == null ? before.refreshToken() : granted.refreshToken();
        return new OAuth2(before.grant(), before.clientId(), before.clientSecret(), before.tokenUrl(), before.authorizeUrl(),
                before.revokeUrl(), before.scopes(), granted.accessToken(), refresh, granted.expiresAt(), before.clientAuth(),
                before.pkce());
    }

    /** As the answer says, else as the entry knows of each new one; null: of one that stays, as it was. */
    private static @Nullable Instant refreshEnds(Granted granted, @Nullable Provider provider, Instant issued) {
        if (granted.refreshEndsAt() != null) {
            return granted.refreshEndsAt();
        }
        Duration lifetime = provider == null || provider.oauth2() == null ? null
                : provider.oauth2().renewal().refreshTokenLifetime();
        return granted.refreshToken() == null || lifetime == null ? null : issued.plus(lifetime);
    }

    /**
     * What is written beside the tokens.
     *
     * @param refreshEnds null: as it was, where the refresh token stays
     * @param endsForGood when it ends and nothing renews it; null: it does not
     */
    private record Planned(String host, String app, Instant issued, @Nullable Instant refreshEnds,
            @Nullable Instant endsForGood, RenewalPlan plan) {
    }

    private Planned planned(UUID organization, CredentialMaterial material, OAuth2 data, Granted granted, Instant issued) {
        Provider provider = material.provider();
        TokenRequests.Kind kind = TokenRequests.kind(data, provider);
        String host = TokenRequests.host(organization, material, data, kind);
        Instant refreshEnds = kind == TokenRequests.Kind.REFRESH_TOKEN ? refreshEnds(granted, provider, issued) : null;
        return new Planned(host, apps.of(host, data), issued, refreshEnds, Ending.forGood(data, provider),
                RenewalPlan.of(kind, data, provider, issued, refreshEnds, config.lead()));
    }

    // The row of the credential first, which all others wait for that write of it; the rest only where that was written. A
    // sealed field is set anew even where the provider gives the same token once more, so that the version moves with each
    // answer. A refresh token that is not replaced ends when it ends. A test that has refused the old token says nothing of the
    // new one: one follows soon. By primary keys.
    private static final String WRITE = """
            with former as (
                select scopes from credential_renewal where credential_id = $2
            ), pair as (
                update credential c
                   set data = case when $5::text is null then c.data - 'expiresAt'
                                   else jsonb_set(c.data, '{expiresAt}', to_jsonb($5::text)) end,
                       sealed = c.sealed || (select jsonb_object_agg(f, $4 + 1) from unnest($6::text[]) f),
                       material_version = c.material_version + 1
                 where c.organization_id = $1 and c.id = $2 and c.pair_version = $3 and c.material_version = $4
                returning c.id, c.organization_id, c.pair_version
            ), tokens as (
                insert into credential_secret (credential_id, field, organization_id, sealed, updated_at)
                select p.id, f.field, p.organization_id, f.sealed, now()
                  from pair p cross join unnest($6::text[], $7::bytea[]) f (field, sealed)
                on conflict (credential_id, field) do update set sealed = excluded.sealed, updated_at = excluded.updated_at
            ), planned as (
                insert into credential_renewal as r (credential_id, organization_id, host, app, issued_at, refresh_ends_at,
                                                     scopes, due_at)
                select p.id, p.organization_id, $8, $9, $10::timestamptz, $11::timestamptz, $12::text, $13::timestamptz
                  from pair p
                on conflict (credential_id) do update
                   set host = excluded.host, app = excluded.app, issued_at = excluded.issued_at,
                       refresh_ends_at = case when cardinality($6::text[]) > 1 then excluded.refresh_ends_at
                                              else coalesce(excluded.refresh_ends_at, r.refresh_ends_at) end,
                       scopes = coalesce(excluded.scopes, r.scopes),
                       due_at = greatest(excluded.due_at - r.jitter * $14::float8 * interval '1 millisecond',
                                         $15::timestamptz),
                       lease_until = null, attempt = 0, presented = 0, error = null, http_status = null,
                       failing_since = null
                returning r.credential_id, r.told, r.refresh_ends_at
            ), shown as (
                update credential_state s
                   set expires_at = $16::timestamptz, last_renewed_at = now(),
                       ends_at = coalesce($17::timestamptz,
                                          case when cardinality($6::text[]) = 1 then p.refresh_ends_at end),
                       due_at = case when s.status = 'green' or s.host = '' then s.due_at else least(s.due_at, now()) end
                  from planned p where s.credential_id = p.credential_id
                returning s.credential_id, s.status, s.renewal
            )
            select p.pair_version, f.scopes as former_scopes,
                   coalesce(d.told is not null or s.renewal is not null or s.status <> 'green', false) as recovering
              from pair p left join planned d on d.credential_id = p.id left join shown s on s.credential_id = p.id
              left join former f on true
            """;

    private Uni<@Nullable Stored> write(OpenCredential opened, long pairVersion, Granted granted, Planned planned,
            DataKey key) {
        long version = opened.materialVersion() + 1;
        List<String> fields = new ArrayList<>(List.of(ACCESS));
        List<Buffer> sealed = new ArrayList<>(List.of(seal(opened, ACCESS, version, granted.accessToken(), key)));
        if (granted.refreshToken() != null) {
            fields.add(REFRESH);
            sealed.add(seal(opened, REFRESH, version, granted.refreshToken(), key));
        }
        Instant ends = granted.expiresAt();
        RenewalPlan plan = planned.plan();
        return database.preparedQuery(WRITE)
                .execute(Tuple.tuple().addValue(opened.organization()).addValue(opened.id()).addValue(pairVersion)
                        .addValue(opened.materialVersion()).addValue(ends == null ? null : ends.toString())
                        .addValue(fields.toArray(String[]::new)).addValue(sealed.toArray(Buffer[]::new))
                        .addValue(planned.host()).addValue(planned.app()).addValue(at(planned.issued()))
                        .addValue(at(planned.refreshEnds()))
                        .addValue(granted.scopes().isEmpty() ? null : String.join(" ", granted.scopes()))
                        .addValue(at(plan.at())).addValue((double) plan.spread().toMillis()).addValue(at(plan.notBefore()))
                        .addValue(at(ends)).addValue(at(planned.endsForGood())))
                .map(rows -> {
                    for (Row row : rows) {
                        return new Stored(Stored.Code.STORED, row.getLong("pair_version"), row.getBoolean("recovering"),
                                lost(row.getString("former_scopes"), granted.scopes()));
                    }
                    return null;
                });
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
