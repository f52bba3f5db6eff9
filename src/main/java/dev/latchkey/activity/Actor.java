package dev.latchkey.activity;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Origin;

/**
 * Who did something.
 *
 * @param type what it is
 * @param id a person's subject, a key's id, or the name of a job of this service
 * @param name what people call it
 * @param origin where the request came from
 */
public record Actor(Type type, String id, String name, Origin origin) {

    /** What an actor can be. */
    public enum Type {
        PERSON,
        KEY,
        SYSTEM
    }

    public static Actor of(Caller caller) {
        Type type = switch (caller.kind()) {
            case PERSON -> Type.PERSON;
            case KEY -> Type.KEY;
        };
        return new Actor(type, caller.id(), caller.name(), caller.origin());
    }

    /** This service itself, of its own accord. */
    public static Actor system(String job) {
        return new Actor(Type.SYSTEM, job, "Latchkey", Origin.NOWHERE);
    }
}
