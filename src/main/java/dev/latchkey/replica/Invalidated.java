package dev.latchkey.replica;

/**
 * What this replica remembers of {@code scope} may be wrong from now on. A CDI event, handled synchronously: when its observers
 * have returned, nothing that was read before is believed any more, and no load or grant that began before is joined or kept.
 * An observer that throws costs the replica its lease.
 */
public record Invalidated(Scope scope) {
}
