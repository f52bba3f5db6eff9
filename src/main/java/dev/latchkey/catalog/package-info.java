/**
 * Scopes and API methods: what there is to grant, which operation demands what, which request is which operation; and what it
 * means for keys when the platform puts a document of its own in the place of all that.
 */
@org.jspecify.annotations.NullMarked
package dev.latchkey.catalog;
