/** How HTTP is spoken here: problem details, strict JSON, merge patches, pages, ETags, request ids, client addresses. */
@NullMarked
package dev.latchkey.web;

import org.jspecify.annotations.NullMarked;
