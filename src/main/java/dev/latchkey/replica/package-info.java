/**
 * The replicas of this service as one: who lives, what each may believe from memory and for how long, and how a change is
 * known to all of them before it is answered.
 */
@NullMarked
package dev.latchkey.replica;

import org.jspecify.annotations.NullMarked;
