package dev.latchkey.replica;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An operation that answers by {@link InForce#everywhere}. The annotation puts the 202 into the OpenAPI document that it
 * answers where a replica does not confirm in time.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface AnsweredInForce {
}
