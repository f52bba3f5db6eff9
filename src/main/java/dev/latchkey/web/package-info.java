/** How HTTP is spoken. */
@org.jspecify.annotations.NullMarked
package dev.latchkey.web;
