/** API keys: their life, their verification, forward auth for gateways, rate limits, and what keys are used for. */
@NullMarked
package dev.latchkey.key;

import org.jspecify.annotations.NullMarked;
