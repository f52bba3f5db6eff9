/** Requests that are sent on to the services of others with a credential added, which their senders never see. */
@NullMarked
package dev.latchkey.proxy;

import org.jspecify.annotations.NullMarked;
