/**
 * How Latchkey starts: the embedded database, the generated keys, the local issuer, the migrations, and the checks that refuse
 * to start.
 */
@org.jspecify.annotations.NullMarked
package dev.latchkey.boot;
