/**
 * How HTTP is spoken here: bodies of any length, problem details that repeat no secret, strict JSON, merge patches, pages,
 * ETags, request ids, client addresses, lists that are narrowed, writes that are carried out once, and a stop that cuts nobody
 * off.
 */
@NullMarked
package dev.latchkey.web;

import org.jspecify.annotations.NullMarked;
