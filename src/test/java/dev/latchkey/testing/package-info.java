/** What tests start and fake: the database, tokens, the packaged application. */
@org.jspecify.annotations.NullMarked
package dev.latchkey.testing;
