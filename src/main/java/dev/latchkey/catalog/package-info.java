/** Scopes and API methods: what there is to grant, which operation demands what, and which request is which operation. */
@org.jspecify.annotations.NullMarked
package dev.latchkey.catalog;
