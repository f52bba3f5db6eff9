/** Who calls, and what they may do: roles, permissions, and callers as values. */
@NullMarked
package dev.latchkey.identity;

import org.jspecify.annotations.NullMarked;
