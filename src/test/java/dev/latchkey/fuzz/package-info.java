/** Random requests, drawn from the OpenAPI document: none may find a 5xx, a leak or an answer that is not documented. */
@NullMarked
package dev.latchkey.fuzz;

import org.jspecify.annotations.NullMarked;
