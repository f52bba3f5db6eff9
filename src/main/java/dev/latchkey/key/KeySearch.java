package dev.latchkey.key;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

import dev.latchkey.key.KeyForm.Access;
import dev.latchkey.key.KeyQueries.Filter;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * The statement that finds a page of a narrowed list.
 *
 * <p>
 * No one plan is good for every filter. Where many keys match, a walk through the newest finds a page at once, while an index
 * would bring all of them, to be sorted. Where few match, the walk would see the whole organization, and an index brings them
 * at once. PostgreSQL would have to guess which it is, for one organization among many. So it is not asked: first the newest
 * {@link #WALKED} keys are walked through, and only where these do not fill the page, as hardly any key matches, the rest is
 * fetched by indexes. What comes out is the same in either case. Which indexes, it does decide, and for that it is shown the
 * values: the statement is one of those that are not kept prepared. It holds the conditions that were asked for and no others,
 * so that each is one that an index knows (V8): a partial one for each status and access, {@code api_key_search} for text and
 * scope, {@code api_key_store_by_store}.
 *
 * <p>
 * What takes longer, in proportion to the keys of the organization: one or two characters that hardly any key has, since the
 * index knows three; and what many keys match but none of the newest.
 */
final class KeySearch {

    /** Some milliseconds, which is what most searches take at most; organizations with fewer keys need no index. */
    static final int WALKED = 2_000;

    /** Characters that the index knows. */
    private static final int INDEXED = 3;

    /** The first eight characters of an id, or more: fewer are in every id, or a word. */
    private static final Pattern ID_BEGIN = Pattern.compile(
            "(?i)[0-9a-f]{8}(-[0-9a-f]{0,4}|-[0-9a-f]{4}-[0-9a-f]{0,4}|(-[0-9a-f]{4}){2}-[0-9a-f]{0,4}|(-[0-9a-f]{4}){3}-[0-9a-f]{0,12})?");
    private static final String LEAST_ID = "00000000-0000-0000-0000-000000000000";
    private static final String GREATEST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

    /** As {@code api_key_search} has it: no other way to write it would be found in there. */
    private static final String SAID = "lower(k.name || E'\\n' || coalesce(k.description, '') || E'\\n' || k.start)";

    private final List<Object> parameters = new ArrayList<>();
    /** As the walk asks them, and as indexes are asked. */
    private final List<String> conditions = new ArrayList<>();
    private final List<String> indexed = new ArrayList<>();
    private final String organization;
    private final String limit;
    private @Nullable String store;

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
        // By the index on (organization_id, id desc), and no other: were it an equation, the primary key would bring the same
        // order, and PostgreSQL might walk through the newer keys of all other organizations, which it takes for spread evenly.
        String page = "k.organization_id between %1$s and %1$s%2$s".formatted(organization,
                after == null ? "" : " and k.id < " + parameter(after));
        String newest = "order by k.organization_id, k.id desc limit ";
        addConditions(filter);
        if (conditions.isEmpty() && store == null) {
            return select + " where " + page + " " + newest + limit;
        }
        // The walk by that index; what stands behind it only where it did not do, by the indexes of V8. What the answer shows is
        // read of those alone that are on the page, by the primary key.
        return """
                /* planned each time */
                with walked as materialized (
                    select k.id, %s as hit from api_key k where %s %s%d
                ), found as materialized (
                    select id from walked where hit order by id desc limit %s
                ), further as materialized (
                    %s
                )
                %s where k.id = any(array(select id from found
                                          union all (select id from further order by id desc limit %s)))
                 order by k.id desc limit %s
                """.formatted(walk(), page, newest, WALKED, limit, further(), select, limit, limit);
    }

    /** Whether a key matches. */
    private String walk() {
        List<String> all = new ArrayList<>(conditions);
        if (store != null) {
            all.add("(k.all_stores or exists (select from api_key_store s where s.key_id = k.id and s.store_id = " + store
                    + "))");
        }
        return String.join(" and ", all);
    }

    /** Those of all stores and those of this one apart, as there is an index for either and none for both. */
    private String further() {
        List<String> all = new ArrayList<>(indexed);
        // Where the walk ended is asked of each and not of an index, which would bring half of all keys.
        all.add("""
                (select count(*) from found) < %s and (select count(*) from walked) = %d and k.organization_id = %s
                       and (k.id < (select id from walked order by id limit 1)) is true""".formatted(limit, WALKED,
                organization));
        String matches = String.join(" and ", all);
        return store == null ? "select k.id from api_key k where " + matches
                : """
                        select k.id from api_key k where k.all_stores and %s
                        union all
                        select k.id from api_key_store s join api_key k on k.id = s.key_id
                         where s.store_id = %s and not k.all_stores and %s""".formatted(matches, store, matches);
    }

    private void addConditions(Filter filter) {
        store = filter.store() == null ? null : parameter(filter.store());
        if (filter.status() != null) {
            conditions.add(ofStatus(filter.status()));
        }
        if (filter.access() != null) {
            conditions.add(filter.access() == Access.Type.ALL ? "k.all_stores" : "not k.all_stores");
        }
        String scope = filter.scope() == null ? null : "array[" + parameter(filter.scope()) + "::text]";
        if (scope != null) {
            conditions.add("k.scopes @> " + scope);
        }
        indexed.addAll(conditions);
        if (scope != null) {
            indexed.add(marked("null", scope));
        }
        String text = filter.text() == null ? "" : filter.text().strip();
        if (!text.isEmpty()) {
            addText(text);
        }
    }

    private void addText(String text) {
        String sought = "lower(" + parameter(text) + "::text)";
        String said = "strpos(" + SAID + ", " + sought + ") > 0";
        String indexedText = text.length() < INDEXED ? said : said + " and " + marked(sought, "null");
        String range = "";
        if (ID_BEGIN.matcher(text).matches()) {
            range = " or k.id between " + parameter(id(text, LEAST_ID)) + " and " + parameter(id(text, GREATEST_ID));
        }
        conditions.add("(" + said + range + ")");
        indexed.add("(" + indexedText + range + ")");
    }

    /** What the index knows that follows from the conditions. Made for each key, it would cost as much as all of them. */
    private String marked(String text, String scopes) {
        return "search_marks(k.organization_id, " + SAID + ", k.scopes) @> search_marks(" + organization + ", " + text + ", "
                + scopes + ")";
    }

    private static UUID id(String begin, String end) {
        return UUID.fromString(begin + end.substring(begin.length()));
    }

    private static String ofStatus(KeyView.Status status) {
        return switch (status) {
            case REVOKED -> "k.revoked_at is not null";
            case INACTIVE -> "k.revoked_at is null and not k.active";
            case EXPIRED -> "k.revoked_at is null and k.active and k.expires_at <= now()";
            case ACTIVE -> "k.revoked_at is null and k.active and (k.expires_at is null or k.expires_at > now())";
        };
    }

    private String parameter(Object value) {
        parameters.add(value);
        return "$" + parameters.size();
    }
}
