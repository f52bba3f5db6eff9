/** Endpoints that events are delivered to: their secrets and signatures, the dispatcher, and the log of deliveries. */
@org.jspecify.annotations.NullMarked
package dev.latchkey.webhook;
