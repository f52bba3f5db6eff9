/** What was done, by whom, to what: entries written with each change, and chained so that nobody can edit the past. */
@NullMarked
package dev.latchkey.activity;

import org.jspecify.annotations.NullMarked;
