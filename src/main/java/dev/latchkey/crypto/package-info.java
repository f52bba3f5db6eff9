/** Sealing and digests: the only place that holds key bytes and calls {@code javax.crypto}. */
@NullMarked
package dev.latchkey.crypto;

import org.jspecify.annotations.NullMarked;
