/**
 * Third-party credentials: their types and data, the providers that are known, their tests, and what is put on a request to
 * sign it in.
 */
@NullMarked
package dev.latchkey.credential;

import org.jspecify.annotations.NullMarked;
