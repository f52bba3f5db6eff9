package dev.latchkey.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import jakarta.ws.rs.NameBinding;

/**
 * An operation that takes an {@code Idempotency-Key}: it answers by {@link Idempotency#once}. The annotation has its body kept
 * as it was received, and puts header and answers into the OpenAPI document.
 */
@NameBinding
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface Idempotent {
}
