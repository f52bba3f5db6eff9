package dev.latchkey.key;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.latchkey.key.KeyForm.Access;
import dev.latchkey.key.KeyQueries.Filter;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * The statement that finds a page of a narrowed list.
 *
 * <p>
 * Status, access and stores have indexes in the order of the list (V8): only keys that have them are walked through, and where
 * nothing else is asked, the page is where that walk begins. For scopes and text no one plan is good for every value. Where
 * many keys match, a walk through the newest finds a page at once, while an index would bring all of them. Where few match,
 * the walk would see the whole organization, and an index brings them at once. PostgreSQL would have to guess which it is, for
 * one organization among many. So it is not asked: first the newest {@link #WALKED} keys are walked through, and only where
 * these do not fill the page, the rest is fetched by {@code api_key_search}. What comes out is the same in either case. That
 * index knows no order. What it brings are candidates: ids alone, sorted, and only as many of them read and compared as the
 * page takes, as to compare a text costs several times what it costs to find it. Texts of fewer than three bytes are in no
 * index: the walk goes on.
 *
 * <p>
 * Which indexes, PostgreSQL does decide, and for that it is shown the values: the statement is one of those that are not kept
 * prepared. It holds the conditions that were asked for and no others, so that each is one that an index knows. Of candidates
 * it decides nothing: computed for a key, {@code search_marks} costs as much as fifty others looked at. So what is sought
 * stands in a sub-select, which is taken to be rare whatever it is, and the other conditions of candidates are {@code is
 * true}, which no index answers.
 *
 * <p>
 * What takes longer, in proportion to the keys of the organization: texts of fewer than three bytes that hardly any key has;
 * and a scope or text that most keys have, but none of the newest.
 */
final class KeySearch {

    /** Some milliseconds, which is what most searches take at most; organizations with fewer keys need no index. */
    static final int WALKED = 2_000;

    /** Bytes of a text that the index knows, three after one another. */
    private static final int INDEXED = 3;

    /** The first eight characters of an id, or more: fewer are in every id, or a word. */
    private static final Pattern ID_BEGIN = Pattern.compile(
            "(?i)[0-9a-f]{8}(-[0-9a-f]{0,4}|-[0-9a-f]{4}-[0-9a-f]{0,4}|(-[0-9a-f]{4}){2}-[0-9a-f]{0,4}|(-[0-9a-f]{4}){3}-[0-9a-f]{0,12})?");
    private static final String LEAST_ID = "00000000-0000-0000-0000-000000000000";
    private static final String GREATEST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

    private static final String NEWEST = " order by k.organization_id, k.id desc limit ";

    /** As {@code api_key_search} has it: no other way to write it would be found in there. */
    private static final String SAID = "lower(k.name || E'\\n' || coalesce(k.description, '') || E'\\n' || k.start)";
    private static final String MARKS = "search_marks(k.organization_id, " + SAID
            + ", k.scopes) @> (select sought_marks(%s, %s, %s))";
    /** By the primary key, and never by reading all keys of the store, which exists() leaves open. */
    private static final String OF_STORE = "(k.all_stores or (select true from api_key_store s where s.key_id = k.id and s.store_id = %s))";

    private final List<Object> parameters = new ArrayList<>();
    /** Status and access, which indexes have in the order of the list; the store apart, as it takes two of them. */
    private final List<String> ordered = new ArrayList<>();
    /** Scope and text, as they are asked of a key. */
    private final List<String> compared = new ArrayList<>();
    private final String organization;
    private final String limit;
    private Access.@Nullable Type access;
    private KeyView.@Nullable Status status;
    private @Nullable String store;
    /** What {@code api_key_search} is asked; null: nothing that it knows. */
    private @Nullable String marked;

    private KeySearch(UUID organization, int limit) {
        this.organization = parameter(organization);
        this.limit = parameter(limit);
    }

    /**
     * What is to be executed.
     *
     * @param sql text
     * @param parameters of it
     */
    record Statement(String sql, Tuple parameters) {
    }

    /**
     * @param select that of the answer, of keys {@code k}, up to its {@code where}
     * @param after the id that the page begins behind; null: the first page
     * @param limit rows
     */
    static Statement of(String select, UUID organization, Filter filter, @Nullable UUID after, int limit) {
        KeySearch search = new KeySearch(organization, limit);
        String sql = search.sql(select, filter, after);
        return new Statement(sql, Tuple.from(search.parameters));
    }

    private String sql(String select, Filter filter, @Nullable UUID after) {
        String end = after == null ? null : parameter(after);
        addConditions(filter);
        if (compared.isEmpty() && ordered.isEmpty() && store == null) {
            return select + " where " + own() + (end == null ? "" : " and k.id < " + end) + NEWEST + limit;
        }
        if (compared.isEmpty()) {
            return """
                    /* planned each time */
                    with found as materialized (%s)
                    %s where k.id = any(array(select id from found)) order by k.id desc limit %s
                    """.formatted(walk("k.id", end, limit, List.of()), select, limit);
        }
        // How far is walked stands in a sub-select, so that PostgreSQL takes it for a tenth of what there is: where it takes keys
        // of a status for fewer than they are, it would fetch all of them. What stands behind the walk is executed only where
        // that did not do. What the answer shows is read of those alone that are on the page, by the primary key.
        String hit = String.join(" and ", compared);
        return """
                /* planned each time */
                with walked as materialized (
                    %s
                ), found as materialized (
                    select id from walked where hit order by id desc limit %s
                ), %s
                %s where k.id = any(array(select id from found
                                          union all (select id from further order by id desc limit %s)))
                 order by k.id desc limit %s
                """.formatted(walk("k.id, " + hit + " as hit", end, "(select " + WALKED + ")", List.of()), limit, further(),
                select, limit, limit);
    }

    private String further() {
        String open = "(select count(*) from found) < %s and (select count(*) from walked) = %d".formatted(limit, WALKED);
        String end = "(select id from walked order by id limit 1)";
        if (marked == null) {
            return "further as materialized (" + walk("k.id", end, limit, with(compared, open)) + ")";
        }
        return """
                candidates as materialized (
                    select k.id from api_key k where %s and %s and (%s) is true
                ), further as materialized (
                    select c.id from (select id from candidates order by id desc offset 0) c
                     cross join lateral (select from api_key k where k.id = c.id and %s offset 0) matching limit %s
                )""".formatted(open, marked,
                String.join(" and ", with(ordered, "k.organization_id = " + organization, "k.id < " + end)),
                String.join(" and ", store == null ? compared : with(compared, OF_STORE.formatted(store))), limit);
    }

    /** Newest first, by what is in that order: one of the organization's indexes, or that of the store. */
    private String walk(String columns, @Nullable String end, String limit, List<String> conditions) {
        List<String> all = new ArrayList<>(ordered);
        all.addAll(conditions);
        String keys = "select " + columns + " from api_key k where " + String.join(" and ", with(all, own()))
                + (end == null ? "" : " and k.id < " + end);
        if (store == null || access == Access.Type.ALL) {
            return keys + NEWEST + limit;
        }
        // Those of all stores and those of this one apart, as there is an index for either and none for both. PostgreSQL would
        // join all keys of the store before it takes the newest: a key at a time, unless a status may be what few have.
        String named = "select s.key_id from api_key_store s where s.store_id = " + store
                + (end == null ? "" : " and s.key_id < " + end);
        String own = "k.id = s.key_id and k.organization_id = " + organization + " and "
                + String.join(" and ", with(all, "not k.all_stores"));
        String order = " order by s.key_id desc";
        String some = (status == null
                ? "select k.* from (%s%s offset 0) s cross join lateral (select %s from api_key k where %s offset 0) k"
                        .formatted(named, order, columns, own)
                : "select %s from (%s) s join api_key k on %s".formatted(columns, named, own)) + order + " limit " + limit;
        return access == Access.Type.STORES ? some
                : "select * from ((" + keys + " and k.all_stores" + NEWEST + limit + ") union all (" + some
                        + ")) keys order by id desc limit " + limit;
    }

    /**
     * By an index on (organization_id, id desc), and no other: were it an equation, the primary key would bring the same order,
     * and PostgreSQL might walk through the newer keys of all other organizations, which it takes for spread evenly.
     */
    private String own() {
        return "k.organization_id between %1$s and %1$s".formatted(organization);
    }

    private static List<String> with(List<String> some, String... others) {
        return Stream.concat(some.stream(), Stream.of(others)).toList();
    }

    private void addConditions(Filter filter) {
        store = filter.store() == null ? null : parameter(filter.store());
        status = filter.status();
        if (status != null) {
            ordered.add(ofStatus(status));
        }
        access = filter.access();
        if (access != null) {
            ordered.add(access == Access.Type.ALL ? "k.all_stores" : "not k.all_stores");
        }
        String scope = filter.scope() == null ? "null" : parameter(filter.scope()) + "::text";
        if (filter.scope() != null) {
            // Half as dear as @>.
            compared.add(scope + " = any(k.scopes)");
            marked = MARKS.formatted(organization, "null", scope);
        }
        String text = filter.text() == null ? "" : filter.text().strip();
        if (!text.isEmpty()) {
            addText(text, scope);
        }
    }

    private void addText(String text, String scope) {
        String sought = "lower(" + parameter(text) + "::text)";
        String said = "strpos(" + SAID + ", " + sought + ") > 0";
        if (!ID_BEGIN.matcher(text).matches()) {
            compared.add(said);
            if (text.getBytes(StandardCharsets.UTF_8).length >= INDEXED) {
                marked = MARKS.formatted(organization, sought, scope);
            }
            return;
        }
        String range = "k.id between " + parameter(id(text, LEAST_ID)) + " and " + parameter(id(text, GREATEST_ID));
        compared.add("(" + said + " or " + range + ")");
        marked = "(" + MARKS.formatted(organization, sought, scope) + " or " + range + ")";
    }

    private static UUID id(String begin, String end) {
        return UUID.fromString(begin + end.substring(begin.length()));
    }

    private static String ofStatus(KeyView.Status status) {
        return switch (status) {
            case REVOKED -> "k.revoked_at is not null";
            case INACTIVE -> "k.revoked_at is null and not k.active";
            case EXPIRED -> "k.revoked_at is null and k.active and coalesce(k.expires_at, 'infinity') <= now()";
            case ACTIVE -> "k.revoked_at is null and k.active and coalesce(k.expires_at, 'infinity') > now()";
        };
    }

    private String parameter(Object value) {
        parameters.add(value);
        return "$" + parameters.size();
    }
}
