/** What happened: events in an outbox, written in the transaction of what they tell of, and the types that there are. */
@NullMarked
package dev.latchkey.event;

import org.jspecify.annotations.NullMarked;
