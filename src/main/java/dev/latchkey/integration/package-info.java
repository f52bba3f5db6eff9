/** What may use what: integrations, which bind API keys to third-party credentials. */
@NullMarked
package dev.latchkey.integration;

import org.jspecify.annotations.NullMarked;
