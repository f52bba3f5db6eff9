/** The recipes of {@code docs/recipes}, followed as their readers do. */
@NullMarked
package dev.latchkey.recipe;

import org.jspecify.annotations.NullMarked;
