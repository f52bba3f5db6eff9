/** How Latchkey starts: the embedded database, the generated keys, the local issuer, and the checks that refuse to start. */
@org.jspecify.annotations.NullMarked
package dev.latchkey.boot;
