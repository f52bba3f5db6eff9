package dev.latchkey.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Fields of a form that a PATCH refuses, though a creation takes them; the OpenAPI document leaves them out of the patch. */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface NotEditable {

    String[] value();

    /** The name of the patch's schema, where operations on one form refuse different fields; else that of the form decides. */
    String schema() default "";
}
