/** The panel: how people sign in to it, and how its pages are served. */
@NullMarked
package dev.latchkey.panel;

import org.jspecify.annotations.NullMarked;
