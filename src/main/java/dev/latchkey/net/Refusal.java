package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

/**
 * Why a destination is not called, told when it is written down.
 *
 * @param atSight whether the text alone decides: a literal address that is blocked, or a scheme. Then it is told in full.
 *        What needs a look-up is told in the words in which a closed port would be, since a name may lead inside
 * @param message for a person, in English; repeats nothing of the text
 */
public record Refusal(boolean atSight, String message) {
    public Refusal {
        requireNonNull(message, "message");
    }
}
