package dev.latchkey.web;

import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, newest first.
 *
 * @param items at most as many as were asked for
 * @param nextCursor where the next page begins; null on the last one
 */
public record Page<T>(List<T> items,
        @Schema(description = "Where the next page begins; null on the last one") @Nullable String nextCursor) {

    /**
     * @param rows up to {@link Limit#rows()}
     * @param id by which the list is ordered
     * @param scope the list that the cursor belongs to
     */
    public static <R, T> Page<T> of(List<R> rows, Limit wanted, Function<R, UUID> id, Function<R, T> view,
            Cursors.Scope scope) {
        int limit = wanted.items();
        boolean more = rows.size() > limit;
        List<R> shown = more ? rows.subList(0, limit) : rows;
        return new Page<>(shown.stream().map(view).toList(), more ? scope.encode(id.apply(shown.get(limit - 1))) : null);
    }

    /**
     * How many items a caller wants on a page.
     *
     * @param items 1 to 200
     */
    @Schema(name = "PageLimit", type = SchemaType.INTEGER, minimum = "1", maximum = "200", defaultValue = "50")
    public record Limit(int items) {

        public static final String DEFAULT = "50";
        private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,2}");
        private static final int MAX = 200;

        /**
         * Called by Jakarta REST.
         *
         * @throws ProblemException 422
         */
        public static Limit fromString(String text) {
            if (!NUMBER.matcher(text).matches() || Integer.parseInt(text) > MAX) {
                throw ProblemException.invalid("limit", "must be a number from 1 to " + MAX);
            }
            return new Limit(Integer.parseInt(text));
        }

        /** What to read: one more, to know whether there is a next page. */
        public int rows() {
            return items + 1;
        }
    }
}
