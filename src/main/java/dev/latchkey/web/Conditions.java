package dev.latchkey.web;

import java.time.Instant;
import java.time.ZoneOffset;

import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * What a list is narrowed to, as the end of a statement's {@code where}: only the conditions that are asked for stand in it, so
 * that the plan is made for them.
 */
public final class Conditions {

    private final StringBuilder sql = new StringBuilder();
    private final Tuple values;

    /** @param values of what stands before these in the statement; theirs are added to it */
    public Conditions(Tuple values) {
        this.values = values;
    }

    /** One that compares with nothing. */
    public Conditions and(String condition) {
        sql.append(" and ").append(condition);
        return this;
    }

    /**
     * One that compares with a value.
     *
     * @param condition in which {@code ?} is the value
     * @param value null: it is not asked for
     */
    public Conditions and(String condition, @Nullable Object value) {
        return value == null ? this : and(condition.replace("?", place(value)));
    }

    /** The place of one more value in the statement. */
    public String place(Object value) {
        return "$" + values.addValue(value instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : value).size();
    }

    /** All of them, each with an {@code and} before it. */
    @Override
    public String toString() {
        return sql.toString();
    }
}
