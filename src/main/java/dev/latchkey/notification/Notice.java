package dev.latchkey.notification;

import java.util.Map;

import dev.latchkey.activity.Target;
import org.jspecify.annotations.Nullable;

/**
 * Something to tell people.
 *
 * @param kind what it is
 * @param episode names what is wrong until it has recovered, within kind and organization; null for what is over as it is told
 * @param target what it is about
 * @param parameters what the kind's texts name in braces; never a secret
 */
public record Notice(NoticeKind kind, @Nullable String episode, Target target, Map<String, String> parameters) {

    /** A parameter: the page of the panel where this one is mended, where that is another than its kind's. */
    public static final String PAGE = "page";

    public Notice {
        parameters = Map.copyOf(parameters);
    }

    /** Told once until {@link Notifications#resolve} ends the episode; of several that tell it at once, one does. */
    public static Notice ofEpisode(NoticeKind kind, String episode, Target target, Map<String, String> parameters) {
        return new Notice(kind, episode, target, parameters);
    }

    /** Told each time. */
    public static Notice once(NoticeKind kind, Target target, Map<String, String> parameters) {
        return new Notice(kind, null, target, parameters);
    }
}
