/**
 * How HTTP is spoken here: bodies of any length, problem details that repeat no secret, strict JSON, merge patches, pages,
 * ETags, request ids, client addresses, writes that are carried out once.
 */
@NullMarked
package dev.latchkey.web;

import org.jspecify.annotations.NullMarked;
