package dev.latchkey.tenant;

import java.util.UUID;

/**
 * Something of an organization that verdicts depend on has changed, or may have: its settings, its stores, or that it is there
 * at all. Fired after the commit and before the answer; whoever remembers anything derived from them forgets it.
 *
 * @param organization the organization's id
 */
public record OrganizationChanged(UUID organization) {
}
