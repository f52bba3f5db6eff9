/** Organizations and their stores, and how people come to belong to one. */
@NullMarked
package dev.latchkey.tenant;

import org.jspecify.annotations.NullMarked;
