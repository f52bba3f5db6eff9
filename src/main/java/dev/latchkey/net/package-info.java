/** The only way out to the network, and the addresses by which the network is named. */
@org.jspecify.annotations.NullMarked
package dev.latchkey.net;
