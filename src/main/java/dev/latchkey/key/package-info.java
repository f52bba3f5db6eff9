/**
 * API keys: their life, their verification, forward auth for gateways, rate limits, what keys are used for and what of that is
 * worth a look; keys that were issued elsewhere, and those that leaked.
 */
@NullMarked
package dev.latchkey.key;

import org.jspecify.annotations.NullMarked;
