/** API keys: their life, their verification, forward auth for gateways, and rate limits. */
@NullMarked
package dev.latchkey.key;

import org.jspecify.annotations.NullMarked;
