/**
 * The only way out to the network, the addresses by which the network is named, and what may be shown of an answer that comes
 * from there.
 */
@org.jspecify.annotations.NullMarked
package dev.latchkey.net;
