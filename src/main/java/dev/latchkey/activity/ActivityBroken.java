package dev.latchkey.activity;

import java.util.UUID;

/**
 * Fired, as a CDI event, when an organization's activity log is found broken: once for each finding on each replica, on the
 * event loop and outside of any transaction. Observers do not block.
 *
 * @param organization whose log it is
 * @param position the first position that does not hold, as far as is known
 * @param flaw what is wrong there
 */
public record ActivityBroken(UUID organization, long position, Flaw flaw) {
}
