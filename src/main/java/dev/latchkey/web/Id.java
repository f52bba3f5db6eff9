package dev.latchkey.web;

import java.util.UUID;
import java.util.regex.Pattern;

import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * An id in a path. What is no id names nothing, hence 404 like any other address of nothing.
 *
 * @param value the id
 */
@Schema(type = SchemaType.STRING, format = "uuid", examples = "01890a5d-ac96-774b-bcce-b302099a8057")
public record Id(UUID value) {

    /** UUID's own reader takes signs and short groups as well, by which one object would have many addresses. */
    private static final Pattern FORM = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    /** Called by Jakarta REST. */
    public static Id fromString(String text) {
        UUID id = parse(text);
        if (id == null) {
            throw ProblemException.notFound();
        }
        return new Id(id);
    }

    /** The id, when the text is one in its full form. */
    public static @Nullable UUID parse(String text) {
        return FORM.matcher(text).matches() ? UUID.fromString(text) : null;
    }
}
