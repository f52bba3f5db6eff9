/** What people are told, in the panel and by e-mail: notices, once for each episode, in the reader's language. */
@NullMarked
package dev.latchkey.notification;

import org.jspecify.annotations.NullMarked;
