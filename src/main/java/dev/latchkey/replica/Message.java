package dev.latchkey.replica;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What is said on the channel. Each message is one line of text:
 *
 * <pre>
 * scope                          something changed (from the triggers, in the transaction of the change)
 * c:change:scope                 a change that someone waits for: forget, and acknowledge
 * y:change:replica               that replica has forgotten
 * b:replica:generation:number    a heartbeat, for its sender alone
 * </pre>
 *
 * @param kind what it is
 * @param id of the change, or of the replica whose heartbeat it is
 * @param scope what to forget; with {@code CHANGED} and {@code AWAITED}
 * @param replica who has forgotten; with {@code ACKNOWLEDGED}
 * @param generation of the listening connection; with {@code BEAT}
 * @param number of the heartbeat; with {@code BEAT}
 */
record Message(Kind kind, @Nullable UUID id, @Nullable Scope scope, @Nullable UUID replica, long generation, long number) {

    enum Kind {
        CHANGED,
        AWAITED,
        ACKNOWLEDGED,
        BEAT
    }

    static String awaited(UUID change, Scope scope) {
        return "c:" + change + ":" + scope.text();
    }

    static String acknowledged(UUID change, UUID replica) {
        return "y:" + change + ":" + replica;
    }

    static String beat(UUID replica, long generation, long number) {
        return "b:" + replica + ":" + generation + ":" + number;
    }

    /** What cannot be read is taken for a change of everything: a newer replica may have said it. */
    static Message parse(String text) {
        try {
            String[] parts = text.split(":", 3);
            switch (parts[0]) {
                case "c":
                    return new Message(Kind.AWAITED, UUID.fromString(parts[1]), Scope.parse(parts[2]), null, 0, 0);
                case "y":
                    return new Message(Kind.ACKNOWLEDGED, UUID.fromString(parts[1]), null, UUID.fromString(parts[2]), 0, 0);
                case "b":
                    String[] numbers = parts[2].split(":", 2);
                    return new Message(Kind.BEAT, UUID.fromString(parts[1]), null, null, Long.parseLong(numbers[0]),
                            Long.parseLong(numbers[1]));
                default:
                    return changed(Scope.parse(text));
            }
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException unreadable) {
            return changed(Scope.everything());
        }
    }

    private static Message changed(Scope scope) {
        return new Message(Kind.CHANGED, null, scope, null, 0, 0);
    }
}
