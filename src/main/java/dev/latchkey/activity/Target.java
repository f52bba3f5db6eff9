package dev.latchkey.activity;

import java.util.UUID;

/**
 * What something was done to.
 *
 * @param type {@code key}, {@code store}, {@code organization}, …
 * @param id the object's id
 * @param name what people called it at the time
 */
public record Target(String type, UUID id, String name) {
}
